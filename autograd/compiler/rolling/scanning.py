"""Loops as instructions: the program of a step, and the rows that go in and come out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from autograd.compiler.passes.forms import Forms, Node, Scan
from autograd.compiler.rolling.choosing import mixed
from autograd.compiler.rolling.emitter import Emitter
from autograd.compiler.rolling.instructions import Feed, Instruction, Plan, Step, StepKind
from autograd.compiler.rolling.views import BATCHED, SHARED, Index, View, contiguous
from autograd.compiler.tracing.loops import EACH, LAST, SUM, Source


def split_outer(forms: Forms, outer: Sequence[Node]) -> list[tuple[bool, int]]:
    """For each outer number whether it is batched, and its number among those that are, or not."""
    counts = {True: 0, False: 0}
    numbered = []
    for node in outer:
        is_batched = forms.is_batched[node]
        numbered.append((is_batched, counts[is_batched]))
        counts[is_batched] += 1
    return numbered


def sums_of_each(forms: Forms, node: Node) -> list[int]:
    """The sums over the steps of a loop that are wanted for each example."""
    payloads = [forms.tape.payloads[item] for item in forms.items.get(node, ())]
    return sorted({which[1] for which in payloads if which[0] == SUM})


def roll_scan(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Make the instruction of a loop."""
    (node,) = nodes
    forms, layout = emitter.forms, emitter.layout
    form = forms.form[node]
    assert isinstance(form, Scan)
    loop = form.loop
    first, outer, sources = loop.apart(form.operands)
    feeder = _Feeder(emitter)
    starts = feeder.feed(first, 0)
    items = feeder.items(sources, loop.length, len(first))
    theta = feeder.feed([n for n in outer if not forms.is_batched[n]], 0)
    batched = [n for n in outer if forms.is_batched[n]]
    constant = feeder.feed(batched, len(first) + len(sources))
    space = BATCHED if forms.is_batched[node] else SHARED
    sums = sums_of_each(forms, node)
    m, end = len(loop.each), loop.length * len(loop.each)
    name = layout.fresh("scan")
    rows = emitter.block(space, max(1, end + len(first) + len(sums)), name)
    emitter.stacks[node] = space, int(rows[0]), m
    results = forms.items.get(node, [])

    def place(kind: str, number: int, step: int = 0) -> int:
        if kind == EACH:
            return step * m + number
        return end + (number if kind == LAST else len(first) + sums.index(number))

    places = [place(*forms.tape.payloads[item]) for item in results]
    numbers = rows[np.array(places, dtype=np.int64)]
    totals = None
    if node in forms.totals:
        wanted = np.array([total for total, _ in forms.totals[node]])
        means, totals = emitter.rows_of_means(wanted, True)
        layout.put(wanted, totals.space, means)
    plan = Plan(
        emitter.programs[node], loop.length, loop.is_reversed, len(first), m,
        starts, items, constant, theta, totals,
    )  # fmt: skip
    out = contiguous(space, int(rows[0]), (len(rows),))
    emitter.steps.append(Step(StepKind.SCAN, out, tuple(feeder.views), plan=plan))
    layout.put([node], space, rows[:1])
    over = ", ".join(dict.fromkeys(feeder.labels)) or "nothing"
    formula = f"scan of {loop.length:,} steps{' back' * loop.is_reversed} over {over}"
    return emitter.finish(name, results, (space, numbers), formula, (len(rows),))


class _Feeder:
    """Collects the views that a loop reads."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter
        self.views: list[View] = []
        self.labels: list[str] = []

    def feed(self, nodes: Sequence[Node], begin: int) -> tuple[Feed, ...]:
        """Feed nodes once, into the rows of the step's program from one on."""
        found = [self.column(Source((node,)), 1) for node in nodes]
        return self._by_space(found, begin, once=True)

    def items(self, sources: Sequence[Source], length: int, begin: int) -> tuple[Feed, ...]:
        """Feed an item for each step from every source."""
        found = [self.column(source, length) for source in sources]
        feeds = self._by_space(found, begin, once=False)
        self.labels = [self._label(*pair) for pair in zip(sources, found, strict=True)]
        return feeds

    def _label(self, source: Source, found: tuple[str, Index]) -> str:
        """The label of a source: of an output of a loop the loop's name."""
        label = self.emitter.layout.label(*found)
        return label.partition("[")[0] if source.output >= 0 else label

    def column(self, source: Source, length: int) -> tuple[str, Index]:
        """The space and the rows (steps,) of what a source gives."""
        emitter = self.emitter
        if source.output >= 0:
            space, start, m = emitter.stacks[source.nodes[0]]
            return space, start + source.output + m * np.arange(length)
        nodes = np.array(source.nodes)
        if len(np.unique(emitter.layout.space[nodes])) > 1:
            return mixed(emitter, nodes)
        return emitter.layout.where(nodes)

    def _by_space(
        self, found: Sequence[tuple[str, Index]], begin: int, once: bool
    ) -> tuple[Feed, ...]:
        """Feeds of neighbours that are of one space, in order."""
        feeds = []
        for space, neighbours in groupby(found, key=lambda place: place[0]):
            table = np.stack([rows for _, rows in neighbours], axis=1)
            self.views.append(self.emitter.view((space, table[0] if once else table)))
            end = begin + table.shape[1]
            feeds.append(Feed(len(self.views) - 1, slice(begin, end)))
            begin = end
        return tuple(feeds)
