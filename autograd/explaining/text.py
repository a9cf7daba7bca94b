"""An explanation as text: in symbols, in formulas and in numbers, at most 80 columns wide."""

from __future__ import annotations

import math
import re

from autograd.explaining.local_derivatives import formula_in_numbers, local_formula
from autograd.explaining.paths import PathSum, Term
from autograd.explaining.symbols import known
from autograd.explaining.view import ExplanationView, PathStep, ends, path_count, ratio
from autograd.text import wording
from autograd.text.columns import UNBROKEN, display_width, pad, wrap
from autograd.text.tables import equation, equations
from autograd.value import Value

_CALLS = 4  # backward calls that are named where `.grad` differs
_SUMMANDS = 12  # the most of a sum that is written out


def text(e: PathSum) -> str:
    """Return the whole explanation, as `print` shows it."""
    view = ExplanationView(e)
    compared = [*_added(e), *_wrapped(_backward(e)), *_wrapped(_grad(view))]
    blocks = [_head(view), _nodes(view), _locals(view), _terms(view), compared]
    return "\n\n".join("\n".join(block) for block in blocks if block).replace(UNBROKEN, " ")


def one_line(e: PathSum) -> str:
    """Return the derivative and the number of its paths, as `repr` shows them."""
    view = ExplanationView(e)
    how = f"the sum over {path_count(e.count)}" if e.count else "no path"
    return f"<{_whole(view)} = {wording.number(e.value)}, {how}>".replace(UNBROKEN, " ")


def _whole(view: ExplanationView) -> str:
    return ratio(view.label(view.e.output), view.label(view.e.wrt))


def _head(view: ExplanationView) -> list[str]:
    e = view.e
    points = [e.output, e.wrt] if e.output is not e.wrt else [e.wrt]
    at = ", ".join(f"{view.label(v)} = {wording.number(view.recorded(v))}" for v in points)
    derivative = f"{_whole(view)} = {wording.number(e.value)}   at {at}"
    return [*_wrapped(derivative), *wrap(_what_it_is(view), shortened=True)]


def _wrapped(text: str) -> list[str]:
    return wrap(text, indent=2, shortened=True)


def _what_it_is(view: ExplanationView) -> str:
    e, y, x = view.e, view.label(view.e.output), view.label(view.e.wrt)
    if e.output is e.wrt:
        return "it is the same node: one path without a step, whose product is 1"
    if e.wrt not in e.graph.index:
        return f"{y} was not computed from {x}: there is no path between them"
    if not e.count:
        return (
            f"{y} was computed from {x}, but no derivative flows between them: every path leads "
            "through an operation that carries none, as a comparison"
        )
    if e.folded:
        return (
            f"the sum over {path_count(e.count)}, too many to list: folded by node, a term for "
            f"each use of {x}. A term is the derivative of {y} with respect to the node that uses "
            f"{x}, from the backward pass, times that node's local derivative"
        )
    many = f"the sum over {path_count(e.count)}, each" if e.count > 1 else "one path:"
    return f"{many} the product of the local derivatives along it"


def _nodes(view: ExplanationView) -> list[str]:
    rows = [(view.label(v), _operation(view, v), wording.number(v._float)) for v in view.nodes]
    return ["nodes", *equations(rows)] if rows else []


def _operation(view: ExplanationView, v: Value) -> str:
    pairs = zip(v.parents, v._primals, strict=True)
    shown = [known(x).factor if p.op == "const" else view.label(p) for p, x in pairs]
    return v._row.written(shown) if v._row else ""


def _locals(view: ExplanationView) -> list[str]:
    lines = ["local derivatives", *equations([_local(view, s) for s in view.steps])]
    if any(map(view.mark, view.steps)):
        lines.append("  ∂₁, ∂₂ …: by the first, second … operand alone")
    return lines if view.steps else []


def _local(view: ExplanationView, step: PathStep) -> tuple[str, str, str, str]:
    """Return a derivative in symbols, as formula, with numbers, as number; repeats are ""."""
    formula = local_formula(step.node, step.slot, view.label)
    numbers = formula_in_numbers(step.node, step.slot)
    result = wording.number(step.local)
    if _same_text(formula, result):
        formula, numbers = result, ""
    numbers = "" if _same_text(numbers, result) else numbers
    return _step(view, step), formula, numbers, "" if formula == result else result


def _same_text(a: str, b: str) -> bool:
    return a == b or (a + ".0").strip("()") == b


def _step(view: ExplanationView, s: PathStep) -> str:
    return ratio(view.label(s.node), view.label(s.operand), view.mark(s))


def _terms(view: ExplanationView) -> list[str]:
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


def _arrows(view: ExplanationView, t: Term) -> str:
    head, left_out, tail = ends(t.nodes)
    dots = f"… {wording.count(left_out, 'node')} left out …".replace(" ", UNBROKEN)
    middle = [dots] if left_out else []
    return " → ".join([*map(view.label, head), *middle, *map(view.label, tail)])


def _product(view: ExplanationView, t: Term) -> list[str]:
    dots = "… {:,} more …".replace(" ", UNBROKEN)
    upstream = ratio(view.label(view.e.output), view.label(t.nodes[-1]))
    written = view.product(t, upstream, lambda s: _step(view, s), dots, " · ")
    known, local = wording.operand(t.upstream), lambda s: wording.operand(s.local)
    numbers = view.product(t, known, local, dots, " · ")
    return [written, _bare(numbers) if " · " in numbers else "", wording.number(t.product)]


def _bare(text: str) -> str:
    """Return a product or a sum of numbers without the parentheses of the first."""
    return re.sub(r"^\((.*?)\)", r"\1", text)


def _folded(view: ExplanationView) -> list[str]:
    products = [_product(view, t) for t in view.terms]
    width = max(display_width(product) for _, _, product in products)
    rows = []
    for (written, numbers, product), t in zip(products, view.terms, strict=True):
        rows.append((written, numbers, f"{pad(product, width)}  {path_count(t.paths)}"))
    shown = f", the {len(rows)} largest of {len(view.e.terms):,}" if view.hidden else ""
    return [f"terms{shown}", *equations(rows), *(_hidden(view) if view.hidden else [])]


def _hidden(view: ExplanationView) -> list[str]:
    shown = {(t.nodes[1], t.slots[0]) for t in view.terms}
    rest = [t for t in view.e.terms if (t.nodes[1], t.slots[0]) not in shown]
    total = wording.number(sum([t.product for t in rest], 0.0))
    count = path_count(sum([t.paths for t in rest]))
    return wrap(f"  … {wording.count(len(rest), 'more term')} ({count}) add up to {total}")


def _added(e: PathSum) -> list[str]:
    if len(e.terms) < 2:
        return []
    written = f"sum of all {len(e.terms):,} terms"
    if len(e.terms) <= _SUMMANDS:
        written = "sum = " + _bare(" + ".join(wording.operand(t.product) for t in e.terms))
    return wrap(f"{written} = {wording.number(e.value)}", indent=4, shortened=True)


def _backward(e: PathSum) -> str:
    alike = _alike(e.value, e.reverse, e.size)
    how = alike or (
        "not that: it adds up at every node before it multiplies on, which is not the same where a "
        "factor is nan or infinite or a product leaves the range of floats"
    )
    return f"backward gives {wording.number(e.reverse)}: {how}"


def _alike(a: float, b: float, size: float) -> str:
    """Return in words that two numbers agree, up to rounding relative to `size`, else ""."""
    if a == b or (a != a and b != b):
        return "the same"
    if abs(a - b) <= 1e-9 * size < math.inf:
        return f"the same but for rounding, {abs(a - b):.1g} apart"
    return ""


def _grad(view: ExplanationView) -> str:
    e, x = view.e, view.label(view.e.wrt)
    if e.grad is None:
        return f"{x}.grad is not set: no backward has reached {x} yet"
    alike = _alike(e.grad, e.reverse, e.size) or _alike(e.grad, e.value, e.size)
    return f"{x}.grad is {wording.number(e.grad)}: {alike or _why_different(e)}"


def _shares(e: PathSum) -> str:
    shares = [f"{wording.number(entry.by.cotangents[e.wrt])} by {entry.by}" for entry in e.history]
    before = e.history[0].before
    earlier = [f"{wording.number(before)} before"] if before else []
    more = [f"… {len(shares) - _CALLS:,} more calls …"] if len(shares) > _CALLS else []
    return "; ".join([*earlier, *more, *shares[-_CALLS:]])


def _why_different(e: PathSum) -> str:
    if e.history:
        return f"not that; it is what the recorded calls brought: {_shares(e)}"
    if e.grad == 0.0:
        return "not that; it was set to 0, and no backward has come since"
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
