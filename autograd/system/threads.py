"""The threads of the linear algebra behind NumPy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_within: list[Any] = []  # for each block that is running the limit that it set


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute matrix products in one thread, in the whole process, until the last block ends.

    For small ones: a second thread saves them little, and beside a busy process waiting for it
    takes 10 to 100 times as long (OpenBLAS issue 5517).
    """
    with _lock:
        _within.append(_controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            if len(_within) == 1:  # the first knows the numbers from before
                _within[0].restore_original_limits()
            _within.pop()
