"""An explanation in LaTeX, for math mode: MathJax and KaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable

from autograd.explaining.local_derivatives import local_symbol
from autograd.explaining.paths import PathSum, Term
from autograd.explaining.symbols import name_latex, number_latex
from autograd.explaining.view import ExplanationView, PathStep
from autograd.value import Value


def latex(e: PathSum) -> str:
    """Return the derivative in symbols, in formulas and in numbers, term by term, and its sum."""
    view = ExplanationView(e)
    whole = _ratio(view, e.output, e.wrt)
    sides: list[Callable[[ExplanationView, Term], str]] = []
    if e.count and e.output is not e.wrt:
        sides = [_symbols, _formulas, _numbers, lambda _, t: _operand(t.product)]
    total = number_latex(e.value)
    lines: list[str] = []
    before = whole
    for written in [*(_side(view, side) for side in sides), [total]]:
        if len(written) > 1 or written[0] not in (before, before + ".0"):
            lines += [(r"&\quad + " + t if i else "&= " + _bare(t)) for i, t in enumerate(written)]
        before = written[0] if len(written) == 1 else ""
    return "\\begin{aligned}\n" + whole + " " + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _side(view: ExplanationView, side: Callable[[ExplanationView, Term], str]) -> list[str]:
    terms = [side(view, t) for t in view.terms]
    rest = rf"\underbrace{{\cdots}}_{{{view.hidden}\ \mathrm{{terms}}}}"
    return [*terms, rest] if view.hidden else terms


def _ratio(view: ExplanationView, of: Value, by: Value, mark: str = "") -> str:
    top, bottom = name_latex(view.name(of)), name_latex(view.name(by))
    index = f"_{{{mark}}}" if mark else ""
    return rf"\frac{{\partial{index} {top}}}{{\partial {bottom}}}"


def _product(
    view: ExplanationView, t: Term, upstream: str, factor: Callable[[PathStep], str]
) -> str:
    return view.product(t, upstream, factor, r"\underbrace{{\cdots}}_{{{}}}", r" \cdot ")


def _symbols(view: ExplanationView, t: Term) -> str:
    upstream = _ratio(view, view.e.output, t.nodes[-1])
    return _product(view, t, upstream, lambda s: _ratio(view, s.node, s.operand, view.mark(s)))


def _formulas(view: ExplanationView, t: Term) -> str:
    alone = len(t.slots) == 1 and t.nodes[-1] is view.e.output and len(view.terms) == 1

    def formula(s: PathStep) -> str:
        symbol = local_symbol(s.node, s.slot, view.name, "latex")
        return symbol.text if alone else symbol.factor

    return _product(view, t, _ratio(view, view.e.output, t.nodes[-1]), formula)


def _numbers(view: ExplanationView, t: Term) -> str:
    return _product(view, t, _operand(t.upstream), lambda s: _operand(s.local))


def _bare(text: str) -> str:
    return re.sub(r"^\\left\((-[^()]*?)\\right\)", r"\1", text)


def _operand(x: float) -> str:
    text = number_latex(x)
    return rf"\left({text}\right)" if text.startswith("-") else text
