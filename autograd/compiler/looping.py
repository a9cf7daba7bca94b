"""Loops: `scan` carries a state through steps; compiled, it stays a loop."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd import modes
from autograd.compiler.tracing.nesting import Nest, nested, take_apart
from autograd.floats.ieee import is_whole
from autograd.provenance import OriginObserver, scope

Step: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]


def scan(
    step: Step, init: Any, xs: Any = None, *, length: int | None = None, keep_every: int = 1
) -> tuple[Any, list[Any]]:
    """Carry a state through steps: `carry, output = step(carry, x)` for each x of xs in turn.

    Returns the last carry, and the list of what each step gave besides (None, if nothing).
    Eagerly it is a plain loop: every number is a node, in a scope for each step, which pictures
    fold (`step × 1000`) and open (`expand="step7"`); that takes a few times the time of a plain
    loop. In a compiled function the step is recorded once and runs as a loop, forwards and
    backwards: the program is as short for 10,000 steps as for 10. The carry is a Value or any nest
    of them; it keeps its shape. xs is a list or an array of which each step gets an element, or a
    tuple or dict of such; without xs, `length` says how many steps there are, and x is None.

    Backwards, what the steps computed is kept. With `keep_every=k` only each k-th carry is, and the
    k steps behind it are computed a second time: memory for time (Griewank and Walther, 2000).

    Raises ValueError for xs of different lengths or none, and TypeError for a step that returns no
    pair or changes the shape of the carry.

    >>> from autograd import Value
    >>> def fibonacci(carry, x):
    ...     a, b = carry
    ...     return (b, a + b), a
    >>> (a, b), outputs = scan(fibonacci, (Value(0.0), Value(1.0)), length=8)
    >>> a.data, [v.data for v in outputs]
    (21.0, [0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0])
    """
    items = _items(xs, length)
    if not is_whole(keep_every, 1):
        raise ValueError(f"keep_every is a whole number from 1 up, got {keep_every!r}")
    trace: Any = modes.trace() if modes.active else None
    if trace:
        checked = functools.partial(_checked, step)
        if keep_every > 1:
            return _in_segments(trace, checked, init, items, keep_every)
        made: tuple[Any, list[Any]] = trace.scan(checked, init, items, True)
        return made
    outputs: list[Any] = []
    carry, shape = init, nested(init)[0]
    is_noted = modes.recording() and not modes.observer()
    if is_noted:  # that nodes know their step
        modes.push_observer(outputs, OriginObserver())
    try:
        for t, x in enumerate(items):
            with scope(f"step{t}"):
                carry, output = _checked(step, carry, x, shape)
            outputs.append(output)
    finally:
        if is_noted:
            modes.pop_observer(outputs)
    return carry, outputs


def _items(xs: Any, length: int | None) -> list[Any]:
    """What each step gets. Raises ValueError unless all sequences have one length."""
    if xs is None:
        if not is_whole(length, 0):
            raise ValueError(f"scan takes xs, or the length as a whole number, got {length!r}")
        return [None] * int(length or 0)
    sequences: list[Any] = []
    structure = take_apart(xs, lambda thing: isinstance(thing, list), sequences)
    for each in sequences:
        if not isinstance(each, (list, range)) and getattr(each, "ndim", 0) == 0:
            raise ValueError(f"scan goes over lists and arrays, got {each!r:.60}")
    lengths = {len(each) for each in sequences} | ({length} if length is not None else set())
    if len(lengths) != 1:
        raise ValueError(f"scan goes over sequences of one length, got {sorted(lengths)}")
    return [structure.build(iter(each)) for each in zip(*sequences, strict=True)]


def _checked(step: Step, carry: Any, x: Any, shape: Nest) -> tuple[Any, Any]:
    """Make a step. Raises TypeError for no pair, or a carry of another shape than before."""
    made = step(carry, x)
    if not isinstance(made, tuple) or len(made) != 2:
        raise TypeError(
            f"a step of scan returns a pair, the new carry and an output, got {made!r:.80}\n"
            "return (carry, None) if there is no output"
        )
    found = nested(made[0])[0]
    if found != shape:
        raise TypeError(
            f"a step of scan keeps the shape of the carry, which was {shape} and is now {found}"
        )
    return made


def _in_segments(
    trace: Any, step: Any, init: Any, items: Sequence[Any], every: int
) -> tuple[Any, list[Any]]:
    """Scan over segments of so many steps, of which backwards each is computed a second time."""

    def segment(carry: Any, part: Any, shape: Nest) -> Any:
        inner: Any = modes.trace()
        return inner.scan(step, carry, part, True)

    whole = len(items) - len(items) % every
    parts = [items[t : t + every] for t in range(0, whole, every)]
    carry, outputs = trace.scan(segment, init, parts, False)
    carry, rest = trace.scan(step, carry, items[whole:], True)
    return carry, [y for part in outputs for y in part] + rest
