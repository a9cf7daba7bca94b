"""Optimizers: what to do with a gradient."""

from __future__ import annotations

import math
from typing import Any

from autograd import Value, zero_grad
from autograd.arrays import flatten


class SGD:
    """Stochastic gradient descent, with momentum if asked for.

    The velocity is `momentum * velocity + gradient`, the step `-lr * velocity` (Sutskever et al.,
    2013, in PyTorch's form). A parameter without gradient stays.

    Args:
        parameters: Values, in a list, nested lists or arrays.
        lr: the learning rate, above 0; assignable.
        momentum: from 0 to below 1.

    Raises ValueError for numbers out of range or no parameters.

    >>> x = Value(1.0)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data
    0.8
    """

    def __init__(self, parameters: Any, lr: float, momentum: float = 0.0) -> None:
        self.parameters = _gathered(parameters)
        _check_range("momentum", momentum, 0.0, 1.0)
        self.lr = _checked_rate(lr)
        self.momentum = float(momentum)
        self.velocity = [0.0] * len(self.parameters)

    def step(self) -> None:
        """Move each parameter against its gradient."""
        for i, p in enumerate(self.parameters):
            if p.has_grad:
                self.velocity[i] = self.momentum * self.velocity[i] + p.grad
                p.data -= self.lr * self.velocity[i]

    def zero_grad(self) -> None:
        """Unset the gradients of the parameters."""
        zero_grad(self.parameters)

    def state_dict(self) -> dict[str, Any]:
        """All but the parameters, to be saved."""
        return {"lr": self.lr, "momentum": self.momentum, "velocity": [*self.velocity]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state. Raises ValueError if it is of other parameters."""
        _check_lengths(self.parameters, state["velocity"])
        self.lr, self.momentum = state["lr"], state["momentum"]
        self.velocity = [*state["velocity"]]


class Adam:
    """Adam: steps scaled by running means of the gradient and of its square.

    With the correction of both means for their start at zero (Kingma and Ba, 2015, algorithm 1).
    A parameter without gradient stays.

    Args:
        parameters: Values, in a list, nested lists or arrays.
        lr: the learning rate, above 0; assignable.
        betas: how much the two means keep at each step, from 0 to below 1.
        eps: added to the root, against division by zero.

    Raises ValueError for numbers out of range or no parameters.

    >>> x = Value(1.0)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    0.9
    """

    def __init__(
        self,
        parameters: Any,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        self.parameters = _gathered(parameters)
        for beta in betas:
            _check_range("a beta", beta, 0.0, 1.0)
        self.lr = _checked_rate(lr)
        _check_range("eps", eps, 0.0, math.inf)
        self.betas = (float(betas[0]), float(betas[1]))
        self.eps = float(eps)
        self.means = [0.0] * len(self.parameters)
        self.squares = [0.0] * len(self.parameters)
        self.steps = [0] * len(self.parameters)

    def step(self) -> None:
        """Move each parameter against its gradient."""
        for i, p in enumerate(self.parameters):
            if p.has_grad:
                p.data -= self._change(i, p.grad)

    def _change(self, i: int, g: float) -> float:
        beta1, beta2 = self.betas
        self.steps[i] += 1
        self.means[i] = beta1 * self.means[i] + (1 - beta1) * g
        self.squares[i] = beta2 * self.squares[i] + (1 - beta2) * g * g
        mean = self.means[i] / (1 - beta1 ** self.steps[i])
        square = self.squares[i] / (1 - beta2 ** self.steps[i])
        return self.lr * mean / (math.sqrt(square) + self.eps)

    def zero_grad(self) -> None:
        """Unset the gradients of the parameters."""
        zero_grad(self.parameters)

    def state_dict(self) -> dict[str, Any]:
        """All but the parameters, to be saved."""
        return {
            "lr": self.lr,
            "betas": [*self.betas],
            "eps": self.eps,
            "means": [*self.means],
            "squares": [*self.squares],
            "steps": [*self.steps],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state. Raises ValueError if it is of other parameters."""
        for key in ("means", "squares", "steps"):
            _check_lengths(self.parameters, state[key])
        self.lr, self.eps = state["lr"], state["eps"]
        self.betas = (state["betas"][0], state["betas"][1])
        self.means, self.squares = [*state["means"]], [*state["squares"]]
        self.steps = [*state["steps"]]


def _gathered(parameters: Any) -> list[Value]:
    found = list(dict.fromkeys(flatten(parameters)))
    if not found:
        raise ValueError("an optimizer needs parameters, and there are none")
    for v in found:
        if v.op is not None:
            raise ValueError(f"a parameter is a leaf, and this was computed: {v!r}")
    return found


def _checked_rate(lr: float) -> float:
    if not 0.0 < lr < math.inf:
        raise ValueError(f"the learning rate is a number above 0, got {lr!r}")
    return float(lr)


def _check_range(what: str, x: float, low: float, high: float) -> None:
    if not low <= x < high:
        raise ValueError(f"{what} is at least {low:g} and below {high:g}, got {x!r}")


def _check_lengths(parameters: list[Value], saved: list[Any]) -> None:
    if len(saved) != len(parameters):
        raise ValueError(f"the state is of {len(saved)} parameters, here are {len(parameters)}")
