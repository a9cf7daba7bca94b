"use strict";
// The pass that a player's page plays. ../as_data.py wrote every number and formula as text; they
// are looked up here. `at` is the number of steps that have happened. A thing is a node, a box or a
// frame: drawn nodes and boxes come first, then nodes that are only mentioned, then frames. Its
// range is [lowest, highest, count that is not finite], or null.

function makePass({ nodes, events, numbers, output, seed, forward, drawn, arrows, frames }) {
  const [SHOWN, SAID, FULL] = [0, 1, 2]; // the texts of a number: in a box, in a sentence, in full
  const text = (number, how = SAID) => numbers[number][how];
  const factor = (number) => (text(number).startsWith("-") ? `(${text(number)})` : text(number));
  const count = (number) => number.toLocaleString("en-US");
  const named = (number, thing) => `${count(number)} ${thing}${number === 1 ? "" : "s"}`;
  const values = numbers.map((texts) => Number(texts[FULL].replace("inf", "Infinity")));

  for (const node of nodes) node.at ??= `n${node.id}`;
  const things = [...nodes, ...frames.map((frame) => ({ ...frame, kind: "frame" }))];
  const isFrame = (i) => i >= nodes.length;
  const isBox = (i) => nodes[i]?.kind === "box";
  /** The drawn thing that contains a node: itself or a box; -1 for none. */
  const home = (i) => (i < drawn ? i : nodes[i].within ?? -1);

  // Steps: a node is computed or sends to an operand, or a box has done all of either

  const steps = events.map(([node, slot, ...rest], k) => {
    if (slot === undefined) return { node, isForward: true, count: 1 };
    if (slot < 0) return { node, isForward: k < forward, count: rest[0], sent: rest[1] };
    const [operand, upstream, local, contribution, before, after] = rest;
    const sent = [[home(operand), 1]];
    return { node, slot, operand, upstream, local, contribution, before, after, sent, count: 1 };
  });

  const computed = things.map(() => 0); // the step that completes the data of a thing
  const arrivals = things.map(() => []); // the steps in which it receives contributions
  steps.forEach((step, k) => {
    if (step.isForward) computed[step.node] = k + 1;
    const receivers = step.isForward ? [] : [step.operand, ...step.sent.map(([to]) => to)];
    new Set(receivers).forEach((i) => arrivals[i]?.push(k));
  });
  const [users, sources] = [things.map(() => new Set()), things.map(() => new Set())];
  for (const [start, end] of arrows) {
    users[start]?.add(end);
    sources[end]?.add(start);
  }
  frames.forEach(({ units }, f) => {
    computed[nodes.length + f] = Math.max(...units.map((i) => computed[i]));
  });

  // Numbers, each with the step from which on it holds

  /** What the last change that has happened says. */
  const latest = (changes, at) => changes.findLast(([from]) => from <= at)?.slice(1) ?? null;

  const changes = nodes.map((node, i) => {
    if (isBox(i)) return { data: node.data, grad: node.grads };
    const seeded = i === output ? [[forward, seed]] : [];
    const grads = node.grads ?? [...seeded, ...arrivals[i].map((k) => [k + 1, steps[k].after])];
    const ranges = ([step, number]) => [step, number, number, 0];
    return { data: [ranges([computed[i], node.data])], grad: grads.map(ranges) };
  });

  const isComputed = (i, at) => computed[i] <= at;
  /** The text below a gradient: the sum of the contributions that have arrived. */
  const sum = (i, at) => latest(nodes[i].sums, at)?.[0] ?? "";

  function range(i, what, at) {
    if (isFrame(i)) return union(things[i].outputs.map((unit) => range(unit, what, at)));
    return latest(changes[i][what], at);
  }

  function union(ranges) {
    const known = ranges.filter((range) => range);
    if (known.length < 2) return known[0] ?? null;
    let [low, high, bad] = [-1, -1, 0];
    for (const [a, b, more] of known) {
      bad += more;
      if (a < 0) continue;
      if (!Number.isFinite(values[a])) bad += 1;
      else {
        if (low < 0 || values[a] < values[low]) low = a;
        if (high < 0 || values[b] > values[high]) high = b;
      }
    }
    return [low, high, bad];
  }

  /** A range in words: one number, or the lowest and the highest. */
  function span(limits, how = SAID) {
    if (!limits) return "–";
    const [low, high, bad] = limits;
    const parts = bad ? [`${count(bad)} not finite`] : [];
    if (low >= 0) {
      const [a, b] = [text(low, how), text(high, how)];
      parts.push(a === b ? a : `${a} … ${b}`);
    }
    return parts.join(" ");
  }

  const isBad = (limits) => limits !== null &&
    (limits[2] > 0 || !Number.isFinite(values[limits[0]]));

  return {
    SHOWN, SAID, FULL, text, factor, count, named, things, drawn, frames: nodes.length, isFrame,
    isBox, home, steps, arrivals, users, sources, changes, isComputed, sum, range, latest, span,
    isBad,
  };
}
