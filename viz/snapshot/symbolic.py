"""Formula labels: the formula of a node and its local derivatives, in the symbols of a textbook.

A node without a name is written out in terms of named ones, a few operations deep; beyond that it
is an ellipsis. The derivatives are the rules of the table of primitives, run on symbols.
"""

from __future__ import annotations

from autograd import Value
from autograd.explaining.local_derivatives import derivative
from autograd.explaining.symbols import Symbol, known, quoted, written
from autograd.primitive import CONST
from autograd.text.characters import readable
from autograd.text.columns import display_width, shorten
from viz.selection.frames import split_name

_DEPTH = 3  # nested operations
_LONGEST = 32  # columns of a node's formula
_LONGEST_DERIVATIVE = 24
_NAME = 16  # columns


def expression(v: Value) -> str:
    """The formula of a node; "" for a leaf or a constant, and for a formula that is too long.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> expression((w * x - 1).tanh()), expression((w - x) ** 2)
    ('tanh(w·x − 1)', '(w − x)²')
    """
    if v._row is None or v._row is CONST:
        return ""
    return _fitting(_symbol(v, v._y, _DEPTH, written_out=True).text, _LONGEST)


def derivative_text(v: Value, slot: int) -> str:
    """The local derivative of a node to an operand, in symbols; "" if it is too long.

    >>> x = Value(3.0, "x")
    >>> derivative_text(x**3, 0), derivative_text(x.exp(), 0)
    ('3·x²', 'exp(x)')
    """
    symbol = derivative(v, slot, lambda p, number: _symbol(p, number, 1), "formula")
    return _fitting(symbol.text, _LONGEST_DERIVATIVE)


def _symbol(v: Value, number: float, depth: int, written_out: bool = False) -> Symbol:
    """A node in a formula: its name, its number, or its formula."""
    if v.name and not written_out:
        name = quoted(shorten(readable(split_name(v.name)[1]), _NAME))
        return Symbol(name, number, style="formula")
    if v._row is CONST:
        return known(number, "formula")
    if v._row is None or depth == 0:
        return Symbol("…", number, style="formula")
    operands = [_symbol(p, x, depth - 1) for p, x in zip(v.parents, v._primals, strict=True)]
    return written(v._row, operands, number, "formula")


def _fitting(text: str, limit: int) -> str:
    return text if display_width(text) <= limit else ""
