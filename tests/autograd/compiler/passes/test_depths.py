"""Groups by depth, against the definition: the longest path to each node, counted for its class."""

import numpy as np
import pytest

from autograd.compiler.passes.depths import Dependencies


def depths(needs, classes):
    """For each node and class the number of nodes of the class on the longest path up to it."""
    counts = []
    for node, operands in enumerate(needs):
        here = [max((counts[x][c] for x in operands), default=0) for c in range(max(classes) + 2)]
        here[classes[node]] += 1
        counts.append(here)
    return [counts[node][classes[node]] for node in range(len(needs))]


@pytest.mark.parametrize("seed", range(40))
def test_groups_are_those_of_one_class_and_depth(seed):
    rng = np.random.default_rng(seed)
    count, near = int(rng.integers(1, 120)), int(rng.integers(1, 30))
    needs = [
        sorted({int(x) for x in rng.integers(max(0, node - near), node, rng.integers(0, 4))})
        if node else []
        for node in range(count)
    ]  # fmt: skip
    local = np.arange(count) // int(rng.integers(1, 40))  # classes that live one after the other
    classes = rng.integers(-1, rng.integers(0, 8), count) if seed % 2 else local
    keys = list(zip(classes.tolist(), depths(needs, classes.tolist()), strict=True))
    numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
    found = Dependencies(needs).groups_by_depth(classes)
    assert found.tolist() == [numbers[key] for key in keys]


def test_a_long_chain_takes_memory_in_proportion_to_its_length():
    chain = Dependencies([[], *([node] for node in range(20_000))])
    _, _, width = chain._columns(np.arange(20_001) // 2)  # each class ends where the next begins
    assert width == 1
