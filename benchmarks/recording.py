"""What `record()` and `detect_anomaly()` cost: the article's network on an image, in turns."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from statistics import median
from time import process_time
from typing import Any

from network import Network

import autograd
from autograd import Value, detect_anomaly, record

MODES: dict[str, Any] = {
    "nothing on": nullcontext,
    "record()": record,
    "detect_anomaly()": detect_anomaly,
}
BOUNDS = {"record()": 2.5}


def turn(network: Network, mode: AbstractContextManager[Any]) -> float:
    """The seconds of one forward and backward pass."""
    autograd.zero_grad(network.leaves())
    with mode:
        begun = process_time()
        network.loss().backward()
        return process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=40, help="of each mode (%(default)s)")
    turns = parser.parse_args().turns
    network = Network(Value)
    taken: dict[str, list[float]] = {name: [] for name in MODES}
    for _ in range(turns):
        for name, mode in MODES.items():
            taken[name].append(turn(network, mode()))
    base = taken["nothing on"]
    print(f"{'mode':<18}{'one image':>10}{'ratio':>8}{'bound':>8}  reached")
    for name, times in taken.items():
        ratio = median(t / b for t, b in zip(times, base, strict=True))
        bound = BOUNDS.get(name)
        verdict = "" if bound is None else "yes" if ratio <= bound else "no"
        limit = f"{bound:.2f}" if bound else ""
        row = f"{name:<18}{1000 * median(times):>7.2f} ms{ratio:>8.2f}{limit:>8}  {verdict}"
        print(row.rstrip())


if __name__ == "__main__":
    main()
