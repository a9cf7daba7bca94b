"""`Primitive`: a row of the table of primitives, and the table itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from autograd.floats.ieee import real
from autograd.text import wording

Rule: TypeAlias = Callable[..., Any]
Point: TypeAlias = tuple[float, ...]
Style: TypeAlias = Literal["text", "latex", "formula"]
"""The field of a row by which an operation is written."""

TABLE: dict[str, Primitive] = {}
"""Every row by its name. `autograd.primitives` fills it."""


@dataclass(frozen=True, eq=False, repr=False)
class Primitive:
    """One row: an operation on real numbers and everything that is derived from it.

    Called with floats it computes a float; with a Value among the operands it records a node.

    >>> from autograd.primitives import mul
    >>> mul(2.0, 3.0), mul.partials[0](6.0, 2.0, 3.0)
    (6.0, 3.0)
    """

    name: str
    forward: Callable[..., float]
    partials: tuple[Rule | None, ...]  # for each operand (result, *operands) -> derivative
    vjps: tuple[Rule | None, ...]  # of a row that selects: (cotangent, result, *operands) -> sent
    ufunc: Callable[..., Any]  # the same on float arrays: NumPy's ufunc where there is one
    doc: str
    points: tuple[Point, ...]  # operands at which the tests compare with an independent oracle
    symbol: str  # shown in the node of a diagram
    text: str  # the template by which it prints, a pair of braces for each operand
    latex: str  # the template in LaTeX
    formula: str  # the template in the formulas of diagrams, as a book sets it
    convention: str = ""  # the derivative chosen at kinks and at the edges of the domain, in words
    edges: tuple[tuple[Point, Point], ...] = ()  # as data: points, each with the partials there
    accuracy: str = ""  # where its derivatives are not right to their last digits, in words
    optional: int = 0  # the number of trailing operands that `forward` has defaults for
    is_comparison: bool = False  # the result is 0 or 1, and no derivative flows to any operand

    @property
    def arity(self) -> int:
        """The number of operands that must be given."""
        return len(self.partials) - self.optional

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of its operands."""
        named_by = next(filter(None, self.partials), lambda y, x, z: 0.0)
        return tuple(inspect.signature(named_by).parameters)[1 : 1 + len(self.partials)]

    @property
    def selects(self) -> bool:
        """True if the cotangent goes to an operand where it was selected, and else an exact 0."""
        return bool(self.vjps)

    @property
    def is_method(self) -> bool:
        """True if a Value has it as a method; comparisons are operators, and `where` is neither."""
        return not self.is_comparison and self.arity < 3

    def written(self, operands: Sequence[str], style: Style = "text") -> str:
        """Write the operation in a style, its operands given as text.

        >>> from autograd.primitives import mul
        >>> mul.written(["w", "x"]), mul.written(["w", "x"], "formula")
        ('w * x', 'w·x')
        """
        if len(operands) > self.arity:  # an optional operand was given
            listed = ", ".join(operands)
            if style == "latex":
                return rf"\operatorname{{{self.name}}}\left({listed}\right)"
            return f"{self.symbol if style == 'formula' else self.name}({listed})"
        template: str = getattr(self, style)
        return template.format(*operands)

    def computed(self, numbers: Sequence[float]) -> str:
        """Write the operation with numbers in it, negative ones in parentheses between operators.

        >>> from autograd.primitives import log, mul
        >>> mul.computed([2.0, -3.0]), log.computed([-0.5])
        ('2.0 * (-3.0)', 'log(-0.5)')
        """
        enclosed = len(numbers) > self.arity or "(" in self.text or "|" in self.text
        return self.written([*map(wording.number if enclosed else wording.operand, numbers)])

    def __call__(self, *operands: Any, **named: Any) -> Any:
        """Compute on numbers; record a node where an operand is a Value.

        An optional operand can be passed by name. Raises TypeError for a wrong count of operands
        or what is not a real number.
        """
        if named:
            operands = self._with_named(operands, named)
        if not self.arity <= len(operands) <= len(self.partials):
            raise TypeError(f"{self.name} takes {self._counted()}, got {len(operands)}")
        others = [x for x in operands if type(x) is not float]
        for x in others:
            record = getattr(x, "_record", None)
            if record is not None:
                return record(self, operands)
        return self.forward(*map(real, operands) if others else operands)

    def _with_named(self, operands: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        expected = self.operands[max(len(operands), self.arity) :]
        if len(operands) < self.arity or list(named) != list(expected[: len(named)]):
            raise TypeError(f"{self.name} takes no operand named {', '.join(named)} here")
        return (*operands, *named.values())

    def _counted(self) -> str:
        most = f" to {len(self.partials)}" if self.optional else ""
        return f"{self.arity}{most} operand{'s' if most or self.arity > 1 else ''}"

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _row_named, (self.name,)


def _row_named(name: str) -> Primitive:
    return CONST if name == CONST.name else TABLE[name]


def row(
    name: str, forward: Callable[..., float], rules: tuple[Rule | None, ...],
    ufunc: Callable[..., Any], *, doc: str, points: tuple[Point, ...], symbol: str = "",
    text: str = "", latex: str = "", formula: str = "", convention: str = "",
    edges: tuple[tuple[Point, Point], ...] = (), accuracy: str = "", optional: int = 0,
    selects: bool = False, is_comparison: bool = False,
) -> Primitive:  # fmt: skip
    """Declare an operation: make its row and enter it in the table.

    The fields are those of `Primitive`. The rules are the partial derivatives or, of a row that
    selects, what it sends of a cotangent. An operation prints as a function of its name unless the
    row says otherwise, and of its symbol in formulas. Raises ValueError if there is a row of that
    name.
    """
    if name in TABLE:
        raise ValueError(f"there is a primitive {name!r} already")
    slots = ", ".join(["{}"] * (len(rules) - optional))
    partials = tuple([r and functools.partial(r, 1.0) if selects else r for r in rules])
    TABLE[name] = made = Primitive(
        name, forward, partials, rules if selects else (), ufunc, doc, points,
        symbol=symbol or name, text=text or f"{name}({slots})",
        latex=latex or rf"\operatorname{{{{{name}}}}}\left({slots}\right)",
        formula=formula or text or f"{symbol or name}({slots})",
        convention=convention, edges=edges, accuracy=accuracy, optional=optional,
        is_comparison=is_comparison,
    )  # fmt: skip
    return made


def stopped(x: Any) -> Any:
    """Return an operand without its gradient: of a Value the number; a number is its own."""
    return getattr(x, "_stopped", x)


def _no_operation(*operands: Any) -> Any:
    raise TypeError("a constant is not computed from anything")


CONST = Primitive(
    "const", _no_operation, (), (), _no_operation, "A number without gradient.", (),
    symbol="const", text="const()", latex=r"\operatorname{{const}}", formula="const()",
)  # fmt: skip
"""Stands in the node of a constant in place of a row; no operation, so not in the table."""
