// The actions of the reader in a player's page. Texts of the user enter the page as textContent,
// never as markup.
(() => {
  const data = JSON.parse($("data").textContent);
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)");
  const isFramed = window.parent !== window;
  const pass = makePass(data);
  const folding = makeFolding(data, pass);
  const words = makeWords(data, pass, folding);
  const picture = makePicture($("picture"), data, pass, folding, isStill);
  const { boxes, box, covers, parts } = picture;
  const view = makeView([$("picture"), $("overlay")], $("stage"), isFramed, covers.zoom);
  const panel = makePanel($("panel"), data, pass, words, folding, { go, choose, close, fold });
  const search = makeSearch(data, pass, picture, choose);
  makeLegend($("legend"), $("explain"), data.legend);
  const last = pass.steps.length;

  let position = 0; // how many steps have happened
  let chosen = null; // the thing in the panel
  let timer = 0; // for the next step, while playing

  // The panel

  function choose(i, isFocused = false) {
    if (i !== null && folding.around(i).some(folding.isFolded)) {
      folding.unfoldAround(i);
      refold();
    }
    for (const [thing, yes] of [[chosen, false], [i, true]]) {
      box(thing)?.group.classList.toggle("chosen", yes);
      box(thing)?.toggle?.classList.toggle("chosen", yes);
    }
    chosen = i;
    panel.paint(chosen, position);
    if (i !== null) view.reveal(box(i).corners);
    if (isFocused) panel.focus();
    note();
  }

  function close() {
    const { group, toggle } = box(chosen) ?? {};
    choose(null);
    (group?.classList.contains("away") ? toggle : group)?.focus();
  }

  // Folding

  /** Fold or unfold a frame; if a thing in a folded frame was chosen, the frame is now. */
  function fold(f, isWanted) {
    folding.fold(f, isWanted);
    refold();
  }

  function foldAll() {
    folding.foldAll(!folding.isAny());
    refold();
    if (folding.isAny()) view.fit(); // covers are readable in a small picture
  }

  function refold() {
    covers.paint(boxes);
    put($("folds"), folding.isAny() ? "Unfold all" : "Fold all");
    picture.paint(position);
    show();
    const around = chosen === null ? undefined : folding.around(chosen).find(folding.isFolded);
    if (around === undefined) panel.paint(chosen, position);
    else choose(pass.frames + around);
    note();
  }

  /** Fold or unfold the focused or chosen frame, or the frame around that node. */
  function foldHere() {
    const focused = parts.get(document.activeElement);
    const here = focused ?? chosen;
    if (here === null) return;
    const f = pass.isFrame(here) ? here - pass.frames : folding.innermost(here);
    if (f < 0) return;
    fold(f, !folding.isFolded(f));
    if (focused !== undefined) covers.box(pass.frames + f).toggle.focus();
  }

  // Moves

  function go(target, isMoving = false) {
    position = Math.max(0, Math.min(last, target));
    const step = picture.paint(position, isMoving ? Math.min(700, 0.7 * pause()) : 0);
    show();
    panel.paint(chosen, position);
    const visible = step ? box(folding.seen(step.operand ?? step.node)) : null;
    if (visible) view.reveal(visible.corners);
    note();
  }

  function show() {
    const [sentence, formula] = words.describe(position);
    put($("words"), sentence);
    put($("formula"), formula);
    const [phase] = sentence.split(":");
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
      moves.step();
    }, pause());
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
    paintPlay();
  }

  function paintPlay() {
    $("message").ariaLive = timer ? "off" : "polite"; // too fast for a screen reader
    $("play").ariaLabel = timer ? "Pause" : "Play";
    $("play").classList.toggle("playing", timer !== 0);
  }

  // Links to a step: #step=12&node=v7&fold=layer0

  let noting = 0;

  const idOf = (i) => (pass.isBox(i) ? data.nodes[i].at : `v${data.nodes[i].id}`);
  const written = (name, value) => `&${name}=${encodeURIComponent(value)}`;

  function note() {
    const frame = pass.things[chosen]?.key; // of a frame alone
    const node = chosen === null || frame !== undefined ? "" : written("node", idOf(chosen));
    const hash = `#step=${position}${node}` + (frame === undefined ? "" : written("frame", frame)) +
      folding.keys().map((key) => written("fold", key)).join("");
    $("link").setAttribute("href", hash);
    clearTimeout(noting);
    if (!isFramed) noting = setTimeout(() => replaceAddress(hash), 200); // browsers limit the rate
  }

  function replaceAddress(hash) {
    try {
      history.replaceState(null, "", hash);
    } catch { /* a page without its own address has no links */ }
  }

  function follow() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const node = boxes.findIndex((_, i) => idOf(i) === asked.get("node"));
    const frame = folding.named(asked.get("frame"));
    stop();
    folding.setKeys(asked.getAll("fold"));
    refold();
    go(Number.parseInt(asked.get("step"), 10) || 0);
    choose(node >= 0 ? node : frame >= 0 ? pass.frames + frame : null);
  }

  // Input

  const moves = {
    start: () => go(0),
    back: () => go(position && folding.move(position, -1)),
    step: () => go(folding.move(position, 1), true),
    turn: () => go(data.forward),
    end: () => go(last),
  };
  const keys = {
    ArrowLeft: moves.back, ArrowRight: moves.step, Home: moves.start, End: moves.end,
    PageUp: () => position && go(folding.moveNode(position, -1)),
    PageDown: () => position < last && go(folding.moveNode(position, 1), true),
    f: foldHere, F: foldAll,
  };
  const searchKeys = {
    Enter: () => $("hits").querySelector("button")?.click(),
    Escape: () => {
      $("query").value = "";
      search(position);
    },
  };

  /** Press a part of the picture with a pointer, or with Enter or the space bar. */
  function press(i, target, isFocused = true) {
    if (target !== box(i).toggle) return choose(i, isFocused);
    const f = i - pass.frames;
    fold(f, !folding.isFolded(f));
  }

  function pressKey(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select, #panel")) return;
    const thing = parts.get(target);
    const isSpace = key === " " && !target.closest("button, a"); // these use the key themselves
    let act = keys[key] && (() => [stop(), keys[key]()]);
    if (target.id === "query") act = searchKeys[key];
    else if (key === "Escape") act = close;
    else if (thing !== undefined && (key === "Enter" || key === " ")) act = () => press(thing, target);
    else if (isSpace) act = () => (timer ? stop() : play());
    if (!act) return;
    event.preventDefault();
    act();
  }

  function listen() {
    for (const [id, move] of Object.entries(moves)) $(id).onclick = () => [stop(), move()];
    $("skip").onclick = (event) => { // keep the address, which links to a step
      event.preventDefault();
      $("controls").focus();
    };
    $("play").onclick = () => (timer ? stop() : play());
    $("slider").oninput = () => [stop(), go(Number($("slider").value))];
    $("closer").onclick = () => view.zoom(1.3);
    $("farther").onclick = () => view.zoom(1 / 1.3);
    $("fit").onclick = view.fit;
    $("folds").onclick = foldAll;
    $("query").oninput = () => search(position);
    for (const [part, i] of parts) {
      part.addEventListener("click", () => view.wasDragged() || press(i, part, false));
    }
    document.addEventListener("keydown", pressKey);
    window.addEventListener("hashchange", follow);
  }

  function begin() {
    put($("title"), data.title);
    put($("caption"), data.caption);
    $("caption").hidden = !data.caption;
    $("slider").max = last;
    $("controls").style.setProperty("--turn", last ? data.forward / last : 1);
    $("link").hidden = isFramed;
    $("folds").hidden = !data.frames.length;
    boxes.forEach(({ group }, i) => {
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button"); // its name is its text
      group.setAttribute("aria-description", data.nodes[i].label);
    });
    listen();
    view.open();
    follow();
  }

  begin();
})();
