"""Optimizers: steps that move parameters against their gradients."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value, modes, zero_grad
from autograd.graph import flatten

Floats: TypeAlias = NDArray[np.float64]
ALL = slice(None)


class _Optimizer:
    """The parameters and the step, for which a derived class has the `update`."""

    update: Any
    _settings: tuple[str, ...]
    _arrays: tuple[str, ...]  # a number for each parameter, changed by the steps

    def __init__(self, parameters: Any, lr: float) -> None:
        self.parameters: list[Value] = list(dict.fromkeys(flatten(parameters)))
        if not self.parameters:
            raise ValueError("an optimizer needs parameters, and there are none")
        for v in self.parameters:
            if v.op is not None:
                raise ValueError(f"a parameter is a leaf, and this was computed: {v!r}")
        if not 0.0 < lr < math.inf:
            raise ValueError(f"the learning rate is a number above 0, got {lr!r}")
        self.lr = float(lr)

    def step(self) -> None:
        """Move each parameter against its gradient."""
        parameters = self.parameters
        moved = [i for i, p in enumerate(parameters) if p.has_grad]
        if modes.active and (observer := modes.observer()):
            observer.stepped(parameters)
        if not moved:
            return
        values = np.array([p.data for p in parameters])
        gradient = np.array([parameters[i].grad for i in moved])
        with np.errstate(all="ignore"):
            self.update(values, gradient, ALL if len(moved) == len(parameters) else moved)
        for i, x in zip(moved, values[moved].tolist(), strict=True):
            parameters[i].data = x

    def zero_grad(self) -> None:
        """Unset the gradients of the parameters."""
        zero_grad(self.parameters)

    def state_dict(self) -> dict[str, Any]:
        """Return all but the parameters, to be saved."""
        settings = {name: getattr(self, name) for name in self._settings}
        return settings | {name: getattr(self, name).tolist() for name in self._arrays}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a saved state. Raises ValueError if it is of other parameters."""
        count = len(self.parameters)
        for name in self._arrays:
            if (saved := len(state[name])) != count:
                raise ValueError(f"the state is of {saved} parameters, here are {count}")
        for name in self._settings:
            setattr(self, name, type(getattr(self, name))(state[name]))
        for name in self._arrays:
            setattr(self, name, np.array(state[name], dtype=getattr(self, name).dtype))


class SGD(_Optimizer):
    """Stochastic gradient descent, optionally with momentum.

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

    _settings = ("lr", "momentum")
    _arrays = ("velocity",)

    def __init__(self, parameters: Any, lr: float, momentum: float = 0.0) -> None:
        super().__init__(parameters, lr)
        _check_range("momentum", momentum, 0.0, 1.0)
        self.momentum = float(momentum)
        self.velocity = np.zeros(len(self.parameters))

    def update(self, values: Floats, gradient: Floats, moved: Any = ALL) -> None:
        """Move `values`, the parameters' numbers, in place; `gradient` has those of `moved`."""
        if self.momentum:
            gradient = self.momentum * self.velocity[moved] + gradient
        self.velocity[moved] = gradient
        values[moved] -= self.lr * gradient


class Adam(_Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square.

    With the correction of both means for their start at zero (Kingma and Ba, 2015, algorithm 1).
    A parameter without gradient stays.

    Args:
        parameters: Values, in a list, nested lists or arrays.
        lr: the learning rate, above 0; assignable.
        betas: the share that the two means keep at each step, from 0 to below 1.
        eps: added to the root, against division by zero.

    Raises ValueError for numbers out of range or no parameters.

    >>> x = Value(1.0)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    0.9
    """

    _settings = ("lr", "betas", "eps")
    _arrays = ("means", "squares", "steps")

    def __init__(
        self, parameters: Any, lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr)
        for beta in betas:
            _check_range("a beta", beta, 0.0, 1.0)
        _check_range("eps", eps, 0.0, math.inf)
        self.betas = (float(betas[0]), float(betas[1]))
        self.eps = float(eps)
        self.means = np.zeros(len(self.parameters))
        self.squares = np.zeros(len(self.parameters))
        self.steps = np.zeros(len(self.parameters), dtype=int)

    def update(self, values: Floats, gradient: Floats, moved: Any = ALL) -> None:
        """Move an array of the parameters' numbers, in place, as `SGD.update` does."""
        beta1, beta2 = self.betas
        self.steps[moved] += 1
        self.means[moved] = means = beta1 * self.means[moved] + (1 - beta1) * gradient
        squares = beta2 * self.squares[moved] + (1 - beta2) * gradient * gradient
        self.squares[moved] = squares
        steps: Any = self.steps[moved]
        if (steps == steps[0]).all():  # unless a parameter had no gradient in some step
            steps = int(steps[0])
        root = np.sqrt(squares / (1 - beta2**steps))
        values[moved] -= self.lr * (means / (1 - beta1**steps)) / (root + self.eps)


def _check_range(what: str, x: float, low: float, high: float) -> None:
    if not low <= x < high:
        raise ValueError(f"{what} is at least {low:g} and below {high:g}, got {x!r}")
