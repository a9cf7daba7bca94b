// The picture of a player's page: its numbers and marks, and the contributions along its arrows.

/* exported makePicture, drawing, $ */
const $ = (id) => document.getElementById(id);

function drawing(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Write a text if it differs; a step changes only a few. */
function put(target, words) {
  if (target && target.textContent !== words) target.textContent = words;
}

/** A layer above the picture for moving parts, so that the picture is not painted again. */
function makeOverlay(svg) {
  const place = { transform: svg.querySelector(".graph").getAttribute("transform") };
  const [flowing, graph] = [drawing("g", {}), drawing("g", place)];
  graph.append(flowing);
  const viewBox = svg.getAttribute("viewBox");
  svg.after(drawing("svg", { id: "overlay", viewBox, "aria-hidden": "true" }, graph));
  return { graph, flowing };
}

function makePicture(svg, { nodes, drawn, flow, arrows: ends, arriving }, pass, folding, isStill) {
  const { SHOWN, steps } = pass;
  const arrows = ends.map((_, a) => $(`picture-e${a}`));
  const curves = arrows.map((arrow) => arrow && curveOf(arrow));
  const into = pass.things.map(() => []); // the arrows that end at each thing
  ends.forEach(([, end], a) => end >= 0 && arrows[a] && into[end].push(a));
  const boxes = nodes.slice(0, drawn).map(({ at }) => {
    const group = $(`picture-${at}`);
    const corners = cornersOf(group.querySelector("path, polygon"));
    const [data, grad] = [group.querySelector(".data"), group.querySelector(".grad")];
    const sums = [...group.querySelectorAll(".sum")]; // one for each line
    return { group, corners, data, grad, sums };
  });
  const overlay = makeOverlay(svg);
  const covers = makeCovers(svg, pass, folding, { arrows, curves, ends });
  const box = (i) => boxes[i] ?? covers.box(i);

  // Numbers and the borders of what is not computed yet

  function paintNumber(target, limits) {
    put(target, pass.span(limits, SHOWN));
    target?.classList.toggle("bad", pass.isBad(limits));
    target?.classList.toggle("unknown", limits === null);
  }

  function paintThing(i, at) {
    const { data, grad, sums } = box(i);
    paintNumber(data, pass.range(i, "data", at));
    paintNumber(grad, pass.range(i, "grad", at));
    if (!nodes[i]?.sums) return;
    const lines = pass.sum(i, at).split("\n");
    sums.forEach((text, k) => put(text, lines[k] ?? ""));
  }

  function paintWaiting(i, at) {
    const isWaiting = !pass.isComputed(i, at);
    box(i).group.classList.toggle("waiting", isWaiting);
    for (const a of into[i]) arrows[a].classList.toggle("waiting", isWaiting);
  }

  // Arrows: the SVG shows them as they look after their contribution has arrived

  arriving.forEach(([, before], a) => before && arrows[a]?.classList.add("as", `as-${before}`));

  function paintArrows(at) {
    arriving.forEach(([step], a) =>
      arrows[a]?.classList.toggle("arrived", step > 0 && step <= at));
  }

  // The marks of a step

  let marked = new Map();

  /** Set the classes of a step, and remove those of the step before. */
  function mark(wanted, crossed, isForward) {
    for (const [target, names] of marked) {
      const kept = wanted.get(target);
      names.forEach((name) => kept?.has(name) || target.classList.remove(name));
    }
    for (const [target, names] of wanted) names.forEach((name) => target.classList.add(name));
    marked = wanted;
    overlay.flowing.replaceChildren(...crossed.map((a) => drawing("path", {
      class: isForward ? "flow" : "flow back", d: `M${covers.visible(a).join("L")}`,
    })));
  }

  function markStep(step) {
    const wanted = new Map();
    if (!step) return mark(wanted, []);
    const add = (target, name) => {
      if (target) wanted.set(target, (wanted.get(target) ?? new Set()).add(name));
    };
    const { node, isForward, sent } = step;
    if (isForward) {
      add(box(node).group, "receives");
      add(box(node).data, "fresh");
    } else {
      add(box(node)?.group, "sends");
      for (const i of sent.map(([to]) => folding.seen(to)).filter((i) => i !== node)) {
        add(box(i)?.group, "receives");
        add(box(i)?.grad, "fresh");
      }
    }
    const crossed = (step.steps ?? [step]).flatMap(arrowsOf).filter(folding.isCrossing);
    crossed.forEach((a) => add(arrows[a], isForward ? "flows" : "flows-back"));
    mark(wanted, crossed, isForward);
  }

  /** The arrows that data or gradients cross in a step. */
  function arrowsOf({ node, slot }) {
    return slot === undefined ? into[node] : [nodes[node].arrows[slot] ?? -1].filter((a) => a >= 0);
  }

  // A contribution moves along its arrow, from the result to the operand

  const [rect, label] = [drawing("rect", {}), drawing("text", {})];
  const parcel = drawing("g", { class: "parcel" }, rect, label);
  let journey = 0;

  function sendParcel(step, duration) {
    cancelAnimationFrame(journey);
    const a = nodes[step?.node]?.arrows?.[step.slot] ?? -1;
    if (!arrows[a] || !folding.isCrossing(a)) return parcel.remove();
    const width = fillParcel(`${flow} ${pass.text(step.contribution, SHOWN)}`);
    const path = covers.visible(a);
    const half = pointAlong(path, 0.5);
    const rest = restOf(a, half, width);
    const place = (done) => {
      const [x, y] = pointAlong(path, 1 - 0.5 * done);
      const [dx, dy] = [0, 1].map((axis) => done * (rest[axis] - half[axis]));
      parcel.setAttribute("transform", `translate(${x + dx} ${y + dy})`);
    };
    if (duration && !isStill.matches) animate(place, duration);
    else place(1);
  }

  /** The final place of a contribution: on its number, else beside the middle of its arrow. */
  function restOf(a, [x, y], width) {
    const number = arrows[a].querySelector(".contribution:not(.away)");
    if (!number) return flow === "←" ? [x, y + 9] : [x - width / 2 - 2, y];
    const [left, base] = ["x", "y"].map((axis) => Number(number.getAttribute(axis)));
    return [left + 3.3 * number.textContent.length, base - 3.5];
  }

  function fillParcel(words) {
    put(label, words);
    const width = words.length * 6 + 8;
    const size = { x: -width / 2, y: -7.5, width, height: 15, rx: 7.5 };
    for (const [name, value] of Object.entries(size)) rect.setAttribute(name, value);
    if (!parcel.isConnected) overlay.graph.append(parcel);
    return width;
  }

  function animate(place, duration) {
    const start = performance.now();
    const frame = (now) => {
      const part = Math.min(1, Math.max(0, (now - start) / duration));
      place(part * (2 - part));
      if (part < 1) journey = requestAnimationFrame(frame);
    };
    frame(start);
  }

  /** Show the numbers at a moment, and the step that ends there. */
  function paint(at, duration = 0) {
    const seen = [...boxes.keys()].filter((i) => folding.seen(i) === i);
    [...seen, ...covers.folded()].forEach((i) => paintThing(i, at));
    [...boxes.keys(), ...covers.folded()].forEach((i) => paintWaiting(i, at));
    paintArrows(at);
    const step = at ? folding.run(at) ?? steps[at - 1] : null;
    markStep(step);
    sendParcel(step, duration);
    return step;
  }

  const parts = new Map(); // the thing of each element that a reader can press
  boxes.forEach(({ group }, i) => parts.set(group, i));
  covers.covers.forEach(({ group, toggle, i }) => parts.set(group, i).set(toggle, i));

  /** Mark the matches of a search, and the folded frames that contain some. */
  function markMatches(hits) {
    const seen = new Set([...hits].map(folding.seen));
    boxes.forEach(({ group }, i) => group.classList.toggle("match", hits.has(i)));
    covers.covers.forEach(({ group, i }) => group.classList.toggle("match", seen.has(i)));
  }

  /** Write the numbers of nodes without a name, by which sentences call them, at their boxes. */
  boxes.forEach(({ group, corners }, i) => {
    const { id, label: name } = nodes[i];
    if (name !== `v${id}`) return;
    const place = { class: "tag", x: corners.left + 2, y: corners.top - 2 };
    group.append("\n", drawing("text", place, name));
  });

  return { boxes, box, covers, parts, paint, markMatches };
}
