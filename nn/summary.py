"""`summary`: the modules of a model and the numbers of their parameters."""

from __future__ import annotations

from autograd.text import wording
from autograd.text.report import Page, Table
from nn.module import Module


def summary(model: Module) -> Page:
    """List the modules directly within a model with the numbers of their parameters.

    A parameter counts for the first that has it. Raises TypeError for what is no Module.

    >>> from nn import MLP
    >>> summary(MLP(64, [64, 10], "tanh"))
            module           activation  parameters
    layer0  Layer(64 -> 64)  tanh             4,160
    layer1  Layer(64 -> 10)                     650
    in all                                    4,810
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary() takes a Module, got {type(model).__name__} {model!r:.60}")
    left = set(model.parameters())
    rows = [("", "module", "activation", "parameters")]
    total = f"{len(left):,}"
    for name, module in [*Module.children(model), ("", model)]:
        own = left & set(module.parameters())
        left -= own
        activation = getattr(getattr(module, "activation", None), "name", "")
        if own or module is not model:
            rows.append((wording.name(name), f"{module!r}", activation, f"{len(own):,}"))
    return Page(Table([*rows, ("in all", "", "", total)], right=(3,)))
