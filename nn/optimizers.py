"""Optimizers: steps that move parameters against their gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value, modes, zero_grad
from autograd.graph import flatten
from autograd.text.spelling import suggesting

Floats: TypeAlias = NDArray[np.float64]
ALL = slice(None)


class _Optimizer:
    """The parameters and the step, for which a derived class has the `update`."""

    update: Any
    lr: float
    settings: ClassVar[tuple[str, ...]]
    arrays: ClassVar[tuple[str, ...]]  # a number for each parameter, changed by the steps

    def __init__(self, parameters: Any, **settings: Any) -> None:
        if hasattr(parameters, "named_parameters"):
            raise TypeError(f"an optimizer moves parameters: pass {parameters!r}.parameters()")
        self.parameters: list[Value] = list(dict.fromkeys(flatten(parameters)))
        if not self.parameters:
            raise ValueError("an optimizer needs parameters, and there are none")
        for v in self.parameters:
            if v.op is not None:
                raise ValueError(f"a parameter is a leaf, and this was computed: {v!r}")
        vars(self).update(_checked(settings))
        if self.lr == 0.0:  # a schedule may end there
            raise ValueError(f"the learning rate is a number above 0, got {settings['lr']!r}")
        for name in self.arrays:
            setattr(self, name, np.zeros(len(self.parameters), _DTYPES.get(name, float)))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.settings:
            value = _checked({name: value})[name]
        elif name == "parameters" and name in vars(self):
            raise AttributeError("an optimizer keeps its parameters; for others make a new one")
        super().__setattr__(name, value)

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
        settings = {name: getattr(self, name) for name in self.settings}
        return settings | {name: getattr(self, name).tolist() for name in self.arrays}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a saved state.

        Raises ValueError, with nothing changed, if it is of other parameters or of another
        optimizer, or has numbers that no steps lead to.
        """
        if missing := {*self.settings, *self.arrays} - set(state):
            raise ValueError(f"no state of {type(self).__name__}: it lacks {', '.join(missing)}")
        count = len(self.parameters)
        new = _checked({name: state[name] for name in self.settings})
        for name in self.arrays:
            numbers = np.array(state[name])
            if numbers.ndim == 1 and len(numbers) != count:
                raise ValueError(f"the state is of {len(numbers)} parameters, here are {count}")
            dtype = _DTYPES.get(name, float)
            if numbers.shape != (count,) or not np.can_cast(numbers.dtype, dtype, "same_kind"):
                raise ValueError(f"{name} are {count} numbers, got {state[name]!r:.60}")
            low = 0 if name in _DTYPES else -math.inf
            high = 2.0**53 if dtype is int else math.inf
            if not (np.isfinite(numbers) & (numbers >= low) & (numbers < high)).all():
                raise ValueError(f"{name} are finite, and not negative where they count or square")
            new[name] = numbers.astype(dtype)
        vars(self).update(new)


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

    settings = ("lr", "momentum")
    arrays = ("velocity",)
    momentum: float
    velocity: Floats

    @suggesting
    def __init__(self, parameters: Any, lr: float, momentum: float = 0.0) -> None:
        super().__init__(parameters, lr=lr, momentum=momentum)

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

    settings = ("lr", "betas", "eps")
    arrays = ("means", "squares", "steps")
    betas: tuple[float, float]
    eps: float
    means: Floats
    squares: Floats
    steps: NDArray[np.int64]

    @suggesting
    def __init__(
        self, parameters: Any, lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr=lr, betas=betas, eps=eps)

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


_DTYPES: dict[str, Any] = {"squares": float, "steps": int}  # of the arrays that are not negative


_SETTINGS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "lr": ("the learning rate is a number above 0", lambda x: 0.0 <= x < math.inf),
    "momentum": ("momentum is at least 0 and below 1", lambda x: 0.0 <= x < 1.0),
    "betas": ("a beta is at least 0 and below 1", lambda x: 0.0 <= x < 1.0),
    "eps": ("eps is a number of at least 0", lambda x: 0.0 <= x < math.inf),
}


def _checked(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as floats. Raises ValueError for one that is out of range."""
    betas = settings.get("betas", (0.0, 0.0))
    if not isinstance(betas, (list, tuple)) or len(betas) != 2:
        raise ValueError(f"betas are two numbers, got {betas!r:.60}")
    return {
        name: tuple(_number(name, beta) for beta in betas) if name == "betas" else _number(name, x)
        for name, x in settings.items()
    }


def _number(name: str, x: Any) -> float:
    what, is_good = _SETTINGS[name]
    try:
        number = float(x) if isinstance(x, Real) and not isinstance(x, bool) else math.nan
    except OverflowError:
        number = math.nan
    if not is_good(number):
        raise ValueError(f"{what}, got {x!r:.60}")
    return number


def described(optimizer: Any) -> dict[str, Any]:
    """The class of an optimizer, and its settings if it names them."""
    settings = {name: getattr(optimizer, name) for name in getattr(optimizer, "settings", ())}
    return {"class": type(optimizer).__name__, **settings}
