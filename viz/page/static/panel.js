// The panel of a player's page: the details of the chosen thing. `at` is the number of steps that
// have happened.

/* exported element, makePanel */
function element(tag, attributes, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children); // strings become text nodes
  return made;
}

function makePanel(panel, { output, seed, forward }, pass, words, folding, { go, choose, close, fold }) {
  const { FULL, text, steps, things, drawn, span, range, named, count } = pass;
  const { ratio } = words;
  let at = 0;

  const button = (text, onclick) => element("button", { className: "jump", onclick }, text);
  const label = (i) => things[i].label;
  const isSeen = (i) => i < drawn || pass.isFrame(i);
  const jump = (i) => (isSeen(i) ? button(label(i), () => choose(i, true)) : label(i));
  const step = (k) => button(`step ${k + 1}`, () => go(k + 1));
  const line = (...parts) => element("p", { className: "mono" }, parts.join(" = "));
  const list = (items) => element("ul", {}, ...items);

  function section(heading, ...children) {
    return element("section", {}, element("h3", {}, heading), ...children);
  }

  // A node

  function dataSection(i) {
    const { formula, computed, data } = things[i];
    const isKnown = pass.isComputed(i, at);
    const parts = formula ? [formula, ...(isKnown ? [computed] : [])] : [];
    const number = isKnown ? text(data, FULL) : "– (not computed yet)";
    return section("Data", line(label(i), ...parts, number));
  }

  function localsSection(i) {
    const items = things[i].parents.map((p, slot) => {
      const local = things[i].locals[slot];
      if (!local) return element("li", {}, "to ", jump(p), ": no derivative flows");
      return element("li", {}, "to ", jump(p), line(ratio(i, p), ...localParts(i, local)));
    });
    return items.length ? section("Local derivatives", list(items)) : "";
  }

  /** The formula of a local derivative, with numbers plugged in, and its result; each text once. */
  function localParts(i, { formula, plugged, number }) {
    if (Number(formula) === Number(text(number))) return [text(number)];
    const isKnown = pass.isComputed(i, at);
    return isKnown ? [...new Set([formula, plugged, text(number)])] : [formula, "–"];
  }

  /** The contribution of a step to a thing. */
  function contribution(i, k) {
    const { node, sent, slot } = steps[k];
    if (slot === undefined) {
      const [, many] = sent.find(([to]) => to === i);
      return contributions(node, many, k);
    }
    const isThere = k < at;
    const numbers = isThere ? [words.product(steps[k]), text(steps[k].contribution)] : ["–"];
    return arrival(node, k, isThere ? " ✓ arrived in " : " … to come in ",
      line(words.chain(steps[k]), ...numbers));
  }

  /** Several contributions of one thing, the last of them in step k. */
  function contributions(node, many, k) {
    const when = k < at ? ", all by " : ", the last in ";
    return arrival(node, k, `: ${named(many, "contribution")}${when}`);
  }

  function arrival(node, k, when, ...rest) {
    const className = k < at ? "arrived" : "pending";
    return element("li", { className }, "from ", jump(node), when, step(k), ...rest);
  }

  function gradientSection(i) {
    const items = pass.arrivals[i].map((k) => contribution(i, k));
    if (i === output) {
      const number = at >= forward ? text(seed) : "–";
      const start = line(ratio(i, i), number);
      items.unshift(element("li", {}, "the backward pass starts here", start));
    }
    if (!items.length) items.push(element("li", {}, "no contribution ever arrives"));
    const arrived = pass.arrivals[i].filter((k) => k < at);
    const parts = arrived.map((k) => steps[k].contribution);
    const isWhole = parts.length > 1 && !parts.includes(undefined); // unknown of a box
    const sum = isWhole ? [parts.map((x) => pass.factor(x)).join(" + ")] : [];
    const grad = span(range(i, "grad", at), FULL);
    return section("Gradient", list(items), line("sum so far", ...sum, grad));
  }

  // A box or a frame

  const now = (i, what) => span(range(i, what, at));

  function insideSection(i) {
    const { formula, outputs } = things[i];
    const many = pass.isFrame(i) ? outputs.length : outputs;
    const parts = [formula, now(i, "data")].filter(Boolean);
    const soFar = pass.isComputed(i, at) ? "" : " so far";
    const used = many > 1 ? [element("p", { className: "quiet" },
      `${count(many)} numbers go on from here${soFar}:`)] : [];
    return section("Data", ...used, line(...(formula ? parts : [label(i), ...parts])));
  }

  function inflowSection(i) {
    const items = pass.isFrame(i) ? intoFrame(i) : intoBox(i);
    return section("Gradient", list(items), line("grad now", now(i, "grad")));
  }

  const intoBox = (i) => pass.arrivals[i].filter((k) => steps[k].node !== i)
    .map((k) => contribution(i, k));

  /** The contributions from outside to the things in a frame. */
  function intoFrame(i) {
    const inside = new Set(things[i].units);
    const senders = new Map();
    steps.forEach(({ node, sent }, k) => {
      if (!sent || inside.has(pass.home(node))) return;
      const many = sent.reduce((sum, [to, number]) => sum + (inside.has(to) ? number : 0), 0);
      if (many) senders.set(node, [(senders.get(node)?.[0] ?? 0) + many, k]);
    });
    return [...senders].map(([node, [many, k]]) => contributions(node, many, k));
  }

  function leavesSection({ leaves }) {
    if (!leaves) return "";
    const last = (changes) => span(pass.latest(changes, at));
    return section(`${named(leaves.count, "leaf").replace("leafs", "leaves")} in it`,
      line("data", last(leaves.data)), line("grad", last(leaves.grads)));
  }

  // All of them

  function linksSection(heading, linked) {
    const jumps = [...linked].filter((j) => j >= 0).flatMap((j) => [jump(j), " "]);
    return jumps.length ? section(heading, element("p", {}, ...jumps)) : "";
  }

  function introduction(i) {
    const { label: short, id, name, kind, nodes, operations } = things[i];
    if (id !== undefined && kind !== "frame") {
      return `v${id}, ${kind}${name && name !== short ? `, named ${name}` : ""}`;
    }
    const many = `${named(nodes, "node")}, ${named(operations, "operation")}`;
    return kind === "frame" ? `a frame of ${many}` : `${many}, drawn as one`;
  }

  function foldButton(i) {
    if (!pass.isFrame(i)) return "";
    const f = i - pass.frames;
    const isFolded = folding.isFolded(f);
    const onclick = () => fold(f, !isFolded);
    return element("button", { id: "fold", title: "f", onclick }, isFolded ? "Unfold" : "Fold");
  }

  function sections(i) {
    const isOne = !pass.isFrame(i) && !pass.isBox(i);
    const hasGradient = things[i].kind !== "constant";
    const frames = folding.around(i).map((f) => pass.frames + f);
    return [
      element("button", { id: "close", title: "Escape", ariaLabel: "Close", onclick: close }, "×"),
      element("h2", { tabIndex: -1 }, label(i)),
      element("p", { className: "quiet" }, introduction(i)),
      foldButton(i),
      ...(isOne ? [dataSection(i), localsSection(i), hasGradient ? gradientSection(i) : ""]
        : [insideSection(i), inflowSection(i), leavesSection(things[i])]),
      linksSection("Used by", pass.users[i]),
      pass.isBox(i) ? linksSection("Uses", pass.sources[i]) : "",
      linksSection("Lies in", frames),
    ];
  }

  /** Show a thing, or nothing; a focused button keeps the focus. */
  function paint(i, position) {
    at = position;
    panel.hidden = i === null;
    panel.parentElement.classList.toggle("wide", i !== null);
    if (i === null) return;
    const focused = [...panel.querySelectorAll("button")].indexOf(document.activeElement);
    panel.replaceChildren(...sections(i));
    panel.querySelectorAll("button")[focused]?.focus();
  }

  const focus = () => panel.querySelector("h2").focus();

  return { paint, focus };
}
