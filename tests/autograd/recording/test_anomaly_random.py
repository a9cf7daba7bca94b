"""`detect_anomaly()` on random graphs: at the first bad number, and only there."""

from __future__ import annotations

import math

from anomaly_checks import untouched
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from passes import bits, derived

from autograd import (
    AnomalyError,
    Graph,
    Value,
    detect_anomaly,
)
from autograd.primitive import TABLE

INF, NAN = math.inf, math.nan


numbers = st.sampled_from([0.0, 1.0, -1.0, 2.0, 1e-200, 1e200, -1e300, 0.5])
places = st.lists(st.integers(0, 99), min_size=3, max_size=3)
programs = st.lists(st.tuples(st.sampled_from(sorted(TABLE)), places), max_size=12)


kinds = st.sampled_from([(1, 1), (1, 0), (0, 1)])


def built(points, program):
    leaves = [Value(x, f"x{i}") for i, x in enumerate(points)]
    nodes = list(leaves)
    for name, chosen in program:
        row = TABLE[name]
        nodes.append(row(*[nodes[i % len(nodes)] for i in chosen[: row.arity]]))
    return leaves, nodes


@settings(max_examples=examples(400))
@given(st.lists(numbers, min_size=1, max_size=3), programs, kinds)
def test_it_raises_at_the_first_bad_number_and_only_there(points, program, which):
    nan, inf = map(bool, which)

    def is_bad(x):
        return (nan and math.isnan(x)) or (inf and math.isinf(x))

    leaves, nodes = built(points, program)
    y = nodes[-1]
    forward = [v for v in Graph(y) if is_bad(v.data)]
    backward = [] if forward else [c for c in derived(y, 1.0) if is_bad(c.after)]
    late = None
    try:
        with detect_anomaly(nan=nan, inf=inf):
            y.backward()
    except AnomalyError as error:
        late = error
    if forward:
        assert late.node is forward[0]
    elif backward:
        assert late.event.node is backward[0].node
        assert late.node is backward[0].operand
        assert late.event.slot == backward[0].slot
    else:
        assert late is None
    if late is not None:
        assert untouched(*Graph(y))
        assert max(map(len, str(late).splitlines())) < 250
    else:
        twins, others = built(points, program)
        others[-1].backward()
        assert [bits(v.grad) for v in leaves] == [bits(v.grad) for v in twins]

    bad = [v.op for v in nodes if v.parents and is_bad(v.data)]
    early = None
    try:
        with detect_anomaly(nan=nan, inf=inf):
            built(points, program)
    except AnomalyError as error:
        early = error.node.op
    assert early == (bad[0] if bad else None)
