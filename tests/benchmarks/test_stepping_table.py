"""The benchmark of the shell sets out its rows; how fast the machine is, no test asks."""


def test_rows_of_small_graphs(benchmark_module):
    table = benchmark_module("stepping")
    header, *rows = table.rows(200, 300)
    assert header == table.HEADER
    assert [row[3] for row in rows] == ["0.5 s", "0.05 s", "10 s"]
    assert [row[1] for row in rows] == ["201", "201", "301"]
    assert all(row[-1] in ("yes", "no") for row in rows)
