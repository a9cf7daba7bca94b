"""Ctrl-C and the signals that end a process: deferred to the end of a block, or noted for it."""

from __future__ import annotations

import contextlib
import functools
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
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

    def __init__(self) -> None:
        self.number: int | None = None
        self._is_held = False
        self._pending: list[Callable[[], Any]] = []

    def __bool__(self) -> bool:
        return self.number is not None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let what would break off wait until the end of a block that is to be run whole."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            pending, self._pending = self._pending, []
            for handle in pending:
                handle()

    def _note(self, number: int, frame: Any) -> None:
        if number == signal.SIGINT and self:
            self._handle(signal.default_int_handler, number, frame)
        elif self.number not in ENDING:
            self.number = number

    def _handle(self, handler: Callable[[int, Any], Any], number: int, frame: Any) -> None:
        """Call a handler, now or after what is held: it may raise."""
        if self._is_held:
            self._pending.append(lambda: handler(number, frame))
        else:
            handler(number, frame)


ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_DEFAULTS: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
_DEFAULTS |= dict.fromkeys(ENDING, signal.SIG_DFL)


@contextlib.contextmanager
def noted(numbers: Iterable[int]) -> Iterator[Interruption]:
    """Note these signals for the block to end when it can; a second Ctrl-C interrupts it at once.

    One that ends the process does so at the end of the block. What the program ignores stays
    ignored, its own handlers are called, and only the main thread gets any. A block within another
    shares its signals, and both end.
    """
    is_main = threading.current_thread() is threading.main_thread()
    handlers = {n: signal.getsignal(n) for n in _DEFAULTS} if is_main else {}
    methods = [getattr(handler, "func", handler) for handler in handlers.values()]
    owners = [getattr(method, "__self__", None) for method in methods]
    outer = next((owner for owner in owners if isinstance(owner, Interruption)), None)
    interruption = Interruption() if outer is None else outer  # which is false at first
    before: dict[int, Any] = {}
    for number, handler in handlers.items():
        if handler is _DEFAULTS[number] and number in numbers:
            before[number] = signal.signal(number, interruption._note)
        elif handler is not _DEFAULTS[number] and callable(handler) and outer is None:
            wrapped = functools.partial(interruption._handle, handler)
            before[number] = signal.signal(number, wrapped)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if outer is None and interruption.number is not None and interruption.number in ENDING:
            signal.raise_signal(interruption.number)
