"""The findings of an autopsy: where a number that is not finite begins and where it ends.

In the forward pass a bad number is born if all operands are finite, passed on if an operand is
not, masked if another operand was chosen in its place, and healed if it was used and the result is
finite all the same, as in exp(-inf).

A gradient is a sum of contributions, and each may have a finding. A bad one is born if a finite
gradient times the local derivative is not finite, or if summands overflow or cancel (inf - inf). It
is passed on if the gradient of the consumer was bad before, which counts where the sum so far
becomes infinite, or nan, by it; and masked if no derivative flows. Nothing heals a gradient: a
product with it is never finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from autograd.backward import partials
from autograd.node import UNSET
from autograd.primitive import CONST
from autograd.value import Value

Fate: TypeAlias = Literal["born", "passed on", "masked", "healed"]


class Finding(NamedTuple):
    """The fate of a number, or of a gradient, that is not finite, at one node.

    Attributes:
        node: the node that has it, or that masked or healed it.
        what: "data" or "gradient".
        fate: "born", "passed on", "masked" or "healed".
        value: the node's number; for a gradient the contribution, `upstream * local`, or for one
            born in the sum of its contributions the sum, `before + upstream * local`.
        source: the operand it came from, or the consumer that sent the gradient; None for data
            that were born, and for a gradient that was given.
        upstream: for a gradient, the gradient of the consumer.
        local: for a gradient, the derivative of the consumer with respect to the node.
        before: for a gradient born in the sum of its contributions, the sum until then.
        slot: for a gradient, the slot of the consumer that sent it.
    """

    node: Value
    what: Literal["data", "gradient"]
    fate: Fate
    value: float
    source: Value | None = None
    upstream: float | None = None
    local: float | None = None
    before: float | None = None
    slot: int | None = None


def of_data(nodes: list[Value]) -> Iterator[Finding]:
    """Yield the findings of the recorded forward pass; nodes are in topological order."""
    used = _bad_as_used(nodes)
    for v in nodes:
        bad = [slot for slot, x in enumerate(v._primals) if not math.isfinite(x)]
        if v._p0 is None:  # its data may have been assigned: the number that was used counts
            is_output = v is nodes[-1]
            if v in used or (is_output and not math.isfinite(v._float)):
                yield Finding(v, "data", "born", used.get(v, v._float))
        elif not math.isfinite(v._y):
            source = _source(v, bad)
            yield Finding(v, "data", "passed on" if bad else "born", v._y, source)
        else:
            if bad:
                masked = all(_is_masked(v, slot) for slot in bad)
                yield Finding(v, "data", "masked" if masked else "healed", v._y, _source(v, bad))
            if v in used:  # assigned after it was computed
                yield Finding(v, "data", "born", used[v])


def _bad_as_used(nodes: list[Value]) -> dict[Value, float]:
    """Return the operands that are not finite, with the number that their first use recorded."""
    used: dict[Value, float] = {}
    for v in nodes:
        for operand, x in zip(v.parents, v._primals, strict=True):
            if not math.isfinite(x):
                used.setdefault(operand, x)
    return used


def _source(v: Value, bad: list[int]) -> Value | None:
    """Return the operand that a bad number came from; a nan comes from a nan if there is one."""
    primals, parents = v._primals, v.parents
    nans = [slot for slot in bad if v._y != v._y and primals[slot] != primals[slot]]
    return parents[(nans or bad)[0]] if bad else None


def _is_masked(v: Value, slot: int) -> bool:
    # Then no derivative flows to this one, and the result is another's number and moves with it.
    assert v._row is not None
    rule = v._row.partials[slot]
    if rule is None or float(rule(v._y, *v._primals)) != 0.0:
        return False
    return any(x == v._y and _follows(v, i) for i, x in enumerate(v._primals) if i != slot)


def _follows(v: Value, slot: int) -> bool:
    """True if the result is this operand, and still is when the operand moves a little."""
    assert v._row is not None
    for towards in (-math.inf, math.inf):
        primals = list(v._primals)
        primals[slot] = moved = math.nextafter(primals[slot], towards)
        if v._row.forward(*primals) != moved:
            return False
    return True


def chose_another(v: Value, operand: Value) -> bool:
    """True if a node took another operand's number in place of this one's."""
    slots = [slot for slot, p in enumerate(v.parents) if p is operand]
    return v._row is not None and all(_is_masked(v, slot) for slot in slots)


def of_gradients(cotangents: dict[Value, float], output: Value, seed: float) -> Iterator[Finding]:
    """Yield the findings of a finished backward pass, in its order.

    The nodes are in topological order.
    """
    if all(map(math.isfinite, cotangents.values())):  # a bad gradient never becomes finite again
        return
    if not math.isfinite(seed):
        yield Finding(output, "gradient", "born", seed)
    sums, masked = {output: seed}, set()
    for v in reversed(cotangents):
        if cotangents[v] is UNSET or v._row is None:
            continue
        for slot, (operand, rule) in enumerate(zip(v.parents, v._row.partials, strict=False)):
            g, gradient = cotangents[v], cotangents[operand]
            if operand._row is CONST or math.isfinite(gradient) == (rule is not None):
                continue
            if rule is not None:
                local = partials(v)[slot]
                assert local is not None
                birth = Finding(operand, "gradient", "born", g * local, v, g, local, slot=slot)
                yield from _contributed(birth, before := sums.get(operand, UNSET))
                sums[operand] = before + g * local
            elif not math.isfinite(g) and operand not in masked:
                masked.add(operand)
                yield Finding(operand, "gradient", "masked", gradient, v, g, slot=slot)


def _contributed(birth: Finding, before: float) -> Iterator[Finding]:
    """Yield what is to be said of a contribution, given as a birth, to what is there before."""
    sent, after = birth.value, before + birth.value
    if badness(birth.upstream or 0.0):
        if badness(sent) > badness(before):
            yield birth._replace(fate="passed on")
    elif badness(sent):
        yield birth
    if badness(after) > max(badness(before), badness(sent)):  # overflow, or inf - inf
        yield birth._replace(value=after, before=before)


def badness(x: float) -> int:
    """Return 0 for a finite number, 1 for an infinite one, 2 for nan: a sum is as bad as its worst.

    >>> [badness(x) for x in (1.0, math.inf, math.nan)]
    [0, 1, 2]
    """
    return 2 if x != x else int(math.isinf(x))
