// The panel of a player's page: one node unfolded, at a moment. `at` says how many events have
// happened.

/* exported element, makePanel */
function element(tag, attributes, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children); // texts become text
  return made;
}

function makePanel(panel, { nodes, output, drawn, seed }, pass, { go, choose, close }) {
  const { FULL, text, steps, ratio } = pass;
  let at = 0;

  const button = (words, onclick) => element("button", { className: "jump", onclick }, words);
  const jump = (i) => (i < drawn ? button(nodes[i].label, () => choose(i, true)) : nodes[i].label);
  const line = (...parts) => element("p", { className: "mono" }, parts.join(" = "));
  const list = (items) => element("ul", {}, ...items);

  function section(heading, ...children) {
    return element("section", {}, element("h3", {}, heading), ...children);
  }

  function dataSection(i) {
    const { label, formula, computed, data } = nodes[i];
    const isKnown = pass.isComputed(i, at);
    const parts = formula ? [formula, ...(isKnown ? [computed] : [])] : [];
    const number = isKnown ? text(data, FULL) : "– (not computed yet)";
    return section("Data", line(label, ...parts, number));
  }

  function localsSection(i) {
    const items = nodes[i].parents.map((p, slot) => {
      const local = nodes[i].locals[slot];
      if (!local) return element("li", {}, "to ", jump(p), ": no derivative flows");
      return element("li", {}, "to ", jump(p), line(ratio(i, p), ...localParts(i, local)));
    });
    return items.length ? section("Local derivatives", list(items)) : "";
  }

  /** A local derivative: formula, numbers plugged in, result; what is the same is said once. */
  function localParts(i, { formula, plugged, number }) {
    if (Number(formula) === Number(text(number))) return [text(number)];
    const isKnown = pass.isComputed(i, at);
    return isKnown ? [...new Set([formula, plugged, text(number)])] : [formula, "–"];
  }

  function contribution(k) {
    const hasCome = k < at;
    const numbers = hasCome ? [pass.product(steps[k]), text(steps[k].brought)] : ["–"];
    return element("li", { className: hasCome ? "arrived" : "pending" },
      "from ", jump(steps[k].node), hasCome ? " ✓ arrived in " : " … to come in ",
      button(`step ${k + 1}`, () => go(k + 1)), line(pass.chain(steps[k]), ...numbers));
  }

  function gradientSection(i) {
    const items = pass.arrivals[i].map(contribution);
    if (i === output) {
      const number = pass.isSeeded(i, at) ? text(seed) : "–";
      const start = line(ratio(i, i), number);
      items.unshift(element("li", {}, "the backward pass starts here", start));
    }
    if (!items.length) items.push(element("li", {}, "no contribution ever arrives"));
    const brought = pass.arrived(i, at).map((k) => pass.factor(steps[k].brought));
    const sum = brought.length > 1 ? [brought.join(" + ")] : [];
    const grad = text(pass.grad(i, at), FULL);
    return section("Gradient", list(items), line("sum so far", ...sum, grad));
  }

  function usersSection(i) {
    const jumps = pass.users[i].flatMap((user) => [jump(user), " "]);
    return jumps.length ? section("Used by", element("p", {}, ...jumps)) : "";
  }

  function sections(i) {
    const { label, id, name, kind } = nodes[i];
    const also = name && name !== label ? `, named ${name}` : "";
    return [
      element("button", { id: "close", title: "Escape", ariaLabel: "Close", onclick: close }, "×"),
      element("h2", { tabIndex: -1 }, label),
      element("p", { className: "quiet" }, `v${id}, ${kind}${also}`),
      dataSection(i), localsSection(i), kind === "constant" ? "" : gradientSection(i),
      usersSection(i),
    ];
  }

  /** Show a node, or nothing; a button that had the focus gets it back. */
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
