"""`Symbol`: a formula with the number it stands for, on which the rules of the table compute.

Known parts are folded: comparisons and choices by the recorded numbers, constants with constants,
and operands that change nothing, such as a factor of one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from string import Formatter
from typing import Any

from autograd.floats.ieee import real
from autograd.primitive import Primitive, Style
from autograd.primitives import add, div, maximum, minimum, mul, neg, pow, sub, where
from autograd.text import wording

# How tightly a text binds: an operand looser than its place demands gets parentheses.
LOOSE, SUM, PRODUCT, SIGNED, POWER, ATOM = range(6)
_SIGNS = {"+": SUM, "-": SUM, "**": POWER} | dict.fromkeys(("*", "/", "%", "//"), PRODUCT)

_MINUS = ("-", "−")
_WHOLE_POWER = re.compile(r"\^(\d+|\(−\d+\))$")  # after its base, as in x²
_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "()")

_PLAIN = re.compile(r"[^\W\d][\w…]*(\.\w+|\[[\w, :.-]*\])*'*|\"[^\"]*\"")


def _operators(row: Primitive) -> tuple[Any, Any]:
    """A row as the operator of its first operand, and of its second."""
    return lambda a, b: row(a, b), lambda b, a: row(a, b)


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A formula: its text, how tightly it binds, and the recorded number.

    If `known` is true the number is a constant, which may be folded with others.

    >>> x = Symbol("x", 2.0)
    >>> (3.0 * (1 - x) * x).text, (3.0 * (1 - x) * x).number
    ('3 * (1 - x) * x', -6.0)
    """

    text: str
    number: float
    level: int = ATOM
    known: bool = False
    style: Style = "text"

    def _record(self, row: Primitive, operands: Sequence[Any]) -> Symbol:
        """Return the result of a row on symbols, simplified; a row calls this on its operands."""
        symbols = [x if isinstance(x, Symbol) else known(real(x), self.style) for x in operands]
        number = row.forward(*[s.number for s in symbols])
        if row.is_comparison or (all(s.known for s in symbols) and _prints_exactly(number)):
            return known(number, self.style)
        return _simpler(row, symbols, number) or written(row, symbols, number, self.style)

    @property
    def factor(self) -> str:
        """The text as a factor of a product."""
        return _placed(self, SIGNED, 1)

    __add__, __radd__ = _operators(add)
    __sub__, __rsub__ = _operators(sub)
    __mul__, __rmul__ = _operators(mul)

    def __neg__(self) -> Any:
        return neg(self)


def known(number: float, style: Style = "text") -> Symbol:
    r"""Return the symbol of a constant; a whole number has no decimal point.

    >>> known(3.0).text, known(1e-7, "latex").text
    ('3', '1 \\cdot 10^{-7}')
    """
    text, level = f"{number:.6g}", ATOM
    if style == "latex":
        text, level = _latex_number(text)
    elif style == "formula":
        text = text.replace("-", "−")
    return Symbol(text, number, SIGNED if text.startswith(_MINUS) else level, True, style)


def number_latex(number: float) -> str:
    r"""Return a number in LaTeX, with the digits of `wording.number`.

    >>> print(number_latex(-1.5), number_latex(2.5e-9), number_latex(math.inf))
    -1.5 2.5 \cdot 10^{-9} \infty
    """
    digits, not_selected, _ = wording.number(number).partition(" ")
    return _latex_number(digits)[0] + (r"_{\mathrm{not\ selected}}" if not_selected else "")


def _latex_number(text: str) -> tuple[str, int]:
    mantissa, e, exponent = text.partition("e")
    if e:
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", PRODUCT
    return text.replace("nan", r"\mathrm{nan}").replace("inf", r"\infty"), ATOM


def written(
    row: Primitive, operands: Sequence[Symbol], number: float, style: Style = "text"
) -> Symbol:
    """Return an operation on symbols, unsimplified, with the parentheses that it needs.

    >>> sum_and_one = [Symbol("a + b", 5.0, SUM), Symbol("1", 1.0)]
    >>> written(mul, sum_and_one, 5.0).text, written(mul, sum_and_one, 5.0, "formula").text
    ('(a + b) * 1', '(a + b)·1')
    """
    level, demands = _shape(row, len(operands), style)
    texts = [_placed(s, demands[i], i) for i, s in enumerate(operands)]
    text = row.written(texts, style)
    if style == "formula":
        text = _WHOLE_POWER.sub(lambda power: power[1].translate(_RAISED), text)
    return Symbol(text, number, level, style=style)


def _prints_exactly(number: float) -> bool:
    # 3 - 1 may be folded into 2, but 1 / 3 is more exact than 0.333333.
    return number != number or math.isclose(float(f"{number:.6g}"), number, rel_tol=1e-12)


def _simpler(row: Primitive, symbols: Sequence[Symbol], number: float) -> Symbol | None:
    if row is where:
        return symbols[1] if symbols[0].number != 0.0 else symbols[2]
    if (row is maximum or row is minimum) and symbols[0].number != symbols[1].number:
        return next((s for s in symbols if s.number == number), None)
    for i, s in enumerate(symbols):
        if s.known and len(symbols) == 2:
            simpler = _without(row, i, s.number, symbols[1 - i], number)
            if simpler is not None:
                return simpler
    return None


def _without(row: Primitive, i: int, c: float, other: Symbol, number: float) -> Symbol | None:
    """Return the result where the constant c, as operand i, changes `other` in a trivial way."""
    keeps = {mul: 1.0, add: 0.0} if i == 0 else {mul: 1.0, add: 0.0, sub: 0.0, div: 1.0, pow: 1.0}
    if keeps.get(row) == c:
        return other
    if row is mul and c == -1.0:
        negated: Symbol = neg(other)
        return negated
    vanishes = row is mul and c == 0.0 and math.isfinite(other.number)  # 0 * inf is nan
    flat = row is pow and i == 1 and c == 0.0
    return known(abs(number), other.style) if vanishes or flat else None


@cache
def _shape(row: Primitive, operands: int, style: Style) -> tuple[int, tuple[int, ...]]:
    """Return the level of a row's text, and those at which operands need no parentheses in it."""
    if operands > row.arity:  # an optional operand is given: written as a call
        return ATOM, (LOOSE,) * operands
    pieces, plain = _pieces(getattr(row, style)), _pieces(row.text)
    level, demands = _binding(plain)
    exposed = [_is_exposed(*pair) for pair in pairwise(pieces)]
    if not any(exposed):  # all in brackets; but a fraction or e^{x} is no base of a power
        level = POWER if style == "latex" and not pieces[-1].endswith((")", "|")) else ATOM
    pairs = zip(demands, exposed, strict=True)
    return level, tuple(demand if bare else LOOSE for demand, bare in pairs)


@cache
def _pieces(template: str) -> tuple[str, ...]:
    pieces = [""]
    for literal, field, _, _ in Formatter().parse(template):
        pieces[-1] += literal
        if field is not None:
            pieces.append("")
    return tuple(pieces)


def _binding(pieces: Sequence[str]) -> tuple[int, tuple[int, ...]]:
    """Return the level of an operation as written, and the levels it demands of its operands."""
    if len(pieces) == 2:
        return SIGNED, (POWER,)
    level = _SIGNS.get(pieces[1].strip(), LOOSE)
    left = ATOM if level == POWER else max(level, SUM)
    return level, (left,) + (level + 1,) * (len(pieces) - 2)


def _is_exposed(before: str, after: str) -> bool:
    """True if nothing encloses the operand between; braces alone do not enclose a power's base."""
    opened = before.rstrip().endswith(("(", "{", "|", ","))
    closed = after.startswith((")", "}", "|", ",", r"\right")) and not after.startswith("}^")
    return not (opened and closed)


def _placed(s: Symbol, demand: int, place: int) -> str:
    """Return the text of an operand, in parentheses if it binds too loosely or has a sign."""
    if demand == LOOSE or (s.level >= demand and not (place and s.text.startswith(_MINUS))):
        return s.text
    return rf"\left({s.text}\right)" if s.style == "latex" else f"({s.text})"


def quoted(name: str) -> str:
    """Return a name as an atom of a formula: in quotes if it could be read as a formula.

    >>> quoted("w[0]"), quoted("w - x")
    ('w[0]', '"w - x"')
    """
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', "'") + '"'


_ESCAPES = {c: "\\" + c for c in "#$%&_{}"} | {
    "\\": r"\backslash{}", "^": "ˆ", "~": r"\sim{}", "<": r"\lt{}", ">": r"\gt{}", " ": r"\ ",
}  # fmt: skip


def name_latex(name: str) -> str:
    r"""Return a name in LaTeX, for math mode; nothing in it is a command, an index or markup.

    It uses `\mathrm`, as MathJax and KaTeX differ on what must be escaped in `\text`.

    >>> print(name_latex("w"), name_latex("v12"), name_latex("w_in[0]"), name_latex("}$"))
    w v_{12} \mathrm{w\_in[0]} \mathrm{\}\$}
    """
    letter, number = name[:1], name[1:]
    if letter.isalpha() and (not number or (number.isascii() and number.isdigit())):
        return f"{letter}_{{{number}}}" if number else letter
    return rf"\mathrm{{{''.join(_ESCAPES.get(c, c) for c in wording.name(name, 1000))}}}"
