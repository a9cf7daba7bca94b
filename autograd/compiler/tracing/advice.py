"""What to write instead, where code asks for a number that there is not yet."""

from __future__ import annotations

import ast
import re

from autograd.errors import TracerError
from autograd.primitive import TABLE
from autograd.system.source import users_expression

_ROWS = {"int": "trunc", "round": "rint", "max": "maximum", "min": "minimum", "fabs": "abs"}
_ORDERS = ("sorted", "sort", "argsort", "argmax", "argmin", "searchsorted", "median", "unique")
_LOGIC = (
    "for `a < x < b` and `and` write (a < x) * (x < b), for `or` autograd.maximum(c, d), for `not` "
    "1 - c, and autograd.where to choose by it"
)
_ERRORS = {  # by the words of Python, NumPy and pandas
    r"no len\(\)|not iterable|not subscriptable": "it is one number: arrays of it have a shape",
    "for [&|^]|unary ~": _LOGIC,
    "as indices": "write autograd.where(condition, a, b) for values[condition]",
    "abstract array|JAX array|ArrayImpl": "JAX does not know Values: write the functions of "
    "autograd or of NumPy, and np.asarray(array) for an array of JAX",
    "valid indices|non-integer key|^<tracer": "write autograd.take(values, index), of a list or an "
    "array, for values[index]",
}


def instead(otherwise: str) -> str:
    """The advice for the expression that the user's code is at, or else another."""
    try:
        asked = ast.parse(users_expression(), mode="eval").body
    except SyntaxError:
        return otherwise
    is_chained = isinstance(asked, ast.Compare) and len(asked.ops) > 1
    if is_chained or isinstance(asked, ast.BoolOp | ast.UnaryOp):
        return _LOGIC
    if isinstance(asked, ast.JoinedStr):
        return "to look at the number, return it as one more output"
    name = ast.unparse(asked.func).split(".")[-1] if isinstance(asked, ast.Call) else ""
    row = _ROWS.get(name, name)
    if name in _ORDERS:
        return f"{name}() cannot be recorded: autograd.maximum, minimum and where choose by value"
    if row in TABLE:
        return f"instead of {name}() write autograd.{row}(): the functions of autograd take Values"
    return otherwise


def advise(error: Exception) -> None:
    """Add to an error about a tracer that is not ours what to write instead."""
    for words, advice in _ERRORS.items():
        if re.search(words, str(error)) and not isinstance(error, TracerError):
            error.add_note(advice)
