"""`autopsy`: the birth of every nan and every infinity of a graph, and how far each went."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal

from autograd.backward import pull_back
from autograd.diagnosis import report_text, where_trap
from autograd.diagnosis.findings import Fate, Finding, badness, of_data, of_gradients
from autograd.diagnosis.report_text import equation, equation_with_source
from autograd.floats.ieee import real
from autograd.graph import Graph
from autograd.node import UNSET
from autograd.primitive import CONST
from autograd.system.garbage import paused
from autograd.text import wording
from autograd.text.columns import cut
from autograd.text.report import Listing, Paragraph, Part, Table
from autograd.text.tables import Row
from autograd.value import Value, one_value

_SHOWN = 20  # findings in the table
_STATIONS = 8  # nodes of a path


class Autopsy(Listing[Finding]):
    """The findings on a graph: a sequence of `Finding`, which prints as a report.

    The births come first, then the others: data in the order of the forward pass, gradients in that
    of the backward pass.
    """

    def __init__(self, output: Value, gradient: float) -> None:
        self.output = output
        self.graph = Graph(output)
        cotangents = dict.fromkeys(self.graph.nodes, UNSET)
        seed = cotangents[output] = real(gradient)
        data = list(of_data(self.graph.nodes))
        self._sent: list[Finding] = []  # in the order of the backward pass
        if output._row is not CONST:
            pull_back(cotangents)
            self._sent = list(of_gradients(cotangents, output, seed))
        self.gradients = sum(v._row is not CONST and g is not UNSET for v, g in cotangents.items())
        """The number of nodes that a gradient reached."""
        self._cotangents = cotangents
        super().__init__(sorted(data + self._sent, key=lambda f: f.fate != "born"))
        self._float = {f.node: f for f in data}

    @property
    def ok(self) -> bool:
        """True if all data and gradients are finite, also those that do not reach the output."""
        return not self

    def of(self, what: Literal["data", "gradient"], fate: Fate) -> list[Finding]:
        """Return the findings of one kind and one fate.

        >>> x = Value(-1.0, "x")
        >>> [f.node.op for f in autopsy(x.log() + 1).of("data", "passed on")]
        ['add']
        """
        return [f for f in self if (f.what, f.fate) == (what, fate)]

    @property
    def born(self) -> list[Finding]:
        """The births, of data and of gradients."""
        return [f for f in self if f.fate == "born"]

    @cached_property
    def path(self) -> list[Value]:
        """The nodes from the birth that the verdict names to the output.

        If the output is finite they lead to the node that masked or healed the number; empty if all
        data are finite.
        """
        if not self._float:
            return []
        ends = (f for f in self._float.values() if f.fate in ("masked", "healed"))
        finding = self._float.get(self.output) or next(ends, next(iter(self._float.values())))
        path = [finding.node]
        while finding.source is not None and finding.source in self._float:
            finding = self._float[finding.source]
            path.append(finding.node)
            if finding.fate != "passed on":
                break
        return path[::-1]

    @property
    def verdict(self) -> str:
        """A sentence on the data and one on the gradients."""
        if self.ok:
            nodes, reached = len(self.graph), wording.count(self.gradients, "gradient")
            return f"no nan and no inf among {wording.count(nodes, 'node')} and {reached}"
        return "; ".join(filter(None, (self._of_data(), self._of_gradients())))

    def _of_data(self) -> str:
        if not self.path:
            return "" if self._float else "all data are finite"
        birth, end = self._float[self.path[0]], self._float[self.path[-1]]
        sentence = _birth(self.graph, birth)
        if len(self.path) > 1:
            sentence += self._route(end)
        elif end.node is self.output:
            sentence += ", the output"
        return sentence + _others(len(self.of("data", "born")) - 1)

    def _route(self, end: Finding) -> str:
        between = len(self.path) - 2
        through = f" through {wording.count(between, 'node')}" if between else ""
        turned = self._turned()
        turn = f", turned nan in {equation(self.graph, turned)}" if turned is not None else ""
        if end.fate == "passed on":
            return f"{turn}, passed on{through} to the output"
        passed = f", passed on{through}" if between else ""
        return f"{turn}{passed}, {end.fate} in {equation(self.graph, end.node)}"

    def _turned(self) -> Value | None:
        for before, v in pairwise(self.path):
            if math.isnan(self._float[v].value) and not math.isnan(self._float[before].value):
                return v
        return None

    def _of_gradients(self) -> str:
        if not self._sent:
            return ""
        ways = self._ways()
        leaves = [v for v in self.graph.leaves if v in ways]
        way = max([ways[v] for v in leaves] or ways.values(), key=_explains)
        birth, *turned = way
        others = (v for v in leaves if ways[v] == way and v is not birth.node)
        names = [self._with_gradient(v, birth) for v in others]
        turn = "".join(f", turned nan in {_contribution(self.graph, f)}" for f in turned)
        reached = f", and reached {wording.listed(names)}" if names else ""
        count = _others(len(self.of("gradient", "born")) - 1)
        return _birth_of_gradient(self.graph, birth) + turn + reached + count

    def _ways(self) -> dict[Value, list[Finding]]:
        """The birth of each bad gradient, and where it turned nan if it was infinite at first."""
        ways: dict[Value, list[Finding]] = {}
        for f in self._sent:
            known = ways.get(f.node)
            if f.fate == "masked" or (known and badness(f.value) <= badness(known[-1].value)):
                continue
            if f.fate == "born" or f.source is None:
                ways[f.node] = [f]
            else:
                way = ways[f.source]
                ways[f.node] = [*way, f] if badness(f.value) > badness(way[-1].value) else way
        return ways

    def _with_gradient(self, v: Value, birth: Finding) -> str:
        number, first = wording.number(self._cotangents[v]), wording.number(birth.value)
        return self.graph.label(v) + ("" if number == first else f" as {number}")

    @cached_property
    def hint(self) -> str:
        """The code to write instead in the trap of `where`; "" elsewhere.

        The branch that was not chosen has gradient 0, and 0 times an infinite derivative is nan.

        >>> from autograd import where, gt
        >>> x = Value(0.0, "x")
        >>> autopsy(where(gt(x, 0), x.log(), 0)).hint
        'choose the operand before the function: log(where(x > 0.0, x, 1.0))'
        """
        return where_trap.hint(self.graph, self._cotangents, self.of("gradient", "born"))

    def _parts(self) -> list[Part]:
        parts: list[Part] = [Paragraph(self.verdict)]
        if self.ok:
            return parts
        if len(self.path) > 2:
            stations = [self.graph.label(v) for v in self.path]
            if len(stations) > _STATIONS:
                left_out = f"… {len(stations) - _STATIONS:,} more …"
                stations[_STATIONS // 2 : -_STATIONS // 2] = [left_out]
            parts.append(Paragraph(f"path: {' → '.join(stations)}", 6))
        parts.append(self._table())
        if self.hint:
            parts.append(Paragraph(f"hint: {self.hint}", 6))
        return parts

    def _table(self) -> Table:
        rows: list[Row] = [("what", "fate", "value", "made at", "how")]
        rows += [self._row(f) for f in self[:_SHOWN]]
        if not any(row[3] for row in rows[1:]):  # no lines are known
            rows = [(*row[:3], row[4]) for row in rows]
        if left_out := Counter(f"{f.what} {f.fate}" for f in self[_SHOWN:]):
            counted = ", ".join(f"{n:,} {what}" for what, n in left_out.items())
            rows.append(f"… and {counted} …")
        return Table(rows, is_cut=True)

    def _row(self, f: Finding) -> tuple[str, ...]:
        how = equation(self.graph, f.node) if f.what == "data" else _contribution(self.graph, f)
        maker = f.node if f.what == "data" or f.source is None else f.source
        made = cut(report_text.source_of(maker), 22)
        return f.what, f.fate, wording.number(f.value), made, how

    def __repr__(self) -> str:
        findings, nodes = wording.count(len(self), "finding"), len(self.graph)
        return f"<Autopsy: {findings} in {wording.count(nodes, 'node')}>"


def _explains(way: Sequence[Finding]) -> tuple[int, bool]:
    """How bad it gets, and if bad data do not explain it."""
    consumer = way[0].source
    numbers = (math.nan,) if consumer is None else (consumer._y, *consumer._primals)
    return badness(way[-1].value), all(map(math.isfinite, numbers))


def _others(count: int) -> str:
    return f" (and {count:,} more {'was' if count == 1 else 'were'} born)" if count > 0 else ""


def _birth(graph: Graph, f: Finding) -> str:
    how = "was assigned to" if math.isfinite(f.node._y) else "was born in"
    how = "came in with" if f.node._p0 is None else how
    return f"{wording.number(f.value)} {how} {equation_with_source(graph, f.node)}"


def _birth_of_gradient(graph: Graph, f: Finding) -> str:
    if f.source is None:
        return f"the gradient given to the output was {wording.number(f.value)}"
    number = wording.number(f.value)
    to = f"{number} was born in the gradient of {graph.label(f.node)}"
    return f"{to}, {_contribution(graph, f)}, from {equation_with_source(graph, f.source)}"


def _contribution(graph: Graph, f: Finding) -> str:
    if f.source is None:
        return f"{graph.label(f.node)}: given"
    way = f"{graph.label(f.source)} → {graph.label(f.node)}: "
    if f.local is None:
        return f"{way}no derivative flows"
    return way + report_text.contribution(f.upstream or 0.0, f.local, f.before)


@paused()
def autopsy(output: Value, gradient: float = 1.0) -> Autopsy:
    """Find where every nan and infinity was born, and whether it was passed on, masked or healed.

    It examines the recorded forward pass and the gradients of a backward pass of its own. `.grad`
    stays as it is, and data that were assigned since are ignored, so it never raises
    StaleGraphError. Each node with a bad number has a finding. Each with a bad gradient has one for
    every contribution that was born bad or made its sum worse, with the equation that gives it.

    Args:
        output: the Value whose graph is examined.
        gradient: the gradient with which the backward pass begins, as for `backward`.

    Raises TypeError for what is not a Value, and for a gradient that is not a number.

    >>> u = Value(-0.5, "u")
    >>> print(autopsy(u.log() * 2))
    nan was born in v1 = log(u): log(-0.5), passed on to the output
    <BLANKLINE>
    what  fate       value  how
    data  born       nan    v1 = log(u): log(-0.5)
    data  passed on  nan    v3 = v1 * 2.0: nan * 2.0
    >>> print(autopsy(u.exp()))
    no nan and no inf among 2 nodes and 2 gradients
    """
    output = one_value(output, "autopsy")
    return Autopsy(output, gradient)
