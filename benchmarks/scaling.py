"""How a training step scales: measured on the devices of this CPU, projected by a cost model.

A device is one core here. The model of a step has four numbers, measured first: how many
floating-point operations and bytes a core does in a second, what it costs to start a step, and what
an all-reduce takes. Counts come from the program's own listing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import autograd
import nn

WIDTHS = (64, 128, 10)  # of the digits' network
BATCHES = (64, 1024, 16384)
LINK = 1.25e9  # bytes a second and way, of a network of ten gigabits: assumed
DELAY = 50e-6  # seconds that a message takes there: assumed


class Costs(NamedTuple):
    """What a device does in a second, and how long what does not shrink with it takes."""

    flops: float
    bytes: float
    start: float  # seconds to start a step
    reduce: float  # seconds of an all-reduce of the gradient between devices


class Step(NamedTuple):
    """A training step's work, from the listing: for each example, and once."""

    flops: float
    bytes: float
    once: float  # bytes
    gradient: float  # bytes that are added up over the devices

    def seconds(self, costs: Costs, batch: int, devices: int) -> float:
        """The time of a step: the slower of arithmetic and memory, and what does not shrink."""
        each = max(self.flops / costs.flops, self.bytes / costs.bytes) * batch / devices
        reduce = costs.reduce if devices > 1 else 0.0
        return each + self.once / costs.bytes + costs.start + reduce


def compiled(**options: Any) -> Any:
    model = nn.MLP(WIDTHS[0], list(WIDTHS[1:]), "tanh", seed=0)
    return autograd.compile(
        lambda x, y: nn.cross_entropy(model(x), y), parameters=model, backend="jax", **options
    )


def step() -> Step:
    """Count a step's work."""
    program = compiled().lower(*examples(2))
    flops = sum(each.operations()[0] for each in program.steps)
    moved = [each.scalars_moved() for each in program.steps]
    each, once = (8.0 * sum(column) for column in zip(*moved, strict=True))
    return Step(flops, each, once, 8.0 * (program.parameters + 1))


def examples(count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, WIDTHS[0])), rng.integers(0, WIDTHS[-1], count)


def timed(work: Callable[[], Any], turns: int = 20) -> float:
    """The median of the times of some calls, in seconds, after two."""
    times = []
    for _ in range(turns + 2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times[2:])


def measure(devices: int, processes: int, process: int, address: str) -> dict[str, float]:
    """Measure steps on so many devices, in this process, one of several or the only one."""
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_num_cpu_devices", devices // processes)
    if processes > 1:
        jax.distributed.initialize(address, processes, process)
    mesh = jax.make_mesh((devices,), ("batch",))
    found = {}
    c = compiled(mesh=mesh)
    for batch in BATCHES:
        x, y = examples(batch)
        found[str(batch)] = timed(lambda x=x, y=y: c.value_and_grad(x, y))
    if devices == 1:
        with jax.enable_x64(True):
            square, long = jnp.ones((512, 512)), jnp.ones(1 << 22)
            product, copy = jax.jit(lambda a: a @ a), jax.jit(lambda a: a + 1.0)
            found["flops"] = 2 * 512**3 / timed(lambda: product(square).block_until_ready())
            found["bytes"] = 16 * len(long) / timed(lambda: copy(long).block_until_ready())
        few = examples(1)
        found["start"] = timed(lambda: c.value_and_grad(*few))
    return found


def measured(devices: int, processes: int = 1) -> dict[str, float]:
    """The same in new processes, one thread for each device."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    flags = "--xla_cpu_multi_thread_eigen=false"
    command = [sys.executable, __file__, "--measure", str(devices), str(processes), address]
    started = [
        subprocess.Popen(
            [*command, str(number)],
            stdout=subprocess.PIPE,
            env={**os.environ, "XLA_FLAGS": flags},
        )
        for number in range(processes)
    ]
    found, *_ = [process.communicate(timeout=600)[0] for process in started]
    if any(process.returncode for process in started):
        sys.exit("a process failed: what it said is above")
    return json.loads(found.splitlines()[-1])  # after what the collectives say


def rows() -> Iterator[tuple[str, ...]]:
    work, alone = step(), measured(1)
    costs = Costs(alone["flops"], alone["bytes"], alone["start"], 0.0)
    yield ("devices", "", *[f"batch {batch:,}" for batch in BATCHES])
    places = [("1", alone), ("2 in one process", measured(2)), ("2 processes", measured(2, 2))]
    for name, found in [*places, ("4 in one process, of 2 cores", measured(4))]:
        yield (name, "measured", *[f"{1 / found[str(batch)]:,.0f}" for batch in BATCHES])
    yield ("1", "modelled", *[f"{1 / work.seconds(costs, b, 1):,.0f}" for b in BATCHES])
    for devices in (8, 64):
        share = 2 * (devices - 1) / devices * work.gradient / LINK
        on_network = costs._replace(reduce=share + 2 * np.log2(devices) * DELAY)
        steps = [1 / work.seconds(on_network, batch, devices) for batch in BATCHES]
        yield (f"{devices} hosts of such a core", "projected", *[f"{n:,.0f}" for n in steps])
    yield (
        f"A core: {costs.flops / 1e9:.0f} Gflop/s, {costs.bytes / 1e9:.1f} GB/s, "
        f"{1e6 * costs.start:.0f} µs a step; an example {work.flops:,.0f} flops, "
        f"{work.bytes:,.0f} bytes; {work.gradient:,.0f} bytes are added up",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        devices, processes, address, process = options.measure
        print(json.dumps(measure(int(devices), int(processes), int(process), address)))
        return
    print("Steps a second of a 64-128-10 network in float64:\n")
    for first, *rest in rows():
        print(f"{first:30}" + "".join(f"{cell:>14}" for cell in rest), flush=True)


if __name__ == "__main__":
    main()
