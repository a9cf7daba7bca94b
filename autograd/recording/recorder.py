"""`record()` and `detect_anomaly()`: looking on while a graph is built and differentiated."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from itertools import count
from typing import Any, TypeVar

from autograd import modes
from autograd.backward import deliver, pull_back
from autograd.compiler.running.anomaly import Run, check_run
from autograd.provenance import note_origin
from autograd.recording.anomalies import (
    Anomalies,
    check_computed,
    check_pulled_back,
    check_recorded,
)
from autograd.recording.gradient_warnings import Complaints, missing_from
from autograd.recording.ledger import Pass, keep
from autograd.system.source import users_place
from autograd.value import Value

_F = TypeVar("_F", bound=Callable[..., Any])


class Recorder:
    """What `record()` does: origins for nodes, ledgers for gradients, warnings.

    Args:
        outer: one whose count of backward calls and whose warnings go on.
    """

    def __init__(self, outer: Recorder | None = None) -> None:
        self.complaints: Complaints = outer.complaints if outer else Complaints()
        self.numbers: count[int] = outer.numbers if outer else count(1)

    computed = staticmethod(note_origin)

    def made(self, v: Value) -> None:
        """A new leaf."""
        note_origin(v)

    def backward(self, output: Value, cotangents: dict[Value, float]) -> None:
        """A backward pass that leaves its ledger behind."""
        self.complaints.before_backward(output, cotangents)
        self._pull_back(output, cotangents)
        keep(Pass(next(self.numbers), output, users_place(), cotangents))
        deliver(cotangents)

    def pull_back(self, output: Value, cotangents: dict[Value, float], wanted: list[Value]) -> None:
        """A pass that touches no `.grad`."""
        self._pull_back(output, cotangents)
        self.complaints.unreached(missing_from(cotangents, wanted), _name(output))

    def record_pull_back(
        self,
        output: Value,
        order: dict[Value, float],
        wanted: list[Value],
        work: Callable[[], dict[Value, Any]],
    ) -> dict[Value, Any]:
        """A pass that is recorded itself."""
        self._before(output, order)
        cotangents = work()
        self.complaints.unreached(missing_from(cotangents, wanted), _name(output))
        return cotangents

    def stepped(self, parameters: list[Value]) -> None:
        """Parameters without a gradient are told of."""
        missing = [v for v in parameters if not v.has_grad]
        self.complaints.unreached(missing, "the loss")

    def ran(self, run: Run) -> None:
        """A compiled program is only looked at for anomalies."""

    def _before(self, output: Value, cotangents: dict[Value, float]) -> None:
        """What is done before any pass."""

    def _pull_back(self, output: Value, cotangents: dict[Value, float]) -> None:
        pull_back(cotangents)


class Detector(Recorder):
    """What `detect_anomaly()` does besides: it raises AnomalyError at the first bad number."""

    def __init__(self, anomalies: Anomalies, outer: Recorder | None = None) -> None:
        super().__init__(outer)
        self.anomalies = anomalies

    def computed(self, v: Value, depth: int = 4) -> None:
        """A new operation."""
        note_origin(v, depth)
        data = v._data
        if data - data != 0.0 or self.anomalies.may_be_finite:
            check_computed(v, self.anomalies.are)

    def ran(self, run: Run) -> None:
        """What a compiled program gave; a bad example is computed again, in Values."""
        if modes.recording():
            check_run(run, self.anomalies.among, self._pull_back)

    def _before(self, output: Value, cotangents: dict[Value, float]) -> None:
        check_recorded(output, cotangents, self.anomalies)

    def _pull_back(self, output: Value, cotangents: dict[Value, float]) -> None:
        check_recorded(output, cotangents, self.anomalies)
        pull_back(cotangents)
        check_pulled_back(output, cotangents, self.anomalies)


def _name(v: Value) -> str:
    return v.name or "the output"


class _Looking(ContextDecorator):
    """A context manager and decorator that installs an observer.

    One may be entered many times, also within itself and by several threads.
    """

    def __init__(self) -> None:
        self._own = Recorder()

    def _observer(self, outer: Recorder) -> modes.Observer:
        raise NotImplementedError

    def __call__(self, function: _F) -> _F:
        """The function, looked on at. Raises TypeError for a generator or a coroutine."""
        modes.refuse_what_runs_later(type(self).__name__, function)
        return super().__call__(function)

    def __enter__(self) -> Any:
        """Begin to look on."""
        outer = modes.observer()
        modes.look_on(self, self._observer(outer if isinstance(outer, Recorder) else self._own))
        return self

    def __exit__(self, *exception: Any) -> None:
        """Look on as before."""
        modes.look_away(self)


class record(_Looking):  # noqa: N801, used like a keyword
    """Let nodes remember where they were made, and gradients what they were made of.

    A context manager and a decorator. What is computed inside knows its line and its `scope`;
    gradients that `backward` writes inside have a `history`; and there are warnings, each once for
    a line: BackwardTwiceWarning, ChangedLeafWarning, LeftoverGradientWarning,
    UnreachedParameterWarning. It costs about as much time again as the work itself, and keeps the
    graphs of the gradients that are set; outside it, nothing. It holds for the thread or the task
    that entered it.

    >>> w = Value(2.0, "w")
    >>> with record():
    ...     (w * 3.0).backward()
    >>> len(w.history)
    1
    """

    def _observer(self, outer: Recorder) -> modes.Observer:
        return outer


class detect_anomaly(_Looking):  # noqa: N801, used like a keyword
    """Stop at the first nan or infinity, in a forward or a backward pass of whatever order.

    A context manager and a decorator; inside, everything is recorded as with `record()`.
    An operation that gives a bad number raises AnomalyError at once, in the line that is to blame.
    A backward pass raises it before any `.grad` is written, and names the contribution that went
    bad first; it looks also at what was computed before. A compiled function is asked for the
    example that is to blame, which is computed again in Values. `autopsy` then tells what became
    of it. Under `no_grad` nothing is recorded, and nothing found.

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

    def __init__(
        self, *, nan: bool = True, inf: bool = True, bad: Callable[[float], bool] | None = None
    ) -> None:
        super().__init__()
        self.anomalies = Anomalies(nan, inf, bad)

    def _observer(self, outer: Recorder) -> modes.Observer:
        return Detector(self.anomalies, outer)
