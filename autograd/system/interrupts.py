"""Ctrl-C and the signals that end a process: deferred to the end of a block, or noted for it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterable, Iterator
from typing import Any


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Defer Ctrl-C to the end of the block. Only the main thread ever receives it."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    deferred: list[tuple[int, Any]] = []
    signal.signal(signal.SIGINT, lambda number, frame: deferred.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if deferred:
        handler(*deferred[-1])


class Interruption:
    """True once a signal has come, for a block of code to end when it can."""

    number: int | None = None
    _is_held = _is_urgent = False

    def __bool__(self) -> bool:
        return self.number is not None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let a second Ctrl-C wait until the end of a block that is to be run whole."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        if self._is_urgent:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: Any) -> None:
        is_second = number == self.number == signal.SIGINT
        if self.number is None or number != signal.SIGINT:
            self.number = number
        elif is_second and self._is_held:
            self._is_urgent = True
        elif is_second:
            raise KeyboardInterrupt


ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_DEFAULTS: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
_DEFAULTS |= dict.fromkeys(ENDING, signal.SIG_DFL)


@contextlib.contextmanager
def noted(numbers: Iterable[int]) -> Iterator[Interruption]:
    """Note these signals for the block to end when it can; a second Ctrl-C interrupts it at once.

    One that ends the process does so at the end of the block. Signals that the program handles
    itself, or ignores, are left to it, and only the main thread gets any.
    """
    interruption = Interruption()
    is_main = threading.current_thread() is threading.main_thread()
    ours = [n for n in numbers if is_main and signal.getsignal(n) is _DEFAULTS[n]]
    for number in ours:
        signal.signal(number, interruption._note)
    try:
        yield interruption
    finally:
        for number in ours:
            signal.signal(number, _DEFAULTS[number])
        if interruption.number is not None and interruption.number in ENDING:
            signal.raise_signal(interruption.number)
