"""How many mistakes the tests find: seeded mutants of the engine, the table and the compiler.

A mutant is the code with one operator, comparison, number, condition or loop changed (Cosmic Ray's
operators). It is killed if a test in the folder of the module fails on it, or takes too long. What
survives is printed as a diff: either it computes the same as before, or a test is missing.

    python benchmarks/mutants.py                     300 places, one mutant of each
    python benchmarks/mutants.py 50 --seed 2 --modules autograd/backward.py

The tests run in copies of the project, one for each job; the working tree is not touched.
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import functools
import importlib.util
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ENGINE, COMPILER = "tests/autograd/test_*.py", "tests/autograd/compiler/**/test_*.py"
# The modules, the tests of their folder, and which of those are likely to fail first.
SUITES = {
    "autograd/primitive.py": (ENGINE, "test_primitives", "test_rows_in_detail"),
    "autograd/primitives/*.py": (ENGINE, "test_primitives", "test_rows_in_detail"),
    "autograd/node.py": (ENGINE, "test_value", "test_backward"),
    "autograd/value.py": (ENGINE, "test_value", "test_modes"),
    "autograd/backward.py": (ENGINE, "test_backward", "test_random_graphs"),
    "autograd/derivatives.py": (ENGINE, "test_derivatives", "test_backward"),
    "autograd/graph.py": (ENGINE, "test_graph", "test_derivatives"),
    "autograd/compiler/tracing/differentiate.py": (COMPILER, "test_passes", "test_second_order"),
    "autograd/compiler/passes/simplify.py": (COMPILER, "test_passes", "test_odd_programs"),
    "autograd/compiler/passes/sums.py": (COMPILER, "test_passes", "test_odd_programs"),
    "autograd/compiler/rolling/reroll.py": (COMPILER, "test_passes", "test_odd_programs"),
}
# Not the replacements that are a TypeError on any number, nor `==` for `is`, which is the same on
# the objects that the engine compares.
ARITHMETIC, ORDER = "(Add|Sub|Mul|Div|FloorDiv|Mod|Pow)", "(Eq|NotEq|Lt|LtE|Gt|GtE)"
OPERATORS = re.compile(
    rf"core/(ReplaceBinaryOperator_{ARITHMETIC}_{ARITHMETIC}"
    rf"|ReplaceComparisonOperator_({ORDER}_{ORDER}|Is_IsNot|IsNot_Is)"
    r"|ReplaceUnaryOperator_Delete_(USub|Not)|AddNot|Replace(True|False|And|Or)With\w+"
    r"|Replace(Break|Continue)With\w+|ExceptionReplacer|NumberReplacer|RemoveDecorator"
    r"|ZeroIterationForLoop)"
)
DATA = ("points", "edges", "strict")  # where the tests look at a row; a check that all is well
MEMORY = 4 * 2**20  # KiB for each run of the tests
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "out", "build", "dist")

Tests = tuple[str, ...]


class Mutant(NamedTuple):
    module: str
    line: int
    code: str
    diff: str


def sample(modules: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """One mutant at each of so many places of the modules, chosen by a seed."""
    rng = random.Random(seed)
    places = [(module, *place) for module in modules for place in places_of(module)]
    rng.shuffle(places)
    found = filter(None, (mutant(rng, *place) for place in places))
    return [made for _, made in zip(range(count), found, strict=False)]


def places_of(module: str) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """The places that can be changed: the line, and by which operators, each with its count."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast((ROOT / module).read_text())))
    places: dict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    for name in sorted(filter(OPERATORS.fullmatch, operator_names())):
        positions = get_operator(name)().mutation_positions
        found = [(node, start) for node in nodes for start, _ in positions(node)]
        for number, (node, start) in enumerate(found):
            if not is_text_or_data(node):
                places[start].append((name, number))
    return ((line, places[line, column]) for line, column in sorted(places))


def is_text_or_data(node: Any) -> bool:
    """True in an f-string, in a list of parameters, and in the arguments of `DATA`."""
    while node is not None:
        if node.type in ("fstring", "parameters"):
            return True
        if node.type == "argument" and node.children[0].get_code().strip() in DATA:
            return True
        node = node.parent
    return False


def mutant(
    rng: random.Random, module: str, line: int, operators: list[tuple[str, int]]
) -> Mutant | None:
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    name, number = rng.choice(operators)
    original = (ROOT / module).read_text()
    code = mutate_code(original, get_operator(name)(), number)
    diff = difflib.unified_diff(original.splitlines(), code.splitlines(), lineterm="", n=0)
    try:
        compile(code, module, "exec")
    except SyntaxError:
        return None
    return Mutant(module, line, code, "\n".join([*diff][3:]))


@functools.cache
def tests_of(module: str) -> Tests:
    """The files with the tests of a module, in the order in which they run."""
    folder, *first = next(suite for m, suite in SUITES.items() if fnmatch.fnmatch(module, m))
    files = sorted(ROOT.glob(folder), key=lambda path: (path.stem not in first, path))
    return tuple(str(path.relative_to(ROOT)) for path in files)


def passes(tests: Tests, copy: Path, seconds: float | None = None) -> bool:
    """Run tests in a copy of the project. False once one fails, or after so many seconds."""
    options = ["-x", "-q", "-p", "no:cacheprovider"]
    limited = ["sh", "-c", f'ulimit -v {MEMORY}; exec "$@"', "sh"]
    process = subprocess.Popen(
        [*limited, sys.executable, "-m", "pytest", *options, *tests],
        cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def bound(tests: Tests, copy: Path) -> float:
    """The seconds after which a mutant counts as killed: it loops, or is far too slow."""
    start = perf_counter()
    if not passes(tests, copy):
        raise SystemExit(f"a test fails without a mutant: {' '.join(tests)}")
    return 20 + 3 * (perf_counter() - start)


def survives(made: Mutant, copy: Path, bounds: dict[Tests, float]) -> bool:
    """Run the tests of a module with a mutant in its place."""
    path, tests = copy / made.module, tests_of(made.module)
    original = path.read_text()
    path.write_text(made.code)
    # Bytecode is told from stale bytecode by time and size, which two mutants may share.
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
    try:
        return passes(tests, copy, bounds[tests])
    finally:
        path.write_text(original)


class Copies:
    """Copies of the project, and a thread for each of them."""

    def __init__(self, folder: str, count: int) -> None:
        self.pool = ThreadPoolExecutor(count)
        self.free: queue.Queue[Path] = queue.Queue()
        for number in range(count):
            self.free.put(shutil.copytree(ROOT, Path(folder, str(number)), ignore=LEFT_OUT))

    def map(self, work: Callable[[Any, Path], Any], things: Sequence[Any]) -> Iterator[Any]:
        """Do work on each thing in some copy, and yield the results in order."""
        return self.pool.map(lambda thing: self._in_a_copy(work, thing), things)

    def _in_a_copy(self, work: Callable[[Any, Path], Any], thing: Any) -> Any:
        copy = self.free.get()
        try:
            return work(thing, copy)
        finally:
            self.free.put(copy)


def table(mutants: Sequence[Mutant], survivors: Sequence[Mutant]) -> str:
    made, left = (Counter(m.module for m in each) for each in (mutants, survivors))
    rows = [(module, made[module], left[module]) for module in sorted(made)]
    lines = [f"{'module':44}  mutants  killed      %"]
    for module, n, alive in [*rows, ("all", len(mutants), len(survivors))]:
        lines.append(f"{module:44}  {n:7}  {n - alive:6}  {100 * (n - alive) / n:5.1f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=300, help="of places (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", nargs="*", help="paths; all that SUITES names unless given")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    listed = [str(path.relative_to(ROOT)) for m in SUITES for path in sorted(ROOT.glob(m))]
    mutants = sample(options.modules or listed, options.count, options.seed)
    survivors: list[Mutant] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = Copies(folder, options.jobs)
        suites = sorted({tests_of(made.module) for made in mutants})
        bounds = dict(zip(suites, copies.map(bound, suites), strict=True))
        outcomes = copies.map(lambda made, copy: survives(made, copy, bounds), mutants)
        for number, (made, alive) in enumerate(zip(mutants, outcomes, strict=True), 1):
            if alive:
                survivors.append(made)
                where = f"{number} of {len(mutants)} survives: {made.module}:{made.line}"
                print(f"{where}\n{made.diff}\n", flush=True)
    print(table(mutants, survivors))


if __name__ == "__main__":
    main()
