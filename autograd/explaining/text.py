"""How an explanation prints: in symbols, in formulas and in numbers, at most 80 columns wide."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from autograd.explaining import symbols
from autograd.explaining.view import Step, View, ends, paths, ratio, steps
from autograd.text import wording
from autograd.text.columns import UNBROKEN, display_width, pad, wrap
from autograd.text.tables import equation, equations
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.explaining.paths import Explanation, Term

_CALLS = 4  # backward calls named where a gradient is another
_SUMMANDS = 12  # of a sum that is written out


def text(e: Explanation) -> str:
    """What `print` shows."""
    view = View(e)
    blocks = [_head(view), _nodes(view), _locals(view), _terms(view), _sum(view)]
    return "\n\n".join("\n".join(block) for block in blocks if block).replace(UNBROKEN, " ")


def one_line(e: Explanation) -> str:
    """What `repr` shows."""
    view = View(e)
    how = f"the sum over {paths(e.count)}" if e.count else "no path"
    return f"<{_whole(view)} = {wording.number(e.value)}, {how}>".replace(UNBROKEN, " ")


def _whole(view: View) -> str:
    return ratio(view.label(view.e.output), view.label(view.e.wrt))


def _head(view: View) -> list[str]:
    e = view.e
    points = [e.output, e.wrt] if e.output is not e.wrt else [e.wrt]
    at = ", ".join(f"{view.label(v)} = {wording.number(view.recorded(v))}" for v in points)
    return [
        *_wrapped(f"{_whole(view)} = {wording.number(e.value)}   at {at}"),
        *wrap(_what_it_is(view), shortened=True),
    ]


def _wrapped(text: str) -> list[str]:
    return wrap(text, indent=2, shortened=True)


def _what_it_is(view: View) -> str:
    e, y, x = view.e, view.label(view.e.output), view.label(view.e.wrt)
    if e.output is e.wrt:
        return "it is the same node: one path without a step, whose product is 1"
    if e.wrt not in e.graph.index:
        return f"{y} was not computed from {x}: there is no path between them"
    if not e.count:
        return (
            f"{y} was computed from {x}, but no derivative flows between them: every path leads "
            "through a comparison or a condition"
        )
    if e.folded:
        return (
            f"the sum over {paths(e.count)}, too many to list: folded by node, a term for each use "
            f"of {x}. A term is the derivative of {y} with respect to the node that uses {x}, "
            "from the backward pass, times that node's local derivative"
        )
    many = f"the sum over {paths(e.count)}, each" if e.count > 1 else "one path:"
    return f"{many} the product of the local derivatives along it"


def _nodes(view: View) -> list[str]:
    rows = [(view.label(v), _operation(view, v), wording.number(v._data)) for v in view.nodes]
    return ["nodes", *equations(rows)] if rows else []


def _operation(view: View, v: Value) -> str:
    shown = [
        symbols.known(x).factor if p.op == "const" else view.label(p)
        for p, x in zip(v.parents, v._primals, strict=True)
    ]
    return v._row.written(shown) if v._row else ""


def _locals(view: View) -> list[str]:
    if not view.steps:
        return []
    lines = ["local derivatives", *equations([_local(view, s) for s in view.steps])]
    if any(s.mark for s in view.steps):
        lines.append("  ∂₁, ∂₂ …: by the first, second … place of an operand that has several")
    return lines


def _local(view: View, step: Step) -> tuple[str, str, str, str]:
    """In symbols, as a formula, with numbers, as a number; what repeats is left out."""
    formula = symbols.local_formula(step.node, step.slot, view.label)
    numbers = symbols.plugged(step.node, step.slot)
    result = wording.number(step.local)
    if _same_text(formula, result):
        formula, numbers = result, ""
    cells = [formula, "" if _same_text(numbers, result) else numbers]
    return (_step(view, step), *cells, "" if formula == result else result)  # type: ignore[return-value]


def _same_text(a: str, b: str) -> bool:
    """Whether two texts are the same number, or just the same."""
    return a == b or (a + ".0").strip("()") == b


def _step(view: View, s: Step) -> str:
    return ratio(view.label(s.node), view.label(s.operand), s.mark)


def _terms(view: View) -> list[str]:
    if view.e.folded:
        return _folded(view)
    if not view.steps:
        return []
    lines = ["paths" if len(view.terms) > 1 else "path"]
    for i, t in enumerate(view.terms, 1):
        number = f"  {i}. " if len(view.terms) > 1 else "  "
        lines += wrap(number + _arrows(view, t), indent=len(number) - 2, shortened=True)
        lines += equation(_product(view, t), " " * len(number))
    return lines


def _arrows(view: View, t: Term) -> str:
    head, left_out, tail = ends(t.nodes)
    left = f"… {wording.count(left_out, 'node')} left out …".replace(" ", UNBROKEN)
    middle = [left] if left_out else []
    return " → ".join([*map(view.label, head), *middle, *map(view.label, tail)])


def _product(view: View, t: Term) -> list[str]:
    """A term in symbols, in numbers, as a number."""
    head, left_out, tail = steps(t)
    middle = [f"… {left_out:,} more …".replace(" ", UNBROKEN)] if left_out else []
    whole = t.nodes[-1] is view.e.output

    def chained(upstream: str, factor: Callable[[Step], str]) -> str:
        first = [] if whole else [upstream]
        return " · ".join([*first, *map(factor, head), *middle, *map(factor, tail)])

    upstream = ratio(view.label(view.e.output), view.label(t.nodes[-1]))
    written = chained(upstream, lambda s: _step(view, s))
    numbers = chained(wording.operand(t.upstream), lambda s: wording.operand(s.local))
    product = wording.number(t.product)
    return [written, _bare(numbers) if " · " in numbers else "", product]


def _bare(text: str) -> str:
    """A product or a sum of numbers without the parentheses of its first."""
    return re.sub(r"^\((.*?)\)", r"\1", text)


def _folded(view: View) -> list[str]:
    products = [_product(view, t) for t in view.terms]
    width = max(display_width(product) for _, _, product in products)
    rows = [
        (written, numbers, f"{pad(product, width)}  {paths(t.paths)}")
        for (written, numbers, product), t in zip(products, view.terms, strict=True)
    ]
    shown = f", the {len(rows)} largest of {len(view.e.terms):,}" if view.hidden else ""
    return [f"terms{shown}", *equations(rows), *_hidden(view)]


def _hidden(view: View) -> list[str]:
    if not view.hidden:
        return []
    shown = {(t.nodes[1], t.slots[0]) for t in view.terms}
    rest = [t for t in view.e.terms if (t.nodes[1], t.slots[0]) not in shown]
    total = wording.number(sum([t.product for t in rest], 0.0))
    count = paths(sum(t.paths for t in rest))
    return wrap(f"  … {wording.count(len(rest), 'more term')} ({count}) add up to {total}")


# What the terms add up to, beside what the engine says


def _sum(view: View) -> list[str]:
    e = view.e
    return [*_added(e), *_wrapped(_backward(e)), *_wrapped(_grad(view))]


def _added(e: Explanation) -> list[str]:
    if len(e.terms) < 2:
        return []
    written = f"sum of all {len(e.terms):,} terms"
    if len(e.terms) <= _SUMMANDS:
        written = "sum = " + _bare(" + ".join(wording.operand(t.product) for t in e.terms))
    return wrap(f"{written} = {wording.number(e.value)}", indent=4, shortened=True)


def _backward(e: Explanation) -> str:
    alike = _alike(e.value, e.reverse, e.size)
    how = alike or (
        "not that: it adds up at every node before it multiplies on, which is not the same where a "
        "factor is nan or infinite or a product leaves the range of floats"
    )
    return f"backward gives {wording.number(e.reverse)}: {how}"


def _alike(a: float, b: float, size: float) -> str:
    """How two numbers are the same; "" if they are not. Rounding is measured by the terms."""
    if a == b or (a != a and b != b):
        return "the same"
    if abs(a - b) <= 1e-9 * size < math.inf:
        return f"the same but for rounding, {abs(a - b):.1g} apart"
    return ""


def _grad(view: View) -> str:
    e, x = view.e, view.label(view.e.wrt)
    if e.grad is None:
        return f"{x}.grad is not set: no backward has reached {x} yet"
    alike = _alike(e.grad, e.reverse, e.size) or _alike(e.grad, e.value, e.size)
    return f"{x}.grad is {wording.number(e.grad)}: {alike or _why_not(e)}"


def _brought(e: Explanation) -> str:
    """Each backward call with its share, oldest first; of many the last ones."""
    shares = [f"{wording.number(entry.by.cotangents[e.wrt])} by {entry.by}" for entry in e.history]
    before = e.history[0].before
    earlier = [f"{wording.number(before)} before"] if before else []
    more = [f"… {len(shares) - _CALLS:,} more calls …"] if len(shares) > _CALLS else []
    return "; ".join([*earlier, *more, *shares[-_CALLS:]])


def _why_not(e: Explanation) -> str:
    if e.history:
        return f"not that; it is what the recorded calls brought: {_brought(e)}"
    if e.wrt._p0 is not None:
        return (
            "not that; it is no leaf, so its .grad is of the last backward alone, from another "
            "output or with another gradient="
        )
    times = e.grad / e.reverse if e.grad and e.reverse else math.nan
    if math.isfinite(times) and round(times) > 1 and math.isclose(times, round(times)):
        return (
            f"{round(times):,} times that; backward seems to have run {round(times):,} times "
            "without zero_grad, for a leaf adds up"
        )
    return (
        "not that; a leaf adds up, so it may hold what other outputs sent, what is left of earlier "
        "calls, or a backward with another gradient="
    )
