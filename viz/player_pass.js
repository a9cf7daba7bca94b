"use strict";
// What a player's page knows of the pass. Python wrote every number and every formula as text (see
// player_script.py); here they are looked up. `at` says how many events have happened.

/* exported makePass */
function makePass({ nodes, events, numbers, output, seed, forward }) {
  const [SHOWN, SAID, FULL] = [0, 1, 2]; // the texts of a number: in a box, in a sentence, in full
  const text = (number, how = SAID) => (number === null ? "–" : numbers[number][how]);
  const factor = (number) => (text(number).startsWith("-") ? `(${text(number)})` : text(number));
  const isBad = (number) => number !== null && /nan|inf/.test(text(number));

  const steps = events.map(([node, slot, operand, upstream, local, brought, before, after]) => (
    { node, slot, operand, upstream, local, brought, before, after }));
  const isComputation = (step) => step.slot === undefined;
  const computed = nodes.map(() => 0); // after how many events a node has its number
  const arrivals = nodes.map(() => []); // which events bring it contributions
  const users = nodes.map(() => []);
  steps.forEach((step, k) => {
    if (isComputation(step)) computed[step.node] = k + 1;
    else arrivals[step.operand].push(k);
  });
  nodes.forEach((node, i) => new Set(node.parents).forEach((p) => users[p].push(i)));

  const isComputed = (i, at) => computed[i] <= at;
  const data = (i, at) => (isComputed(i, at) ? nodes[i].data : null);
  const arrived = (i, at) => arrivals[i].filter((k) => k < at);
  const isSeeded = (i, at) => i === output && at >= forward;

  function grad(i, at) {
    const k = arrived(i, at).pop();
    return k !== undefined ? steps[k].after : isSeeded(i, at) ? seed : null;
  }

  // Whole nodes: all that one sends happens at once

  const sender = (k) => (isComputation(steps[k]) ? -1 - k : steps[k].node);

  function nodeEnd(at) {
    let k = at + 1;
    while (k < steps.length && sender(k) === sender(at)) k++;
    return k;
  }

  function nodeStart(at) {
    let k = at - 1;
    while (k > 0 && sender(k - 1) === sender(at - 1)) k--;
    return k;
  }

  // In words and as a formula

  const ratio = (of, by) => `∂${nodes[of].label}/∂${nodes[by].label}`;
  const chain = ({ node, operand }) => `${ratio(output, node)} · ${ratio(node, operand)}`;
  const product = ({ upstream, local }) => `${factor(upstream)} · ${factor(local)}`;
  const named = (count, thing) => `${count} ${thing}${count === 1 ? "" : "s"}`;

  /** The last event, told in a sentence and in a line of symbols and numbers. */
  function tell(at) {
    if (!at) return tellStart();
    return isComputation(steps[at - 1]) ? tellComputed(at) : tellContribution(steps[at - 1]);
  }

  function tellStart() {
    const ahead = named(forward, "computation");
    const back = named(steps.length - forward, "contribution");
    const words = "At the start only leaves and constants have numbers.";
    return [words, `Ahead: ${ahead}, then ${back}.`];
  }

  function tellComputed(at) {
    const { label, formula, computed: plugged, data: result } = nodes[steps[at - 1].node];
    const start = `${ratio(output, output)} = ${text(seed)}`;
    const done = ` The forward pass is done; the backward pass starts with ${start}.`;
    const words = `Forward: ${label} is computed.${at === forward ? done : ""}`;
    return [words, `${label} = ${formula} = ${plugged} = ${text(result)}`];
  }

  function tellContribution(step) {
    const { node, slot, operand, brought, before, after } = step;
    const isTwice = nodes[node].parents.filter((p) => p === operand).length > 1;
    const place = isTwice ? `, its operand number ${slot + 1}` : "";
    const { formula } = nodes[node].locals[slot];
    const rule = `The local derivative ${ratio(node, operand)} is ${formula}`;
    return [
      `Backward: ${nodes[node].label} sends to ${nodes[operand].label}${place}. ${rule}.`,
      `${chain(step)} = ${product(step)} = ${text(brought)}; ` +
        `grad of ${nodes[operand].label}: ${text(before)} → ${text(after)}`,
    ];
  }

  return {
    SHOWN, FULL, text, factor, isBad, steps, isComputation, users, arrivals,
    isComputed, data, arrived, isSeeded, grad, nodeEnd, nodeStart, ratio, chain, product, tell,
  };
}
