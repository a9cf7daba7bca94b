"""`record()` and `detect_anomaly()`: observers of a graph while it is built and differentiated."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from autograd import modes
from autograd.backward import deliver, pull_back
from autograd.compiler.running.anomaly import Run, check_run
from autograd.node import UNSET
from autograd.primitive import CONST
from autograd.provenance import OriginObserver, note_origin
from autograd.recording.anomalies import Anomalies
from autograd.recording.gradient_warnings import GradientWarnings
from autograd.recording.ledger import Pass, keep
from autograd.system.source import users_place
from autograd.value import Value

at_backward: Callable[[Value, float], bool] | None = None
"""Is called once, in the next recorded backward pass, with the output and its gradient.

No gradient has been written then. If it returns True, it has written them by a pass of its own.
"""


class Recorder(OriginObserver):
    """The observer of `record()`: notes origins, keeps ledgers, warns, and goes on from `outer`."""

    def __init__(self, outer: Recorder | None = None) -> None:
        self.warnings: GradientWarnings = outer.warnings if outer else GradientWarnings()
        self.numbers: count[int] = outer.numbers if outer else count(1)

    def backward(self, output: Value, cotangents: dict[Value, float]) -> None:
        """Run a backward pass and keep it in the ledgers of its nodes."""
        global at_backward
        self.warnings.before_backward(output, cotangents)
        self._pull_back(output, cotangents)
        stop, at_backward = at_backward, None
        if stop is not None and stop(output, cotangents[output]):
            return
        keep(Pass(next(self.numbers), output, users_place(), cotangents))
        deliver(cotangents)

    def pull_back(
        self,
        output: Value,
        cotangents: dict[Value, float],
        order: dict[Value, float],
        wanted: list[Value],
    ) -> None:
        """Run a backward pass that writes no `.grad`, from the nodes in `order`."""
        self._before(output, order)
        pull_back(cotangents, len(order))
        whole = (v for v in (output, *order, *wanted) if v in cotangents)
        self._after(output, {v: cotangents[v] for v in whole})
        self._warn(output, cotangents, wanted)

    def record_pull_back(
        self, output: Value, order: dict[Value, float], wanted: list[Value], work: Callable[[], Any]
    ) -> dict[Value, Any]:
        """Run a backward pass, `work`, that is recorded itself."""
        self._before(output, order)
        cotangents: dict[Value, Any] = work()
        self._warn(output, cotangents, wanted)
        return cotangents

    def _warn(self, output: Value, cotangents: dict[Value, Any], wanted: list[Value]) -> None:
        missing = [v for v in wanted if v._row is not CONST and cotangents.get(v, UNSET) is UNSET]
        self.warnings.unreached(missing, output.name or "the output")

    def stepped(self, parameters: list[Value]) -> None:
        """Warn of parameters without a gradient."""
        self.warnings.unreached([v for v in parameters if not v.has_grad], "the loss")

    def _before(self, output: Value, cotangents: dict[Value, float]) -> None:
        """Check the graph before a pass; nothing here."""

    def _after(self, output: Value, cotangents: dict[Value, float]) -> None:
        """Check the cotangents after a pass; nothing here."""

    def _pull_back(self, output: Value, cotangents: dict[Value, float]) -> None:
        self._before(output, cotangents)
        pull_back(cotangents)
        self._after(output, cotangents)


def forget_warnings(*event: object) -> None:
    """Let `record.always()` give its warnings again, as in another cell of a notebook."""
    if isinstance(modes.base.observer, Recorder):
        modes.base.observer.warnings = GradientWarnings()


class AnomalyDetector(Recorder):
    """The observer of `detect_anomaly()`: raises AnomalyError at the first bad number, too."""

    def __init__(self, anomalies: Anomalies, outer: Recorder | None = None) -> None:
        super().__init__(outer)
        self.anomalies = anomalies

    def computed(self, v: Value, depth: int = 4) -> None:
        """Note the origin of a new operation, and check its number."""
        note_origin(v, depth)
        data = v._float
        if data - data != 0.0 or self.anomalies.may_be_finite:
            self.anomalies.check_computed(v)

    def ran(self, run: Run) -> None:
        """Check the results of a compiled program; a bad example is computed again, in Values."""
        if modes.recording():
            check_run(run, self.anomalies.among, self._pull_back)

    def _before(self, output: Value, cotangents: dict[Value, float]) -> None:
        self.anomalies.check_recorded(output, cotangents)

    def _after(self, output: Value, cotangents: dict[Value, float]) -> None:
        self.anomalies.check_pulled_back(output, cotangents)


class record(modes.Decorator):  # noqa: N801, used like a keyword
    """Note where nodes are made, and which contributions make up each gradient.

    A context manager and a decorator. Nodes made inside know their line and their `scope`,
    gradients that `backward` writes inside have a `history`, and mistakes give warnings, each once
    for a line: BackwardTwiceWarning, ChangedLeafWarning, LeftoverGradientWarning,
    UnreachedParameterWarning. Recording about doubles the time of the work inside, and keeps the
    graphs of the gradients that are set; outside it costs nothing. It holds for the thread or the
    task that entered it; one may be entered many times, also within itself and by several threads.
    `record.always()` is for a whole program, `%load_ext autograd` for IPython and Jupyter.

    >>> w = Value(2.0, "w")
    >>> with record():
    ...     (w * 3.0).backward()
    >>> len(w.history)
    1
    """

    def __init__(self) -> None:
        self._own = Recorder()

    @staticmethod
    def always(on: bool = True) -> None:
        """Record all that the program does from here on, in every thread; False ends that.

        >>> record.always()
        >>> y = Value(2.0, "x") * 3.0
        >>> record.always(False)
        >>> y.backward()
        >>> y.parents[0].grad, len(y.parents[0].history)  # the pass was not recorded
        (3.0, 0)
        """
        modes.observe_always(Recorder() if on else None)

    def _observer(self, outer: Recorder) -> modes.Observer:
        return outer

    def __enter__(self) -> Any:
        outer = modes.observer()
        recorder = outer if isinstance(outer, Recorder) else self._own
        modes.push_observer(self, self._observer(recorder))
        return self

    def __exit__(self, *exception: Any) -> None:
        modes.pop_observer(self)


class detect_anomaly(record):  # noqa: N801, used like a keyword
    """Stop at the first nan or infinity, in a forward or a backward pass of any order.

    A context manager and a decorator; inside, everything is recorded as with `record()`.
    An operation that gives a bad number raises AnomalyError at once, in the line that caused it.
    A backward pass raises it before any `.grad` is written, and names the first bad contribution;
    it also checks numbers computed before. In the batch of a compiled function, the example that
    caused it is computed again in Values. `autopsy` then follows the bad number through the graph.
    Under `no_grad` nothing is recorded or checked.

    Args:
        nan: True if nan is an anomaly.
        inf: True if inf and -inf are.
        bad: a predicate of a number, in place of these two.

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
        return AnomalyDetector(self.anomalies, outer)
