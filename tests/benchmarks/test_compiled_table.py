"""The benchmark of compiled code sets out its rows; how fast the machine is, no test asks."""

import pytest


@pytest.fixture
def table(benchmark_module):
    return benchmark_module("compiled")


@pytest.mark.slow
def test_the_cost_of_a_call_and_the_transformer(table):
    header, call, transformer = sorted(
        table.rows(1, ["overhead", "transformer"]), key=lambda row: row[0] != "work"
    )
    assert header == table.HEADER
    assert call[0].startswith(("a call at batch 1", "character transformer"))
    assert all(len(row) == len(header) for row in (call, transformer))
    assert transformer[-1] in ("yes", "no")


@pytest.mark.slow
def test_the_gpt_beside_numpy_and_its_eager_self(benchmark_module):
    header, *rows = benchmark_module("small_gpt").rows(1)
    assert [row[-1] in ("yes", "no") for row in rows] == [True, False] * 2
    assert all(len(row) == len(header) for row in rows)


def test_the_ratio_is_that_of_the_turns(table):
    clock = iter(range(100))
    mine, other, ratio = table.take_turns(lambda: next(clock), lambda: None, 3)
    assert mine > 0 < other
    assert ratio > 0
