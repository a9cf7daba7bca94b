// The page of a player: what it shows and what the reader does. Whatever a user named is put into
// the page as text (textContent), never as markup.
(() => {
  const $ = (id) => document.getElementById(id);
  const told = JSON.parse($("data").textContent);
  const { nodes, drawn } = told;
  const pass = makePass(told);
  const { SHOWN, text, steps } = pass;
  const last = steps.length;
  const svg = $("picture");
  const isFramed = window.parent !== window;
  const view = makeView(svg, $("stage"), isFramed);
  const panel = makePanel($("panel"), told, pass, { go, choose, close });
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)");

  let position = 0; // how many events have happened
  let chosen = null; // the node in the panel
  let timer = 0; // of the next step, while playing

  function drawing(tag, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** Write only what differs: a step changes a handful of texts. */
  function put(target, words) {
    if (target.textContent !== words) target.textContent = words;
  }

  // The picture

  const boxes = nodes.slice(0, drawn).map((node) => {
    const group = $(`picture-n${node.id}`);
    return { group, data: group.querySelector(".data"), grad: group.querySelector(".grad") };
  });
  const arrows = nodes.map((node) => node.arrows.map((i) => $(`picture-e${i}`)));

  function paintNumber(target, number) {
    if (!target) return;
    put(target, text(number, SHOWN));
    target.classList.toggle("bad", pass.isBad(number));
    target.classList.toggle("unknown", number === null);
  }

  function paintNode(i) {
    const { group, data, grad } = boxes[i];
    paintNumber(data, pass.data(i, position));
    paintNumber(grad, pass.grad(i, position));
    const isWaiting = !pass.isComputed(i, position);
    for (const part of [group, ...arrows[i]]) part?.classList.toggle("waiting", isWaiting);
  }

  const marks = [];

  function mark(target, name) {
    target?.classList.add(name);
    marks.push(() => target?.classList.remove(name));
  }

  function markStep(step) {
    marks.splice(0).forEach((unmark) => unmark());
    if (!step) return;
    const { node, slot, operand = node } = step;
    mark(boxes[operand]?.group, "receives");
    if (pass.isComputation(step)) {
      mark(boxes[node]?.data, "fresh");
      arrows[node].forEach((arrow) => mark(arrow, "flows"));
    } else {
      mark(boxes[node]?.group, "sends");
      mark(boxes[operand]?.grad, "fresh");
      mark(arrows[node][slot], "flows-back");
    }
  }

  /** Nodes without a name of their own are spoken of by number: let it stand at their box. */
  function tag(i) {
    const { id, label } = nodes[i];
    if (label !== `v${id}`) return;
    const shape = boxes[i].group.querySelector("path, polygon"); // not laid out in a hidden frame
    const corners = (shape.getAttribute("d") ?? shape.getAttribute("points")).match(/-?[\d.]+/g);
    const least = (axis) => Math.min(...corners.filter((_, k) => k % 2 === axis).map(Number));
    const place = { class: "tag", x: least(0) + 2, y: least(1) - 2 };
    boxes[i].group.append("\n", drawing("text", place, label));
  }

  // A contribution travels along its arrow, from the result to the operand

  const parcel = drawing("g", { class: "parcel" }, drawing("rect", {}), drawing("text", {}));
  let journey = 0;

  function sendParcel(step, isMoving) {
    cancelAnimationFrame(journey);
    const path = arrows[step?.node]?.[step.slot]?.querySelector("path");
    if (!path) return parcel.remove();
    const width = fillParcel(`${told.flow} ${text(step.brought, SHOWN)}`);
    // beside the local derivative, which stands above the arrow, or to its right
    const [dx, dy] = told.flow === "←" ? [0, 9] : [-width / 2 - 2, 0];
    const length = path.getTotalLength();
    const place = (part) => {
      const { x, y } = path.getPointAtLength(length * part);
      parcel.setAttribute("transform", `translate(${x + dx} ${y + dy})`);
    };
    if (isMoving && !isStill.matches) travel(place, Math.min(700, 0.7 * pause()));
    else place(0.5);
  }

  function fillParcel(words) {
    const [box, label] = parcel.children;
    put(label, words);
    const width = words.length * 6 + 8;
    const size = { x: -width / 2, y: -7.5, width, height: 15, rx: 7.5 };
    for (const [name, value] of Object.entries(size)) box.setAttribute(name, value);
    svg.querySelector(".graph").append(parcel);
    return width;
  }

  function travel(place, duration) {
    const start = performance.now();
    const frame = (now) => {
      const part = Math.min(1, Math.max(0, (now - start) / duration));
      place(1 - 0.5 * part * (2 - part));
      if (part < 1) journey = requestAnimationFrame(frame);
    };
    frame(start);
  }

  // The panel

  function choose(i, isFocused = false) {
    boxes[chosen]?.group.classList.remove("chosen");
    boxes[i]?.group.classList.add("chosen");
    chosen = i;
    panel.paint(chosen, position);
    if (i !== null) view.reveal(boxes[i].group);
    if (isFocused) panel.focus();
    note();
  }

  function close() {
    const group = boxes[chosen]?.group;
    choose(null);
    group?.focus();
  }

  // Moves

  function go(target, isMoving = false) {
    position = Math.max(0, Math.min(last, target));
    const step = steps[position - 1];
    boxes.forEach((_, i) => paintNode(i));
    markStep(step);
    sendParcel(step, isMoving);
    pass.tell(position).forEach((words, i) => put([$("words"), $("formula")][i], words));
    paintControls();
    panel.paint(chosen, position);
    const box = boxes[step?.operand ?? step?.node];
    if (box) view.reveal(box.group);
    note();
  }

  function paintControls() {
    const [phase] = pass.tell(position)[0].split(":");
    $("slider").value = position;
    $("slider").setAttribute("aria-valuetext", `${position} of ${last}. ${phase}`);
    put($("where"), `${position} / ${last}`);
    for (const id of ["start", "back"]) $(id).ariaDisabled = String(position === 0);
    for (const id of ["step", "end"]) $(id).ariaDisabled = String(position === last);
    if (position === last) stop();
  }

  const pause = () => 1200 / Number($("speed").value);

  function play() {
    if (position === last) go(0);
    schedule();
    paintPlay();
  }

  function schedule() {
    timer = setTimeout(() => {
      schedule();
      go(position + 1, true);
    }, pause());
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
    paintPlay();
  }

  function paintPlay() {
    $("told").ariaLive = timer ? "off" : "polite"; // a screen reader could not keep up
    $("play").ariaLabel = timer ? "Pause" : "Play";
    $("play").classList.toggle("playing", timer !== 0);
  }

  // Search

  function isMatch(i, sought) {
    const { label, name, id } = nodes[i];
    const known = [pass.data(i, position), pass.grad(i, position)].filter((x) => x !== null);
    return sought === `v${id}` ||
      [label, name].some((word) => word.toLowerCase().includes(sought)) ||
      known.some((x) => told.numbers[x].some((number) => number.startsWith(sought)));
  }

  function search() {
    const sought = $("query").value.trim().toLowerCase();
    const hits = sought ? [...boxes.keys()].filter((i) => isMatch(i, sought)) : [];
    boxes.forEach(({ group }, i) => group.classList.toggle("found", hits.includes(i)));
    put($("found"), sought ? `${hits.length} found` : "");
    $("hits").hidden = !hits.length;
    $("hits").replaceChildren(...hits.slice(0, 12).map(hit));
  }

  function hit(i) {
    const onclick = () => {
      $("hits").hidden = true;
      choose(i, true);
    };
    const words = `${nodes[i].label} = ${text(pass.data(i, position), SHOWN)}`;
    return element("li", {}, element("button", { onclick }, words));
  }

  // Links to a step: #step=12&node=v7

  let noting = 0;

  function note() {
    const hash = `#step=${position}${chosen === null ? "" : `&node=v${nodes[chosen].id}`}`;
    $("link").setAttribute("href", hash);
    clearTimeout(noting);
    if (!isFramed) noting = setTimeout(() => replaceAddress(hash), 200); // browsers limit how often
  }

  function replaceAddress(hash) {
    try {
      history.replaceState(null, "", hash);
    } catch { /* a page without an address of its own has no links */ }
  }

  function follow() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const node = nodes.findIndex(({ id }, i) => i < drawn && `v${id}` === asked.get("node"));
    stop();
    go(Number.parseInt(asked.get("step"), 10) || 0);
    choose(node < 0 ? null : node);
  }

  // What the reader does

  const moves = {
    start: () => go(0),
    back: () => go(position - 1),
    step: () => go(position + 1, true),
    turn: () => go(told.forward),
    end: () => go(last),
  };
  const keys = {
    ArrowLeft: moves.back, ArrowRight: moves.step, Home: moves.start, End: moves.end,
    PageUp: () => position && go(pass.nodeStart(position)),
    PageDown: () => position < last && go(pass.nodeEnd(position), true),
  };
  const searchKeys = {
    Enter: () => $("hits").querySelector("button")?.click(),
    Escape: () => search($("query").value = ""),
  };

  function pressKey(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select, #panel")) return;
    const box = boxes.findIndex(({ group }) => group === target);
    const isSpace = key === " " && !target.closest("button, a"); // those have a use for it
    let act = keys[key] && (() => [stop(), keys[key]()]);
    if (target.id === "query") act = searchKeys[key];
    else if (key === "Escape") act = close;
    else if (box >= 0 && (key === "Enter" || key === " ")) act = () => choose(box, true);
    else if (isSpace) act = () => (timer ? stop() : play());
    if (!act) return;
    event.preventDefault();
    act();
  }

  function listen() {
    for (const [id, move] of Object.entries(moves)) $(id).onclick = () => [stop(), move()];
    $("skip").onclick = (event) => { // the address is for links to steps
      event.preventDefault();
      $("controls").focus();
    };
    $("play").onclick = () => (timer ? stop() : play());
    $("slider").oninput = () => [stop(), go(Number($("slider").value))];
    $("closer").onclick = () => view.zoom(1.3);
    $("farther").onclick = () => view.zoom(1 / 1.3);
    $("fit").onclick = view.fit;
    $("query").oninput = search;
    boxes.forEach(({ group }, i) => {
      group.addEventListener("click", () => view.wasDragged() || choose(i));
    });
    document.addEventListener("keydown", pressKey);
    window.addEventListener("hashchange", follow);
  }

  function begin() {
    put($("title"), told.title);
    put($("caption"), told.caption);
    $("caption").hidden = !told.caption;
    $("slider").max = last;
    $("controls").style.setProperty("--turn", last ? told.forward / last : 1);
    $("link").hidden = isFramed;
    boxes.forEach(({ group }, i) => {
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button"); // named by what it shows
      group.setAttribute("aria-description", nodes[i].label);
      tag(i);
    });
    listen();
    view.open();
    follow();
  }

  begin();
})();
