"""The caption says that `record()` and `scope()` fold better where it is true, and only there."""

import pytest

import nn
from autograd import Value, record, scope
from viz import draw

HINT = "; record() and scope() fold it better"


def attention(name=None):
    """Plain scalar code: scores, softmax and a mean of vectors, twice."""
    keys = [[Value(0.1 * (i - j), name) for j in range(4)] for i in range(6)]
    for _ in range(2):
        scores = [[sum(a * b for a, b in zip(q, k, strict=True)) for k in keys] for q in keys]
        exps = [[s.exp() for s in row] for row in scores]
        shares = [[e / sum(row, 0.0) for e in row] for row in exps]
        columns = list(zip(*keys, strict=True))
        keys = [
            [sum(s * k for s, k in zip(row, column, strict=True)) for column in columns]
            for row in shares
        ]
    return sum(sum(row) for row in keys)


def caption(y, **options):
    return draw(y, **options).table().splitlines()[-1]


@pytest.mark.parametrize("name", [None, "key"])
def test_code_without_lines_scopes_and_dotted_names_folds_better_with_record(name):
    y = attention(name)
    assert caption(y).endswith(f" groups, 1 sum{HINT}")
    assert draw(y).text(width=200).count(HINT) == 1
    with record():
        better = attention(name)
    assert HINT not in caption(better)
    assert "test_caption.py" in draw(better).text(width=200)
    assert "test_caption.py" not in draw(y).text(width=200)


@pytest.mark.parametrize("context", [record, lambda: scope("attention")], ids=["record", "scope"])
def test_no_hint_where_it_is_followed_in_part(context):
    with record(), context():
        some = attention()
    assert HINT not in caption(some + attention())


def test_no_hint_for_a_dotted_name_nor_for_what_is_not_folded_to_groups():
    assert HINT not in caption(attention("layer0.key"))
    model = nn.MLP(8, [8, 1])
    assert HINT not in caption(model([0.5] * 8))
    small = Value(2.0) * Value(3.0)
    assert "fold" not in draw(small).text()
    x = [Value(float(i), f"x[{i}]") for i in range(200)]
    assert caption(sum(x)).startswith("401 nodes shown as")
    assert HINT not in caption(sum(x))
    assert HINT not in caption(attention(), fold=False, max_nodes=20)
