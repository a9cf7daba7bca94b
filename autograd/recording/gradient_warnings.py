"""Warnings about gradients that most people do not expect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd import errors
from autograd.derivatives import changed
from autograd.node import UNSET
from autograd.provenance import variable_names, variables_of
from autograd.recording.ledger import LedgerEntry, Pass, entries_of, same
from autograd.system.source import users_frame, users_place, warn
from autograd.text import wording
from autograd.value import Value

_NAMED = 3  # how many nodes a warning names


class GradientWarnings:
    """Gives each kind of warning once for each line of the user's."""

    def __init__(self) -> None:
        self._given: set[tuple[type[errors.GradientWarning], str, int]] = set()

    def _is_first(self, kind: type[errors.GradientWarning]) -> bool:
        """True once for a kind and the user's line."""
        place = users_place()
        key = (kind, *place[:2]) if place else (kind, "", 0)
        is_first = key not in self._given
        self._given.add(key)
        return is_first

    def before_backward(self, output: Value, order: dict[Value, float]) -> None:
        """Give the warnings that are due when a backward pass begins."""
        leaves = [v for v in order if v._row is None]
        self._twice(output, leaves)
        self._changed(order)
        self._leftover(leaves)

    def _twice(self, output: Value, leaves: Sequence[Value]) -> None:
        earlier = getattr(output, "_ledger", None)
        if not isinstance(earlier, Pass) or earlier.output is not output:
            return
        doubled = [v for v in leaves if earlier.cotangents.get(v, UNSET) is not UNSET]
        kept = doubled and all(any(e.by is earlier for e in _standing(v)) for v in doubled)
        if kept and self._is_first(kind := errors.BackwardTwiceWarning):
            warn(
                f"backward runs again on {_called(output)}: the gradients of this call are added "
                f"to those of the last one in {_listed(doubled)}; call zero_grad in between, or "
                "backward once", kind,
            )  # fmt: skip

    def _changed(self, order: Iterable[Value]) -> None:
        found = dict.fromkeys((p, x) for v, p, x in changed(order) if p is not v)
        if found and self._is_first(kind := errors.ChangedLeafWarning):
            v, recorded = next(iter(found))
            more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
            warn(
                f"{_called(v)} was {wording.number(recorded)} in the forward pass and is "
                f"{wording.number(v._float)} now{more}: backward gives the derivatives at the old "
                "numbers; run the forward pass again first", kind,
            )  # fmt: skip

    def _leftover(self, leaves: Sequence[Value]) -> None:
        standing = ((v, _standing(v)) for v in leaves if v._grad)  # 0.0 adds nothing
        left = [v for v, entries in standing if entries and not same(v._float, entries[-1].data)]
        if left and self._is_first(kind := errors.LeftoverGradientWarning):
            has = "has" if len(left) == 1 else "have"
            warn(
                f"{_listed(left)} moved since the last backward and still {has} the gradient of "
                "that one, to which this one is added; call zero_grad after each step", kind,
            )  # fmt: skip

    def unreached(self, missing: Sequence[Value], of: str) -> None:
        """Warn that these parameters have no gradient, if there are any."""
        if missing and self._is_first(kind := errors.UnreachedParameterWarning):
            warn(
                f"{of} does not depend on {_listed(missing)}: without a gradient nothing will move "
                "there; was it left out, detached, or is backward still to come?", kind,
            )  # fmt: skip


def _standing(v: Value) -> list[LedgerEntry]:
    """The passes that made up a leaf's gradient, unless something else was assigned since."""
    entries = entries_of(v)
    return entries if entries and same(v._grad, entries[-1].after) else []


def _called(v: Value) -> str:
    frame = users_frame()
    if name := v.name or (frame and variable_names(variables_of(frame)).get(v)):
        return wording.name(name)
    return f"the result of {v.op}" if v.op else "a leaf without a name"


def _listed(nodes: Sequence[Value]) -> str:
    names = ", ".join(map(_called, nodes[:_NAMED]))
    more = len(nodes) - _NAMED
    return f"{names} and {more:,} more" if more > 0 else names
