// The folded frames of a player's picture, and their effect on the steps: a run of events in a
// folded frame is one step.

function makeFolding({ frames, nodes, arrows }, pass) {
  let folded = new Set(); // the numbers of folded frames
  const inner = nodes.map(() => -1); // the innermost frame around each node: later frames are inner
  frames.forEach(({ units }, f) => units.forEach((i) => (inner[i] = f)));
  const outerFirst = (f) => (f < 0 ? [] : [...outerFirst(frames[f].around), f]);
  const aroundFrame = frames.map((_, f) => outerFirst(frames[f].around));
  const aroundNode = nodes.map((_, i) => outerFirst(inner[i]));
  let hidden = nodes.map(() => -1); // the outermost folded frame around each node

  const isFolded = (f) => folded.has(f);
  const isAway = (f) => aroundFrame[f].some(isFolded);
  const around = (i) => (pass.isFrame(i) ? aroundFrame[i - pass.frames] : aroundNode[i]);

  function set(wanted) {
    folded = new Set(wanted);
    hidden = aroundNode.map((path) => path.find(isFolded) ?? -1);
  }

  const fold = (f, isWanted) => set([...folded].filter((g) => g !== f).concat(isWanted ? [f] : []));
  const foldAll = (isWanted) => set(isWanted ? frames.keys() : []);
  const unfoldAround = (i) => set([...folded].filter((f) => !around(i).includes(f)));

  /** The visible form of a thing: itself, or the folded frame around it; -1 for none. */
  function seen(i) {
    if (pass.isFrame(i)) return i;
    const unit = pass.home(i);
    return unit < 0 || hidden[unit] < 0 ? unit : pass.frames + hidden[unit];
  }

  // Runs

  const owner = (k) => hidden[pass.steps[k].node] ?? -1;

  function isOneRun(a, b) {
    const { steps } = pass;
    return owner(a) >= 0 && owner(a) === owner(b) && !steps[a].isForward === !steps[b].isForward;
  }

  function isOneNode(a, b) {
    const [one, other] = [pass.steps[a], pass.steps[b]];
    const isSender = !one.isForward && !other.isForward && one.node === other.node;
    return isSender || isOneRun(a, b);
  }

  /** The other end of the step that begins at `at`, or by -1 of the one that ends there. */
  function move(at, by, isTogether = isOneRun) {
    const last = pass.steps.length;
    let k = at + by;
    while (k > 0 && k < last && isTogether(k - 1, k)) k += by;
    return Math.max(0, Math.min(last, k));
  }

  /** The step of a folded frame that ends at `at`, with its contributions, or null. */
  function run(at) {
    const [from, f] = [move(at, -1), owner(at - 1)];
    if (f < 0) return null;
    const steps = pass.steps.slice(from, at);
    const sent = new Map();
    for (const [to, count] of steps.flatMap((step) => step.sent ?? [])) {
      sent.set(seen(to), (sent.get(seen(to)) ?? 0) + count);
    }
    const count = steps.reduce((sum, step) => sum + step.count, 0);
    return { node: pass.frames + f, isForward: steps[0].isForward, count, sent: [...sent], steps };
  }

  /** True if the ends of an arrow are visible as two things. */
  const isCrossing = (a) => seen(arrows[a][0]) !== seen(arrows[a][1]);

  // Links

  const keys = () => [...folded].map((f) => frames[f].key).sort();
  const named = (key) => frames.findIndex((frame) => frame.key === key);
  const setKeys = (wanted) => set(wanted.map(named).filter((f) => f >= 0));

  return {
    isFolded, isAway, around, innermost: (i) => around(i).at(-1) ?? -1,
    fold, foldAll, unfoldAround, seen, isCrossing, keys, named, setKeys, run,
    isAny: () => folded.size > 0, move, moveNode: (at, by) => move(at, by, isOneNode),
  };
}
