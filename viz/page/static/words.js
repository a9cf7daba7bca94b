// The text of a step in a player's page: a sentence, and a line of symbols and numbers.

function makeWords({ nodes, output, seed, forward }, pass, folding) {
  const { text, factor, count, named, steps, things, span, range } = pass;
  const label = (i) => things[i].label;
  const ratio = (of, by) => `∂${label(of)}/∂${label(by)}`;
  const chain = ({ node, operand }) => `${ratio(output, node)} · ${ratio(node, operand)}`;
  const product = ({ upstream, local }) => `${factor(upstream)} · ${factor(local)}`;
  const TARGETS = 4;

  /** The text of the step that ends at `at`. */
  function describe(at) {
    if (!at) return describeStart();
    const step = steps[at - 1];
    const run = folding.run(at);
    if (run) return describeRun(run, at, "");
    if (pass.isBox(step.node)) return describeRun(step, at, " is done");
    return step.isForward ? describeComputed(at) : describeContribution(step);
  }

  function describeStart() {
    const total = (part) => part.reduce((sum, step) => sum + step.count, 0);
    const ahead = named(total(steps.slice(0, forward)), "computation");
    const back = named(total(steps.slice(forward)), "contribution");
    const words = "At the start only leaves and constants have numbers.";
    return [words, `Ahead: ${ahead}, then ${back}.`];
  }

  function forwardDone(at) {
    if (at !== forward) return "";
    const start = `${ratio(output, output)} = ${text(seed)}`;
    return ` The forward pass is done; the backward pass starts with ${start}.`;
  }

  function describeComputed(at) {
    const { label: name, formula, computed, data: result } = nodes[steps[at - 1].node];
    const words = `Forward: ${name} is computed.${forwardDone(at)}`;
    return [words, `${name} = ${formula} = ${computed} = ${text(result)}`];
  }

  function describeContribution(step) {
    const { node, slot, operand, contribution, before, after } = step;
    const isTwice = nodes[node].parents.filter((p) => p === operand).length > 1;
    const place = isTwice ? `, its operand number ${slot + 1}` : "";
    const { formula } = nodes[node].locals[slot];
    const rule = `The local derivative ${ratio(node, operand)} is ${formula}`;
    return [
      `Backward: ${label(node)} sends to ${label(operand)}${place}. ${rule}.`,
      `${chain(step)} = ${product(step)} = ${text(contribution)}; ` +
        `grad of ${label(operand)}: ${text(before)} → ${text(after)}`,
    ];
  }

  /** The text of a run of events in a folded frame or a box. */
  function describeRun({ node, isForward, count: events, sent }, at, isDone) {
    const { formula } = things[node];
    if (isForward) {
      const words = `Forward: ${label(node)}${isDone}: ${named(events, "operation")} computed.`;
      const line = [label(node), formula, span(range(node, "data", at))];
      return [words + forwardDone(at), [...new Set(line)].filter(Boolean).join(" = ")];
    }
    const words = `${label(node)}${isDone}: ${named(events, "contribution")} passed back.`;
    return [`Backward: ${words}`, describeSent(node, sent, at)];
  }

  function describeSent(node, sent, at) {
    const outside = sent.filter(([to]) => to !== node && to >= 0);
    const within = sent.filter(([to]) => to === node).map(([, number]) => number);
    const parts = outside.slice(0, TARGETS).map(([to, number]) => {
      const now = outside.length > 2 ? "" : `, whose grad is now ${span(range(to, "grad", at))}`;
      return `${count(number)} to ${label(to)}${now}`;
    });
    const more = outside.slice(TARGETS).reduce((sum, [, number]) => sum + number, 0);
    if (more) parts.push(`${count(more)} to others`);
    if (within.length) parts.push(`${count(within[0])} within it`);
    return parts.join("; ");
  }

  return { describe, ratio, chain, product };
}
