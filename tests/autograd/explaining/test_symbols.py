"""Local derivatives as formulas: every row at its points, evaluated by Python."""

from __future__ import annotations

import builtins
import math
import re

import pytest

import autograd
from autograd import Value, no_grad, where
from autograd.backward import partials
from autograd.explaining import symbols
from autograd.explaining.local_derivatives import formula_in_numbers, local_formula, local_symbol
from autograd.explaining.symbols import quoted
from autograd.primitive import TABLE, Primitive

NAMES = "xzw"
POINTS = [
    (row, point, slot)
    for row in TABLE.values()
    for point in (*row.points, *(at for at, _ in row.edges))
    for slot in range(len(point))
]


class Number(float):
    """A float whose `/` and `**` give what the table gives where Python would raise."""

    def __truediv__(self, other):
        return Number(TABLE["div"](float(self), float(other)))

    def __rtruediv__(self, other):
        return Number(TABLE["div"](float(other), float(self)))

    def __pow__(self, other):
        return Number(TABLE["pow"](float(self), float(other)))

    def __rpow__(self, other):
        return Number(TABLE["pow"](float(other), float(self)))

    __add__ = __radd__ = lambda self, other: Number(float(self) + other)
    __mul__ = __rmul__ = lambda self, other: Number(float(self) * other)
    __sub__ = lambda self, other: Number(float(self) - other)  # noqa: E731
    __rsub__ = lambda self, other: Number(other - float(self))  # noqa: E731
    __neg__ = lambda self: Number(-float(self))  # noqa: E731


def evaluated(formula: str, names: dict[str, float]) -> float:
    """The value of a formula in Python, which lacks only the notation |x|."""
    formula = re.sub(r"\|([^|]*)\|", r"abs(\1)", formula)
    formula = re.sub(r"(?<![\w.])(\d[\d.]*(e[+-]?\d+)?)(?![\w.])", r"Number(\1)", formula)
    functions = {name: lambda *x, row=row: Number(row(*map(float, x)))
                 for name, row in TABLE.items()}  # fmt: skip
    known = {"inf": Number("inf"), "nan": Number("nan"), "Number": Number}
    given = {name: Number(x) for name, x in names.items()}
    return float(builtins.eval(formula, {"__builtins__": {}}, {**functions, **known, **given}))


def built(row: Primitive, point: tuple[float, ...]) -> Value:
    y = row(*(Value(x, name) for x, name in zip(point, NAMES, strict=False)))
    y.name = "y"
    return y


def close(got: float, expected: float, rel: float) -> bool:
    both_nan = got != got and expected != expected
    return both_nan or math.isclose(got, expected, rel_tol=rel, abs_tol=rel)


def name_of(thing: object) -> str:
    return thing.name if isinstance(thing, Primitive) else str(thing)


@pytest.mark.parametrize(("row", "point", "slot"), POINTS, ids=name_of)
def test_the_formula_gives_the_local_derivative(row, point, slot):
    y = built(row, point)
    expected = partials(y)[slot] or 0.0
    assert close(local_symbol(y, slot, lambda v: v.name).number, expected, rel=0.0)
    names = {"y": y.data, **dict(zip(NAMES, point, strict=False))}
    got = evaluated(local_formula(y, slot, lambda v: v.name), names)
    assert close(got, expected, rel=1e-5)  # constants print in six digits


@pytest.mark.parametrize(("row", "point", "slot"), POINTS, ids=name_of)
def test_the_plugged_numbers_give_the_local_derivative(row, point, slot):
    y = built(row, point)
    expected = partials(y)[slot] or 0.0
    loss = 1e-5 / (1 - abs(y.data)) if row.name in ("tanh", "sigmoid") and abs(y.data) < 1 else 0
    assert close(
        evaluated(formula_in_numbers(y, slot), {}), expected, rel=max(2e-5, min(loss, 1e-3))
    )


@pytest.mark.parametrize(("row", "point", "slot"), POINTS, ids=name_of)
def test_the_latex_is_well_formed(row, point, slot):
    check_latex(local_formula(built(row, point), slot, lambda v: v.name, style="latex"))


def check_latex(text: str) -> None:
    bare = re.sub(r"\\[#$%&_{}\\ ]", "", text)
    assert bare.count("{") == bare.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    depth = 0
    for c in bare:
        depth += (c == "{") - (c == "}")
        assert depth >= 0


x, z = Value(2.0, "x"), Value(4.0, "z")
n, s = Value(-0.5, "n"), Value(-0.5, "w - x")


@pytest.mark.parametrize(
    ("y", "slot", "formula", "numbers"),
    [
        (x**3, 0, "3 * x ** 2", "3 * 2.0 ** 2"),
        (x**2, 0, "2 * x", "2 * 2.0"),
        (x**1, 0, "1", "1"),
        (x**0, 0, "0", "0"),
        (x**2.2, 0, "2.2 * x ** 1.2", "2.2 * 2.0 ** 1.2"),
        (x**-1, 0, "-1 * x ** (-2)", None),
        (x * z, 0, "z", "4.0"),
        (x * n, 0, "n", "-0.5"),
        (x * 3, 0, "3", "3"),
        (3 * x, 0, "x", "2.0"),
        (x / z, 0, "1 / z", "1 / 4.0"),
        (x / 3, 0, "1 / 3", "1 / 3"),
        (x / z, 1, "-y / z", "-0.5 / 4.0"),
        (n**3, 0, "3 * n ** 2", "3 * (-0.5) ** 2"),
        (n.tanh(), 0, "sech2(n)", "sech2(-0.5)"),
        (x.sigmoid(), 0, "y * sigmoid(-x)", "0.880797 * sigmoid(-2.0)"),
        (x.relu(), 0, "1", "1"),
        (n.relu(), 0, "0", "0"),
        (abs(n), 0, "-1", "-1"),
        (n.cos(), 0, "-sin(n)", "-sin(-0.5)"),
        (autograd.maximum(x, z), 0, "0", "0"),
        (where(Value(1.0), x, z), 1, "1", "1"),
        (autograd.leaky_relu(n, x), 0, "x", "2.0"),
        (x * s, 0, '"w - x"', "-0.5"),
        (s**3, 0, '3 * "w - x" ** 2', "3 * (-0.5) ** 2"),
    ],
)  # fmt: skip
def test_formulas_are_those_of_a_textbook(y, slot, formula, numbers):
    got = local_formula(y, slot, lambda v: v.name or "y")
    if numbers is None:  # -1 times a power is its negative
        assert got == "-x ** (-2)"
    else:
        assert (got, formula_in_numbers(y, slot)) == (formula, numbers)


def test_the_recorded_numbers_are_plugged_in():
    v = Value(3.0, "v")
    y = v * v
    v.data = 5.0
    assert formula_in_numbers(y, 0) == "3.0"


def test_latex():
    def latex(y, slot):
        return local_formula(y, slot, lambda v: v.name or "y", style="latex")

    assert latex(x / z, 0) == r"\frac{1}{z}"
    assert latex(x**3, 0) == r"3 \cdot {x}^{2}"
    assert latex((x / z) ** 3, 0) == r"3 \cdot {y}^{2}"
    assert latex(x.sigmoid(), 0) == r"y \cdot \sigma\left(-x\right)"
    assert latex(x * Value(1.0, "w_in"), 0) == r"\mathrm{w\_in}"
    assert latex(x * 1e-9, 0) == r"1 \cdot 10^{-9}"
    assert latex(x * 1e-9 * math.inf, 0) == r"\infty"


def test_a_base_of_a_power_has_parentheses_in_both_notations():
    a = symbols.Symbol("a", 2.0)
    b = symbols.Symbol("b", 2.0, style="latex")
    power, div, exp, neg = (TABLE[name] for name in ("pow", "div", "exp", "neg"))
    assert power(div(1.0, a), 2.0).text == "(1 / a) ** 2"
    assert power(div(1.0, b), 2.0).text == r"{\left(\frac{1}{b}\right)}^{2}"
    assert power(exp(b), 2.0).text == r"{\left(e^{b}\right)}^{2}"
    assert neg(a + 1.0).text == "-(a + 1)"
    assert (a - (a - 1.0)).text == "a - (a - 1)"
    assert (a * -a).text == "a * (-a)"
    assert power(2.0, power(a, 2.0)).text == "2 ** (a ** 2)"


@pytest.mark.parametrize("data", [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e308, 5e-324])
@pytest.mark.parametrize("row", TABLE.values(), ids=name_of)
def test_no_number_raises(row, data):
    y = built(row, (data,) * row.arity)
    for slot in range(row.arity):
        for style in ("text", "latex", "formula"):
            local_formula(y, slot, lambda v: v.name, style)
        formula_in_numbers(y, slot)
        expected = partials(y)[slot] or 0.0
        got = local_symbol(y, slot, lambda v: v.name).number
        assert close(got, expected, rel=0.0), (row, slot, got, expected)


def test_nan_and_inf_print():
    assert formula_in_numbers(Value(math.nan) * Value(1.0), 1) == "nan"
    assert formula_in_numbers(Value(1.0) / Value(-math.inf), 0) == "1 / (-inf)"


@pytest.mark.parametrize("name", ["x", "w[0]", "layer.w[0][1]", "h'", "θ_1", "v12", "猫"])
def test_plain_names_are_left_alone(name):
    assert quoted(name) == name


@pytest.mark.parametrize("name", ["w - x", "3", "", "a b", "f(x)", "∇", '"', 'a" * "b', "-x"])
def test_strange_names_are_quoted(name):
    text = quoted(name)
    assert text[0] == text[-1] == '"'
    assert '"' not in text[1:-1]
    assert quoted(text) == text or name == '"'


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("w", "w"), ("θ", "θ"), ("x12", "x_{12}"), ("loss", r"\mathrm{loss}"),
        ("w[0]", r"\mathrm{w[0]}"), ("a_b", r"\mathrm{a\_b}"), ("}{", r"\mathrm{\}\{}"),
        ("$x$", r"\mathrm{\$x\$}"), (r"\end", r"\mathrm{\backslash{}end}"),
        ("a^b", r"\mathrm{aˆb}"),
        ("<i>&", r"\mathrm{\lt{}i\gt{}\&}"), ("50%#~", r"\mathrm{50\%\#\sim{}}"),
        ("a b", r"\mathrm{a\ b}"), ("", r"\mathrm{}"), ("x²", r"\mathrm{x²}"),
    ],
)  # fmt: skip
def test_names_in_latex_are_only_names(name, latex):
    assert symbols.name_latex(name) == latex


def test_errors():
    with pytest.raises(ValueError, match="not computed from operands"):
        local_formula(Value(2.0), 0, str)
    with no_grad():
        y = x * z
    with pytest.raises(ValueError, match="not computed from operands"):
        formula_in_numbers(y, 0)
    with pytest.raises(ValueError, match="has operands 0 to 1, got 2"):
        formula_in_numbers(x * z, 2)
    with pytest.raises(TypeError, match="got float"):
        formula_in_numbers(2.0, 0)


def test_a_formula_shows_the_symbol_of_the_row():
    v = Value(4.0, "v")
    for row in (r for r in TABLE.values() if r.text.startswith(f"{r.name}(") and r.arity == 1):
        assert row.written(["v"], "formula") == f"{row.symbol}(v)"
    assert local_formula(v.softplus(), 0, lambda v: v.name or "y", "formula") == "σ(v)"
    assert local_formula(v**3, 0, lambda v: v.name or "y", "formula") == "3·v²"
    assert local_formula(v**-2, 0, lambda v: v.name or "y", "formula") == "−2·v⁻³"
