// The frames of a player's picture: the toggles that fold them, and the covers of folded ones. A
// folded frame keeps its place and its size; arrows from outside end at its border.

function makeCovers(svg, pass, folding, { arrows, curves, ends }) {
  const TITLE = 18; // the height of a frame's title, in units
  const [UNIT, LINE, READABLE] = [11, 1.35, 17]; // letters in units, lines in letters, pixels
  const [OPEN, CLOSED] = ["M-4,-2H4L0,5z", "M-2.5,-3V5L4.5,1z"]; // triangles
  const graph = svg.querySelector(".graph");
  const firstNode = graph.querySelector(":scope > .node");
  const isHidden = (element, yes) => element?.classList.toggle("away", yes);

  const covers = pass.things.slice(pass.frames).map((frame, f) => {
    const cluster = document.getElementById(`picture-${frame.id}`);
    const corners = cornersOf(cluster.querySelector("path, polygon"));
    const cover = makeCover(frame, corners);
    const toggle = makeToggle(frame, corners, cluster.querySelector("text"));
    cover.group.setAttribute("aria-labelledby", `picture-${frame.id}-title ${cover.group.id}`);
    return { ...cover, corners, toggle, i: pass.frames + f };
  });

  [...covers].sort((a, b) => a.corners.left - b.corners.left) // the tab order: as data flow
    .forEach(({ group, toggle }) => firstNode.before(group, "\n", toggle, "\n"));

  // Toggles

  function makeToggle({ id, label }, { left, right, top }, title) {
    const height = TITLE;
    title.setAttribute("x", left + 17); // its margins leave room for the triangle
    title.id = `picture-${id}-title`;
    const hit = drawing("rect", { class: "hit", x: left, y: top, width: right - left, height });
    const triangle = drawing("path", { transform: `translate(${left + 10} ${top + height / 2})` });
    return drawing("g", {
      class: "toggle", role: "button", tabindex: "0", "aria-label": label,
    }, hit, triangle, title);
  }

  // Covers

  function makeCover(frame, { left, right, top, bottom }) {
    const [width, height] = [right - left, bottom - top];
    const { lines, size } = layOut(frame, width - 12, height - TITLE - 6);
    const numbers = {};
    const texts = lines.map(({ kind, key, what, words }, k) => {
      const text = drawing("text", { class: kind, y: (k - lines.length / 2 + 0.7) * LINE * UNIT });
      if (key) text.append(drawing("tspan", { class: "key" }, `${key} `));
      text.append(what ? numbers[what] = drawing("tspan", {}, "–") : words);
      return text;
    });
    const block = drawing("g", { "font-size": UNIT }, ...texts.flatMap((text) => ["\n", text]));
    const rect = drawing("rect", { x: left, y: top, width, height, rx: 6 });
    const group = drawing("g", {
      class: "cover away", id: `picture-${frame.id}-cover`, role: "button", tabindex: "0",
    }, rect, block);
    const middle = `translate(${(left + right) / 2} ${(top + TITLE + bottom - 6) / 2})`;
    /** Keep the words readable in a small picture, as far as they fit. */
    const zoom = (scale) => {
      const wanted = Math.min(size, Math.max(UNIT, READABLE / scale));
      block.setAttribute("transform", `${middle} scale(${(wanted / UNIT).toFixed(3)})`);
    };
    return { group, zoom, ...numbers };
  }

  /** Choose the lines that fit in a readable size, and the largest size. */
  function layOut(frame, width, height) {
    const [SMALLEST, LARGE, LARGEST] = [9, 14, 60];
    const name = { kind: "name", words: frame.title };
    const many = { kind: "many", words: pass.named(frame.operations, "operation") };
    const formula = { kind: "formula", words: frame.formula };
    const numbers = ["data", "grad"].map((what) => ({ kind: what, key: what, what }));
    const longest = (line) => (line.what ? line.key.length + 1 + widest(frame) : line.words.length);
    const choices = [[name, many, formula], [name, many], [many, formula], [many], []]
      .map((lines) => [...lines.filter(({ words }) => words), ...numbers])
      .map((lines) => {
        const letters = Math.max(...lines.map(longest));
        const size = Math.min(LARGEST, width / letters / 0.602, height / lines.length / LINE);
        return { lines, size };
      });
    return choices.find(({ lines, size }) => size >= (lines[0] === name ? LARGE : SMALLEST)) ??
      choices.at(-1);
  }

  /** The most letters that a number of a frame takes. */
  function widest({ outputs }) {
    const { text, SHOWN, changes, isBox } = pass;
    const all = outputs.flatMap((i) => [...changes[i].data, ...changes[i].grad]);
    const used = all.flatMap(([, low, high]) => [low, high]);
    const letters = Math.max(5, ...used.filter((x) => x >= 0).map((x) => text(x, SHOWN).length));
    return outputs.length > 1 || outputs.some(isBox) ? 2 * letters + 3 : letters;
  }

  // Arrows

  /** The visible part of an arrow. */
  function visible(a) {
    const [start, end] = ends[a].map((i) => covers[folding.seen(i) - pass.frames]);
    let points = curves[a];
    if (end) points = clip(points, end.corners);
    if (start) points = clip([...points].reverse(), start.corners).reverse();
    return points;
  }

  const heads = new Map(); // arrowheads at the borders of folded frames

  function cut(a) {
    heads.get(a)?.remove();
    heads.delete(a);
    const [start, end] = ends[a].map((i) => folding.seen(i));
    isHidden(arrows[a], start === end);
    arrows[a].classList.toggle("cut", start !== end && pass.isFrame(end));
    const over = [start, end].filter(pass.isFrame).map((i) => box(i).corners);
    const lines = [...arrows[a].querySelectorAll("text")];
    const isOver = lines.some((line) => over.some((corners) => isUnder(line, corners)));
    lines.forEach((line) => isHidden(line, isOver));
    if (start === end || !pass.isFrame(end)) return;
    const head = makeHead(visible(a));
    heads.set(a, head);
    arrows[a].append(head);
  }

  function makeHead(points) {
    const tip = points.at(-1);
    const before = pointAlong(points, 0.97);
    const turn = Math.atan2(tip[1] - before[1], tip[0] - before[0]) * 180 / Math.PI;
    return drawing("polygon", {
      class: "head", points: "-6,-2.2 0,0 -6,2.2",
      transform: `translate(${tip[0]} ${tip[1]}) rotate(${turn})`,
    });
  }

  function isUnder(label, { left, right, top, bottom }) {
    const [x, y] = ["x", "y"].map((axis) => Number(label.getAttribute(axis)));
    const width = label.textContent.length * 6.6;
    const start = label.getAttribute("text-anchor") === "middle" ? x - width / 2 : x;
    return start + width > left && start < right && y + 3 > top && y - 9 < bottom;
  }

  // Visibility

  const box = (i) => covers[i - pass.frames];

  function paint(boxes) {
    covers.forEach(({ group, toggle }, f) => {
      const [isFolded, isAway] = [folding.isFolded(f), folding.isAway(f)];
      isHidden(group, !isFolded || isAway);
      isHidden(toggle, isAway);
      toggle.setAttribute("aria-expanded", String(!isFolded));
      toggle.querySelector("path").setAttribute("d", isFolded ? CLOSED : OPEN);
    });
    boxes.forEach(({ group }, i) => isHidden(group, folding.seen(i) !== i));
    arrows.forEach((arrow, a) => arrow && cut(a));
  }

  const folded = () => covers.filter((_, f) => folding.isFolded(f) && !folding.isAway(f))
    .map(({ i }) => i);

  const zoom = (scale) => covers.forEach((cover) => cover.zoom(scale));

  return { covers, box, paint, folded, visible, zoom };
}
