"""`summary`: the modules of a model and the numbers of their parameters."""

from __future__ import annotations

from typing import NamedTuple

from autograd.text.listing import Listing
from autograd.text.tables import aligned
from autograd.text.wording import name as harmless
from nn.module import Module


class Part(NamedTuple):
    """A module within another, or the parameters that are the other's own."""

    name: str
    module: str
    activation: str
    parameters: int


class Summary(Listing[Part]):
    """The parts of a model; it prints as a table."""

    def __str__(self) -> str:
        rows = [("", "module", "activation", "parameters")]
        rows += [(p.name, p.module, p.activation, f"{p.parameters:,}") for p in self]
        rows.append(("in all", "", "", f"{sum(p.parameters for p in self):,}"))
        return "\n".join(aligned(rows, right=(3,)))

    __repr__ = __str__


def summary(model: Module) -> Summary:
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
    parts = []
    for name, module in model.children():
        own = left & set(module.parameters())
        left -= own
        activation = getattr(getattr(module, "activation", None), "name", "")
        parts.append(Part(harmless(name), f"{module!r}", activation, len(own)))
    if left or not parts:
        parts.append(Part("", f"{model!r}'s own", "", len(left)))
    return Summary(parts)
