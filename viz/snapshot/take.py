"""The taking of a snapshot: the nodes, boxes and arrows of a selection, with their numbers now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from autograd import Edge, Graph, Value
from autograd.primitive import CONST
from viz.appearance.options import Options
from viz.selection.elements import ArrowEnd, FoldedBox, PictureArrow
from viz.selection.frames import Scope, scopes
from viz.selection.nearest import Selection, nearest
from viz.snapshot import snapshot
from viz.snapshot.chain_rule import GradientSum, sums, total
from viz.snapshot.formulas import formula
from viz.snapshot.highlights import Highlight
from viz.snapshot.numbers import OWN, Flows, Sign, State, grad_of, moment, sign_of
from viz.snapshot.symbolic import derivative_text, expression

_USUAL, _NOTHING = Options(), Highlight()


_MANY = 10  # groups of code lines: fewer fold well as they are


def take(
    graph: Graph,
    selection: Selection | None = None,
    options: Options = _USUAL,
    state: State = OWN,
    marks: Highlight = _NOTHING,
) -> snapshot.Snapshot:
    """Take a snapshot of what is selected of a graph, or of all of it.

    >>> taken = take(Graph(Value(2.0, "x") * 3.0))
    >>> [(node.node.label, node.operation, node.data) for node in taken.nodes]
    [('x', 'leaf', 2.0), ('3.0', 'const', 3.0), ('v2', 'x * 3.0', 6.0)]
    """
    selection = selection or nearest(graph, len(graph))
    taking = _Taking(graph, options, state, marks)
    scope = selection.scopes or scopes(selection.near)
    gradients = sums(graph, taking.flows, selection.shown) if options.backward else {}
    stale = _stale(selection.shown) if state is OWN else {}
    nodes = {v: taking.node(v, scope[v], gradients.get(v), stale.get(v)) for v in selection.shown}
    boxes = {fold: taking.box(fold) for fold in selection.folds}
    rest = {s: snapshot.ShownStub(graph.index[s.at], s.side, n) for s, n in selection.stubs.items()}
    ends: dict[ArrowEnd, snapshot.End] = dict(chain(nodes.items(), boxes.items(), rest.items()))
    return snapshot.Snapshot(
        count=len(graph),
        outputs=tuple([taking.reference(v) for v in graph.outputs]),
        results=tuple([state.data(v) for v in graph.outputs]),
        nodes=tuple(nodes.values()),
        boxes=tuple(boxes.values()),
        stubs=tuple(rest.values()),
        arrows=tuple([taking.arrow(arrow, ends) for arrow in selection.arrows]),
        reason=selection.reason,
        around=tuple([taking.reference(v) for v in selection.around]),
        moment=moment(state),
        stale=len(stale),
        options=options,
        is_bare=sum(f.kind == "step" for f in selection.folds) > _MANY and _is_bare(graph),
    )


def _is_bare(graph: Graph) -> bool:
    return not any(getattr(v, "_origin", None) or "." in (v._name or "") for v in graph)


def _stale(nodes: Sequence[Value]) -> dict[Value, float]:
    """The recorded numbers of nodes whose data changed since the forward pass."""
    used = {v: v._y for v in nodes if v.parents}
    for v in nodes:
        used |= zip(v.parents, v._primals, strict=True)
    return {v: x for v, x in used.items() if x != v._float and (x == x or v._float == v._float)}


class _Taking:
    def __init__(self, graph: Graph, options: Options, state: State, marks: Highlight) -> None:
        self.graph, self.options, self.state, self.marks = graph, options, state, marks
        self.flows = Flows(state)
        self.outputs = frozenset(graph.outputs)
        self.slopes: dict[FoldedBox, dict[Value, float]] = {}

    def reference(self, v: Value) -> snapshot.Reference:
        constant = v._float if v._row is CONST else None
        name = self.graph.name(v)
        is_alone = name is not None and self.graph.bearers[name] == 1
        return snapshot.Reference(self.graph.index[v], name, v._row, constant, is_alone)

    def node(
        self, v: Value, scope: Scope, gradient: GradientSum | None, was: float | None
    ) -> snapshot.ShownNode:
        marks, state = self.marks, self.state
        return snapshot.ShownNode(
            self.reference(v),
            scope,
            operands=tuple([self.reference(p) for p in v.parents]),
            partials=self.flows.partials(v),
            data=state.data(v),
            grad=grad_of(state, v),
            is_output=v in self.outputs,
            sum=gradient,
            was=was,
            mark=snapshot.Mark(marks.kinds[v], marks.words.get(v, ""))
            if v in marks.kinds
            else None,
            symbols=expression(v) if self.options.formulas else "",
        )

    def box(self, fold: FoldedBox) -> snapshot.ShownBox:
        index, state = self.graph.index, self.state
        inside = set(fold.nodes)
        operands = {p for v in fold.nodes for p in v.parents if p not in inside}
        return snapshot.ShownBox(
            fold.kind,
            fold.title,
            fold.scope,
            fold.copies,
            nodes=tuple([index[v] for v in fold.nodes]),
            outputs=tuple([index[v] for v in fold.outputs]),
            inputs=sum(p.name is not None or p._row is not CONST for p in operands),
            holds=frozenset(snapshot.kind_of(row) for row in {v._row for v in fold.nodes}),
            formula=formula(fold),
            data=tuple([state.data(v) for v in fold.outputs]),
            grads=tuple([grad_of(state, v) for v in fold.outputs if v._row is not CONST]),
            mark=self.marks.of_nodes(fold.nodes),
            marks=frozenset(self.marks.kinds[v] for v in fold.nodes if v in self.marks.kinds),
        )

    def arrow(
        self, arrow: PictureArrow, ends: Mapping[ArrowEnd, snapshot.End]
    ) -> snapshot.ShownArrow:
        first = arrow.edges[0]
        flows = [self.flows.of(edge) for edge in arrow.edges]
        local, result = flows[0].local if len(flows) == 1 else None, first.result
        has_symbols = self.options.formulas and local is not None
        if isinstance(arrow.end, FoldedBox) and local is not None and len(arrow.end.outputs) == 1:
            # Beside a box stands the derivative of its output, not of a node within.
            result = arrow.end.outputs[0]
            has_symbols = has_symbols and result is first.result
            is_computed = self.state.data(result) is not None
            local = local * self.within(arrow.end)[first.result] if is_computed else None
        marked = self.marks.edges
        kinds = (marked.get(edge[1:]) for edge in arrow.edges) if marked else ()
        return snapshot.ShownArrow(
            ends[arrow.start],
            ends[arrow.end],
            self.reference(first.operand),
            self.reference(result),
            first.slot,
            len(arrow.edges),
            is_flowing=not all(map(_flows_nowhere, arrow.edges)),
            local=local,
            sent=_sent([f.contribution for f in flows if f.contribution is not None]),
            mark=next(filter(None, kinds), None),
            symbols=derivative_text(first.result, first.slot) if has_symbols else "",
        )

    def within(self, fold: FoldedBox) -> dict[Value, float]:
        """The derivative of the one output of a box with respect to each node in it."""
        if fold not in self.slopes:
            slopes = dict.fromkeys(fold.nodes, 0.0) | {fold.outputs[0]: 1.0}
            for v in reversed(fold.nodes):
                for operand, partial in zip(v.parents, self.flows.partials(v), strict=True):
                    if operand in slopes and partial is not None:
                        slopes[operand] += slopes[v] * partial
            self.slopes[fold] = slopes
        return self.slopes[fold]


def _flows_nowhere(edge: Edge) -> bool:
    rules = edge.result._row.partials if edge.result._row is not None else ()
    return edge.operand._row is CONST or edge.slot >= len(rules) or rules[edge.slot] is None


def _sent(numbers: Sequence[float]) -> snapshot.Contributions | None:
    if not numbers:
        return None
    signs = {sign_of(x) for x in numbers}
    signs -= {"zero"} if len(signs) > 1 else set()
    sign: Sign = signs.pop() if len(signs) == 1 else "mixed"
    size = total(map(abs, numbers))
    return snapshot.Contributions(min(numbers), max(numbers), total(numbers), size, sign)
