// Zoom and pan of a player's picture, by wheel, drag, pinch and buttons. A view is how many pixels
// a unit of the picture takes, and the point that is in the middle of the stage.

/* exported makeView */
function makeView(svg, stage, isFramed) {
  const READABLE = 0.9; // pixels a unit: smaller than that, letters are hard to read
  const [left, top, wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
  const view = { scale: 1, x: 0, y: 0 };
  const pointers = new Map();
  let isOpen = false; // a frame in a notebook may have no room at first
  let isFit = false; // whether the whole picture is shown, and is to be when the room changes
  let dragged = 0; // how far, to tell a drag from a click

  const whole = () => Math.min(stage.clientWidth / wide, stage.clientHeight / high, 2.5);

  /** The picture is moved as a whole: a new viewBox would lay out every text of it again. */
  function show(scale, x, y) {
    isFit = false;
    Object.assign(view, { scale, x, y });
    const dx = (left - x) * scale + stage.clientWidth / 2;
    const dy = (top - y) * scale + stage.clientHeight / 2;
    svg.style.width = `${wide * scale}px`;
    svg.style.height = `${high * scale}px`;
    svg.style.transform = `translate(${dx}px, ${dy}px)`;
  }

  function resize() {
    if (!isOpen) open();
    else if (isFit) fit();
    else show(view.scale, view.x, view.y);
  }

  function fit() {
    show(whole(), left + wide / 2, top + high / 2);
    isFit = true;
  }

  /** The whole picture, or of a large one as much from its beginning as is readable. */
  function open() {
    isOpen = stage.clientWidth > 0;
    if (!isOpen) return;
    if (whole() > READABLE / 2) return fit();
    const half = (room, extent) => Math.min(room / READABLE, extent) / 2;
    show(READABLE, left + half(stage.clientWidth, wide), top + half(stage.clientHeight, high));
  }

  /** Zoom so that the point under the pointer, in pixels from the middle, stays where it is. */
  function zoom(by, dx = 0, dy = 0) {
    const scale = Math.max(whole() / 2, Math.min(8, view.scale * by));
    const shift = 1 / view.scale - 1 / scale;
    show(scale, view.x + dx * shift, view.y + dy * shift);
  }

  /** Bring a part of the picture to the middle where it is out of view, or just within. */
  function reveal(part) {
    if (isFit || !isOpen) return;
    const [box, frame] = [part.getBoundingClientRect(), stage.getBoundingClientRect()];
    const margin = frame.width / 12;
    const isOut = box.left < frame.left + margin || box.right > frame.right - margin ||
      box.top < frame.top || box.bottom > frame.bottom;
    if (!isOut) return;
    const [dx, dy] = fromMiddle((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    show(view.scale, view.x + dx / view.scale, view.y + dy / view.scale);
  }

  function fromMiddle(x, y) {
    const frame = stage.getBoundingClientRect();
    return [x - frame.left - frame.width / 2, y - frame.top - frame.height / 2];
  }

  // One pointer drags, two pinch

  const middle = () => [...pointers.values()].reduce(
    ([x, y], p) => [x + p.x / pointers.size, y + p.y / pointers.size], [0, 0]);

  function spread() {
    const [a, b] = [...pointers.values()];
    return b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  }

  function press(event) {
    if (event.target.closest("button")) return;
    if (!pointers.size) dragged = 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  function drag(event) {
    if (!pointers.has(event.pointerId)) return;
    const [x, y, apart] = [...middle(), spread()];
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const [nowX, nowY] = middle();
    dragged += Math.hypot(nowX - x, nowY - y) + Math.abs(spread() - apart);
    if (!wasDragged()) return;
    stage.setPointerCapture(event.pointerId);
    show(view.scale, view.x - (nowX - x) / view.scale, view.y - (nowY - y) / view.scale);
    if (apart) zoom(spread() / apart, ...fromMiddle(nowX, nowY));
  }

  const wasDragged = () => dragged > 6;

  function turnWheel(event) {
    if (isFramed && !event.ctrlKey) return; // the notebook around it scrolls
    event.preventDefault();
    const speed = event.ctrlKey ? 100 : 400; // a pinch on a touchpad comes as small turns with ctrl
    zoom(Math.exp(-event.deltaY / speed), ...fromMiddle(event.clientX, event.clientY));
  }

  stage.addEventListener("wheel", turnWheel, { passive: false });
  stage.addEventListener("pointerdown", press);
  stage.addEventListener("pointermove", drag);
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  new ResizeObserver(resize).observe(stage);
  return { open, fit, zoom, reveal, wasDragged };
}
