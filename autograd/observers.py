"""`record()` and `detect_anomaly()`: looking on while a graph is built and differentiated."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, ContextDecorator
from typing import Any, TypeVar

from autograd import modes
from autograd.anomalies import (
    IsBad,
    check_computed,
    check_pulled_back,
    check_recorded,
    is_bad,
)
from autograd.backward import deliver, pull_back
from autograd.complaints import Complaints, missing_from
from autograd.ledger import Pass, keep
from autograd.provenance import note_origin
from autograd.source import users_place
from autograd.value import Value

_F = TypeVar("_F", bound=Callable[..., Any])


class Recorder:
    """What `record()` does: origins for nodes, ledgers for gradients, warnings."""

    def __init__(self, complaints: Complaints | None = None) -> None:
        self.complaints = complaints or Complaints()
        self.passes = 0

    made = computed = staticmethod(note_origin)

    def backward(self, output: Value, cotangents: dict[Value, float]) -> None:
        """A backward pass that leaves its ledger behind."""
        self.complaints.before_backward(output, cotangents)
        pull_back(cotangents)
        self._keep(output, cotangents)

    def _keep(self, output: Value, cotangents: dict[Value, float]) -> None:
        self.passes += 1
        keep(Pass(self.passes, output, users_place(), cotangents))
        deliver(cotangents)

    def pull_back(self, output: Value, cotangents: dict[Value, float], wanted: list[Value]) -> None:
        """A pass that touches no `.grad`."""
        pull_back(cotangents)
        self.complaints.unreached(missing_from(cotangents, wanted), _name(output))

    def stepped(self, parameters: list[Value]) -> None:
        """Parameters without a gradient are told of, where others have one."""
        missing = [v for v in parameters if not v.has_grad]
        self.complaints.unreached(missing, "the loss")


class Detector(Recorder):
    """What `detect_anomaly()` does besides: it raises AnomalyError at the first bad number."""

    def __init__(self, bad: IsBad, complaints: Complaints | None = None) -> None:
        super().__init__(complaints)
        self.bad = bad

    def computed(self, v: Value) -> None:
        """A new operation."""
        note_origin(v)
        check_computed(v, self.bad)

    def backward(self, output: Value, cotangents: dict[Value, float]) -> None:
        """A backward pass that writes no gradient if any of them is bad."""
        self.complaints.before_backward(output, cotangents)
        self._checked(output, cotangents)
        self._keep(output, cotangents)

    def pull_back(self, output: Value, cotangents: dict[Value, float], wanted: list[Value]) -> None:
        """The same, for `gradients`."""
        self._checked(output, cotangents)
        self.complaints.unreached(missing_from(cotangents, wanted), _name(output))

    def _checked(self, output: Value, cotangents: dict[Value, float]) -> None:
        check_recorded(output, cotangents, self.bad)
        pull_back(cotangents)
        check_pulled_back(output, cotangents, self.bad)


def _name(v: Value) -> str:
    return v.name or "the output"


class _Looking(ContextDecorator):
    """A context manager and decorator that installs an observer."""

    def __init__(self) -> None:
        self._entered: list[AbstractContextManager[None]] = []

    def _observer(self) -> modes.Observer:
        raise NotImplementedError

    def __enter__(self) -> Any:
        """Begin to look on."""
        entered = modes.observed_by(self._observer())
        entered.__enter__()
        self._entered.append(entered)
        return self

    def __exit__(self, *exception: Any) -> None:
        """Look on as before."""
        self._entered.pop().__exit__(*exception)


class record(_Looking):  # noqa: N801, used like a keyword
    """Let nodes remember where they were made, and gradients what they were made of.

    A context manager and a decorator. What is computed inside knows its line and its `scope`;
    gradients that `backward` writes inside have a `history`; and there are warnings, each once for
    a line: BackwardTwiceWarning, ChangedLeafWarning, LeftoverGradientWarning,
    UnreachedParameterWarning. It costs about as much time again as the work itself, and keeps the
    graphs of the gradients that are set; outside it, nothing.

    >>> w = Value(2.0, "w")
    >>> with record():
    ...     (w * 3.0).backward()
    >>> len(w.history)
    1
    """

    def _observer(self) -> modes.Observer:
        outer = modes.observer()
        return outer if isinstance(outer, Recorder) else Recorder()


class detect_anomaly(_Looking):  # noqa: N801, used like a keyword
    """Stop at the first nan or infinity, in a forward or a backward pass of whatever order.

    A context manager and a decorator; inside, everything is recorded as with `record()`.
    An operation that gives a bad number raises AnomalyError at once, in the line that is to blame.
    A backward pass raises it before any `.grad` is written, and names the contribution that went
    bad first. `autopsy` then tells what became of it.

    Args:
        nan: whether nan is an anomaly.
        inf: whether inf and -inf are.
        bad: a predicate of a number that takes their place.

    >>> from autograd import AnomalyError, log
    >>> with detect_anomaly():
    ...     y = log(Value(-0.5, "u"))
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log gave nan: log(-0.5) = nan
      ...
    """

    def __init__(self, nan: bool = True, inf: bool = True, bad: IsBad | None = None) -> None:
        super().__init__()
        self.bad = bad or is_bad(nan, inf)

    def _observer(self) -> modes.Observer:
        outer = modes.observer()
        return Detector(self.bad, outer.complaints if isinstance(outer, Recorder) else None)


def undisturbed(f: _F) -> _F:
    """Decorate what computes for its own ends, such as a debugger: nothing looks on."""

    @functools.wraps(f)
    def quiet(*arguments: Any, **named: Any) -> Any:
        with modes.observed_by(None):
            return f(*arguments, **named)

    return quiet  # type: ignore[return-value]
