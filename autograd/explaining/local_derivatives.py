"""Local derivatives as formulas: the rules of the table, evaluated on symbols.

A rule on floats gives a number, on Values a graph, and on Symbols a formula: that of the branch
that was taken.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd.explaining.symbols import ATOM, LOOSE, Symbol, known, name_latex, quoted
from autograd.floats.ieee import real
from autograd.primitive import CONST, Style
from autograd.text import wording
from autograd.value import Value


def local_formula(v: Value, slot: int, label: Callable[[Value], str], style: Style = "text") -> str:
    r"""Return the derivative of a node with respect to the operand in a slot as a formula.

    `label` gives the name of a node; constants are shown as numbers.

    Raises TypeError for what is not a Value, ValueError for a leaf and for a slot it does not have.

    >>> x, z = Value(2.0, "x"), Value(4.0, "z")
    >>> for y in (x * z, x / z, x**3, x.tanh()):
    ...     y.name = "y"
    ...     print(local_formula(y, 0, lambda v: v.name))
    z
    1 / z
    3 * x ** 2
    sech2(x)
    >>> print(local_formula(x / z, 1, lambda v: v.name or "y", "latex"))
    \frac{-y}{z}
    """
    return local_symbol(v, slot, label, style).text


def local_symbol(
    v: Value, slot: int, label: Callable[[Value], str], style: Style = "text"
) -> Symbol:
    """Return the same as a Symbol, which has its number too."""

    def shown(node: Value, number: float) -> Symbol:
        name = label(node)
        return Symbol(name_latex(name) if style == "latex" else quoted(name), number, style=style)

    return derivative(v, slot, shown, style)


def formula_in_numbers(v: Value, slot: int) -> str:
    """Return the same formula with the recorded numbers in place of the names.

    >>> formula_in_numbers(Value(0.0).sigmoid(), 0), formula_in_numbers(Value(-3.0) ** 2, 0)
    ('0.5 * sigmoid(-0.0)', '2 * (-3.0)')
    """

    def shown(node: Value, number: float) -> Symbol:
        text = wording.number(number)
        return Symbol(text, number, LOOSE if text.startswith("-") else ATOM)

    return derivative(v, slot, shown).text


def derivative(
    v: Value, slot: int, shown: Callable[[Value, float], Symbol], style: Style = "text"
) -> Symbol:
    """Return the same, on the symbols that `shown` gives for nodes and their recorded numbers.

    >>> x = Value(2.0, "x")
    >>> derivative(x**3, 0, lambda v, number: Symbol("a", number)).text
    '3 * a ** 2'
    """
    if not isinstance(v, Value):
        raise TypeError(f"a local derivative is of a Value, got {type(v).__name__} {v!r}")
    if v._row is None or v._p0 is None:
        raise ValueError(f"{v!r} was not computed from operands: it has no local derivatives")
    if not 0 <= slot < len(v.parents):
        raise ValueError(f"{v!r} has operands 0 to {len(v.parents) - 1}, got {slot!r}")
    rule = v._row.partials[slot]
    if rule is None:
        return known(0.0, style)
    pairs = zip(v.parents, v._primals, strict=True)
    operands = [known(x, style) if p._row is CONST else shown(p, x) for p, x in pairs]
    result = rule(shown(v, v._y), *operands)
    return result if isinstance(result, Symbol) else known(real(result), style)
