// Zoom and pan of a player's picture, by wheel, drag, pinch and buttons. A view is a scale, the
// pixels for a unit of the picture, and the point in the middle of the stage.

function makeView(layers, stage, isFramed, onScale) {
  const READABLE = 0.9; // pixels for a unit: letters below this are hard to read
  const [svg] = layers;
  const [left, top, wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
  const [shiftX, shiftY] = svg.querySelector(".graph").getAttribute("transform")
    .match(/translate\(([^)]*)\)/)[1].split(/[ ,]+/).map(Number);
  const room = { width: 0, height: 0 }; // measured once, because that lays out the whole page
  const view = { scale: 0, x: 0, y: 0 };
  const pointers = new Map();
  let isOpen = false; // an iframe in a notebook may have no room at first
  let isFit = false; // the whole picture is shown, also after the room changes
  let kept = null; // the part to keep in view when the room changes
  let dragged = 0; // pixels, to tell a drag from a click

  const BAR = 60; // pixels of the buttons at the top
  const whole = () => Math.min(room.width / wide, (room.height - BAR) / high, 2.5);

  /** Move the picture as a whole; a new viewBox would lay out every text again. */
  function show(scale, x, y) {
    isFit = false;
    if (scale !== view.scale) onScale(scale);
    Object.assign(view, { scale, x, y });
    const dx = (left - x) * scale + room.width / 2;
    const dy = (top - y) * scale + room.height / 2;
    const [width, height] = [wide, high].map((extent) => `${extent * scale}px`);
    const transform = `translate(${dx}px, ${dy}px)`;
    for (const layer of layers) Object.assign(layer.style, { width, height, transform });
  }

  function resize() {
    Object.assign(room, { width: stage.clientWidth, height: stage.clientHeight });
    if (!isOpen) open();
    else if (isFit) fit();
    else {
      show(view.scale, view.x, view.y);
      if (kept) reveal(kept);
    }
  }

  function fit() {
    const scale = whole();
    const above = Math.max(BAR, (room.height - high * scale) / 2);
    show(scale, left + wide / 2, top + (room.height / 2 - above) / scale);
    isFit = true;
  }

  /** Show the whole picture, or the readable beginning of a large one. */
  function open() {
    isOpen = room.width > 0;
    if (!isOpen) return;
    if (whole() > READABLE / 2) return fit();
    const half = (room, extent) => Math.min(room / READABLE, extent) / 2;
    show(READABLE, left + half(room.width, wide), top + half(room.height, high));
  }

  /** Zoom about a point, given in pixels from the middle. */
  function zoom(by, dx = 0, dy = 0) {
    const scale = Math.max(whole() / 2, Math.min(8, view.scale * by));
    const shift = 1 / view.scale - 1 / scale;
    kept = null;
    show(scale, view.x + dx * shift, view.y + dy * shift);
  }

  /** Move a part of the picture to the middle if it is out of view, or nearly so. */
  function reveal(corners) {
    kept = corners;
    if (isFit || !isOpen) return;
    const { left: l, right: r, top: t, bottom: b } = corners;
    const [x, y] = [(l + r) / 2 + shiftX, (t + b) / 2 + shiftY];
    const reach = (at, middle, extent, room) =>
      Math.abs(at - middle) * view.scale + Math.min(extent * view.scale, room / 2) / 2;
    const isOut = reach(x, view.x, r - l, room.width) > room.width * (1 / 2 - 1 / 12) ||
      reach(y, view.y, b - t, room.height) > room.height / 2;
    if (isOut) show(view.scale, x, y);
  }

  function fromMiddle(x, y) {
    const frame = stage.getBoundingClientRect();
    return [x - frame.left - frame.width / 2, y - frame.top - frame.height / 2];
  }

  // One pointer drags, two pointers pinch

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
    kept = null;
    show(view.scale, view.x - (nowX - x) / view.scale, view.y - (nowY - y) / view.scale);
    if (apart) zoom(spread() / apart, ...fromMiddle(nowX, nowY));
  }

  const wasDragged = () => dragged > 6;

  function turnWheel(event) {
    if (isFramed && !event.ctrlKey) return; // the wheel scrolls the notebook
    event.preventDefault();
    const speed = event.ctrlKey ? 100 : 400; // a touchpad reports a pinch as small turns with ctrl
    zoom(Math.exp(-event.deltaY / speed), ...fromMiddle(event.clientX, event.clientY));
  }

  stage.addEventListener("wheel", turnWheel, { passive: false });
  stage.addEventListener("pointerdown", press);
  stage.addEventListener("pointermove", drag);
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  new ResizeObserver(resize).observe(stage);
  return { open: resize, fit, zoom, reveal, wasDragged };
}
