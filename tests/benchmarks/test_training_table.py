"""The benchmark of training runs and prints its table; how fast the machine is, no test asks."""

import re

from nn.compiled_engine import CompiledEngine


def test_the_table_has_the_first_fit_and_the_later_ones(benchmark_module, capsys):
    batch = CompiledEngine.batch
    benchmark_module("training").main(["--turns", "2"])
    *_, header, first, later = capsys.readouterr().out.splitlines()
    assert header.startswith("fit of 64-64-10, to its first batch")
    assert re.fullmatch(r"the first +[\d.]+ ms", first)
    assert re.fullmatch(r"of equal models, median of 2 +[\d.]+ ms +20 ms  (yes|no)", later)
    assert CompiledEngine.batch is batch
