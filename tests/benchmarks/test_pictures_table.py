"""The benchmark of pictures sets out its rows; how fast the machine is, no test asks."""

import pytest


@pytest.fixture
def table(benchmark_module):
    return benchmark_module("pictures")


def test_rows_of_small_pictures(table):
    header, *rows = table.rows(1, most=0.5)
    assert header == table.HEADER
    assert [row[0] for row in rows] == ["a network of 60 nodes", "a network of 500 nodes"]
    assert all(row[-1] in ("yes", "no") for row in rows)


def test_works_have_about_as_many_nodes_as_their_names_say(table):
    named = [work for work in table.WORKS if "nodes" in work.name]
    assert len(named) == 2
    for work in named:
        size, said = len(table.Graph(work.make())), int(work.name.split()[-2])
        assert 0.9 * said <= size <= 1.1 * said
