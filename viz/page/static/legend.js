// The legend of a player's page, a line below the picture, which a button opens and closes. It is
// open at first if there is room.

function makeLegend(list, button, entries) {
  const LINES = new Set(["positive", "negative", "mixed", "zero", "none"]);

  function sample(kind, mark) {
    if (!LINES.has(kind)) return element(kind === "bold" ? "strong" : "span", {}, mark);
    const line = drawing("path", { class: kind, d: "M0 5H28" });
    return drawing("svg", { viewBox: "0 0 28 10", "aria-hidden": "true" }, line);
  }

  function open(isWanted) {
    list.hidden = !isWanted;
    button.ariaExpanded = String(isWanted);
  }

  list.append(...entries.map(([kind, mark, words]) =>
    element("li", {}, ...(mark ? [sample(kind, mark), " "] : []), words)));
  button.hidden = !entries.length;
  button.onclick = () => open(list.hidden);
  open(entries.length > 0 && window.matchMedia("(min-width: 45.01rem)").matches);
}
