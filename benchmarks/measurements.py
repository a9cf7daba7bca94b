"""What can be measured of one `Value` class, inside a process that runs no other."""

from __future__ import annotations

import gc
import importlib
import math
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from time import process_time
from typing import Any

from network import Network

IMAGES = 5  # a turn: so few that the classes alternate faster than the machine's speed changes


@dataclass(frozen=True)
class Contender:
    """A class to measure: where it is, how its nodes name their operands, what it is held to."""

    module: str
    operands: str
    bound: float = math.inf  # the most that chainrule's time may be, in times of this one's

    def installed(self) -> bool:
        return find_spec(self.module.partition(".")[0]) is not None

    def network(self) -> Network:
        return Network(importlib.import_module(self.module).Value)


CONTENDERS = {
    "chainrule": Contender("autograd", "parents"),
    "micrograd": Contender("micrograd.engine", "_prev", bound=0.25),
    "plain": Contender("plain", "children", bound=0.8),
}


def answer(contender: Contender) -> Iterator[list[float]]:
    """The loss, then the gradient of every pixel, weight and bias."""
    network = contender.network()
    loss = network.loss()
    loss.backward()
    yield [loss.data, *(leaf.grad for leaf in network.leaves())]


def time(contender: Contender) -> Iterator[dict[str, float]]:
    """Turn after turn, the milliseconds an image: all of it, its forward and its backward."""
    network = contender.network()
    while True:
        network.loss().backward()  # unmeasured: another class had the caches
        yield time_turn(network)


def time_turn(network: Network) -> dict[str, float]:
    """The means over a few images, of the processor's time: waiting for it is not the engine's."""
    forward = backward = 0.0
    start = process_time()
    for _ in range(IMAGES):
        began = process_time()
        loss = network.loss()
        built = process_time()
        loss.backward()
        forward += built - began
        backward += process_time() - built
        del loss  # else the next graph would be built beside this one
    total = process_time() - start
    parts = {"total": total, "forward": forward, "backward": backward}
    return {part: 1000 * seconds / IMAGES for part, seconds in parts.items()}


def memory(contender: Contender) -> Iterator[float]:
    """Bytes a node: what is freed when the loss goes, after backward, and its leaves with it."""
    contender.network().loss().backward()  # what is imported or cached once is no node's
    tracemalloc.start()
    loss = contender.network().loss()
    loss.backward()
    nodes = count_nodes(loss, contender.operands)
    held = traced_bytes()
    del loss
    yield (held - traced_bytes()) / nodes


def traced_bytes() -> int:
    gc.collect()  # also empties the interpreter's lists of free objects
    return tracemalloc.get_traced_memory()[0]


def count_nodes(output: Any, operands: str) -> int:
    seen, stack = {output}, [output]
    while stack:
        fresh = set(getattr(stack.pop(), operands)) - seen
        seen |= fresh
        stack += fresh
    return len(seen)


MEASUREMENTS: dict[str, Callable[[Contender], Iterator[Any]]] = {
    "answer": answer,
    "time": time,
    "memory": memory,
}
