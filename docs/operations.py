"""`docs/operations.md`: the table of primitives for people, and the plot of each row.

Whatever stands in its tables was computed: formulas by the rules on symbols, conventions by
recording each operation at its special points. What accuracy was reached, `make accuracy` measured.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import plots

import autograd
from autograd import Value, primitives
from autograd.diagnosis.findings import badness
from autograd.explaining.local_derivatives import local_formula
from autograd.primitive import TABLE, Primitive
from autograd.text import wording

FOLDER = Path(__file__).parent
IMAGES = "images/operations"
ORDINARY = (2.5, -2.5, 0.25, -0.25)  # numbers at which each branch of a rule is taken
SPECIAL = (0.0, 1.0, math.inf, math.nan, -1.0, -0.0, -math.inf)
HALVES = (0.5, 1.5)  # with these the kinks, jumps and edges of all unary rows
CALLS = """
    max([3, 1, 3]), max([2, 2, 2, 1]), max([inf, inf, 1]), max([1, nan]), max([nan, 0, 1]),
    min([1, 3, 1]), fmax(1, 1), fmax(nan, 1), fmax(1, nan), fmax(nan, nan), fmin(nan, 1),
    clip(0, 0, 1), clip(1, 0, 1), clip(2, 0, 1), clip(nan, 0, 1), clip(2, 0, nan),
    prod([0, 2, 3]), prod([0, 0, 3]), prod([0, inf]),
    var([2, 2]), std([2, 2]), norm([0, 0]), norm([inf, 1]), norm([0, 0], ord=1),
    norm([0, 0], ord=3), norm([2, -2], ord=inf),
    logsumexp([1000, 1000]), logsumexp([0, -inf]), logsumexp([0, inf]), logsumexp([-inf, -inf]),
    softmax([0, -inf]), softmax([0, inf]), log_softmax([0, -1000]), log_softmax([0, -inf])
"""
"""Compositions at their special points: every number is made a Value."""

Point = tuple[float, ...]


def generated() -> dict[str, str]:
    """The page and the plots, each by its path."""
    text = (FOLDER / "operations.md.in").read_text("utf-8")
    for part in (overview, families, compositions, selecting, exceptions, reached):
        text = text.replace(f"{part.__name__.upper()}\n", "".join(f"{line}\n" for line in part()))
    rows = [row for row in TABLE.values() if any(row.partials)]
    return {"docs/operations.md": text} | {
        f"docs/{IMAGES}/{row.name}.svg": plots.svg(row) for row in rows
    }


def table(*rows: Iterable[str]) -> Iterator[str]:
    """A table in Markdown, its first row the head."""
    for i, row in enumerate(map(list, rows)):
        yield f"| {' | '.join(row)} |"
        if i == 0:
            yield "|" + " --- |" * len(row)


def overview() -> Iterator[str]:
    """Every row of the table on a line."""
    lines = [("name", "prints as", "NumPy", "what it is")]
    for row in TABLE.values():
        ufunc = f"`np.{row.ufunc.__name__}`" if type(row.ufunc).__name__ == "ufunc" else ""
        shown = f"`{row.written(row.operands[: row.arity])}`".replace("|", r"\|")
        lines.append((f"[`{row.name}`](#{row.name})", shown, ufunc, plain(row.doc)))
    return table(*lines)


def plain(text: str) -> str:
    """Words in which no sign is Markdown's."""
    return re.sub(r"[*|_<]", r"\\\g<0>", text)


def families() -> Iterator[str]:
    """A chapter for each file of the table, with a section for each row."""
    described = set()
    for name, module in vars(primitives).items():
        if isinstance(module, ModuleType) and module.__package__ == primitives.__name__:
            yield f"## {name.capitalize()}\n\n{(module.__doc__ or '').strip()}\n"
            for row in vars(module).values():
                if isinstance(row, Primitive) and row not in described:
                    described.add(row)
                    yield from section(row)


def section(row: Primitive) -> Iterator[str]:
    """All that there is to be said of a row."""
    yield f"### {row.name}\n\n`{row.written(row.operands)}`: {plain(row.doc)}\n"
    if any(row.partials):
        yield f"![{row.name} and its derivatives]({IMAGES}/{row.name}.svg)\n"
        yield from (*derivatives(row), "")
    if not row.is_comparison:
        yield from (*conventions(row), "")
    for title, words in (("Convention", row.convention), ("Accuracy", row.accuracy)):
        if words:
            yield f"{title}: {plain(words)}.\n"


def derivatives(row: Primitive) -> Iterator[str]:
    """The derivative to each operand as its rule computes it: the formula of each branch."""
    points = [*row.points, *itertools.permutations(ORDINARY, row.arity)]
    for slot, (name, rule) in enumerate(zip(row.operands, row.partials, strict=True)):
        found: dict[str, Point] = {}
        for point in points:
            y = row(*map(Value, plots.completed(row, point), row.operands))
            y.name = "y"
            if rule and not badness(y.data):
                formula = local_formula(y, slot, lambda v: v.name or "")
                found.setdefault(f"`{formula}`" if len(formula) < 100 else "a longer one", point)
        branches = [f"{each} at {place(at)}" for each, at in found.items()]
        if found:
            yield f"- `∂y/∂{name}` = {', '.join(branches if branches[1:] else found)}"


def place(point: Sequence[float | str]) -> str:
    """A point, or the names of its numbers; in parentheses if there are several."""
    listed = ", ".join(x if isinstance(x, str) else f"{x:g}" for x in point)
    return f"({listed})" if len(point) > 1 else listed


def number(x: float) -> str:
    """In six digits, a zero without its sign."""
    return f"{x + 0.0:.6g}"


def flowing(row: Primitive, each: Sequence[str]) -> list[str]:
    """What is for the value, and what is for an operand that takes a derivative."""
    return [x for x, rule in zip(each, (True, *row.partials), strict=True) if rule]


def conventions(row: Primitive) -> Iterator[str]:
    """The numbers of a row at its special points, those with the same numbers on one line.

    Left out is a point that differs from another in signs alone, as its numbers do.
    """
    count = len(row.partials)
    special = {1: SPECIAL + HALVES, 2: SPECIAL, 3: (0.0, 1.0, math.nan)}[count]
    points = [plots.completed(row, point) for point, _ in row.edges]
    points += itertools.product(special, repeat=count)
    lines: dict[tuple[str, ...], list[Point]] = {}
    seen = set()
    for point in sorted(points, key=lambda p: sum(math.copysign(1.0, x) < 0.0 for x in p)):
        numbers, signs = [*map(number, plots.numbers(row, point))], ""
        if numbers != [*map(number, plots.numbers(row, [x + 0.0 for x in point]))]:
            signs = str(point)
        alike = (signs, *(text.lstrip("-") for text in (*map(number, point), *numbers)))
        if alike not in seen and is_special(row, point):
            seen.add(alike)
            lines.setdefault(tuple(flowing(row, numbers)), []).append(point)
    heads = flowing(row, ["y", *(f"∂y/∂{name}" for name in row.operands)])
    ascending = sorted(lines.items(), key=lambda line: line[1][0]) if count == 1 else lines.items()
    listed = [(", ".join(map(place, at)), *numbers) for numbers, at in ascending]
    return table((f"`{place(row.operands)}`", *(f"`{head}`" for head in heads)), *listed)


def is_special(row: Primitive, point: Point) -> bool:
    """True at 0 and infinity, at a kink, a jump or an edge, and where a nan is left out."""
    y, *slopes = plots.numbers(row, point)
    if any(x != x for x in point):
        return y == y
    return (
        any(x == 0.0 if len(point) == 1 else badness(x) for x in point)
        or any(map(badness, (*point, y, *slopes)))
        or bool(autograd.kinks(row(*map(Value, point))))
    )


def compositions() -> Iterator[str]:
    """Calls of functions that are composed of rows, each number in them a Value."""
    lines = [("call", "value", "derivative to each number")]
    for call in re.findall(r"\w+\(.*?\)", CALLS):
        leaves: list[Value] = []

        def leaf(x: float, leaves: list[Value] = leaves) -> Value:
            leaves.append(Value(x))
            return leaves[-1]

        text = re.sub(r"(?<![=\w])-?(inf|nan|\d+)", r"leaf(float('\g<0>'))", call)
        y = eval(text, vars(autograd) | {"leaf": leaf, "inf": math.inf, "float": float})
        if isinstance(y, list):
            y, call = y[0], f"{call}[0]"
        slopes = autograd.gradients(y, leaves)
        lines.append((f"`{call}`", number(y.data), ", ".join(map(number, slopes))))
    return table(*lines)


def selecting() -> Iterator[str]:
    """The rows that select, in words."""
    names = [f"`{row.name}`" for row in TABLE.values() if row.selects]
    yield wording.listed(names or ["none"], len(TABLE))


def exceptions() -> Iterator[str]:
    """The rows that keep to other bounds."""
    return (f"- `{row.name}`: {plain(row.accuracy)}" for row in TABLE.values() if row.accuracy)


def reached() -> Iterator[str]:
    """The largest errors of the derivatives of each order that were measured, and on what."""
    measured = json.loads((FOLDER / "accuracy.json").read_text("utf-8"))
    yield f"The largest errors in ulps, of first / second / third derivatives ({measured['on']}):\n"
    modes = next(iter(measured["ulps"].values()))
    lines = [
        (
            f"`{name}`",
            *(" / ".join("∞" if e is None else f"{e:.2g}" for e in each[m]) for m in modes),
        )
        for name, each in measured["ulps"].items()
    ]
    yield from table(("name", *modes), *lines)
