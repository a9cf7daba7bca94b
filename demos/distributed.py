"""Train on the digits in several processes that share every batch.

Each process has devices of its own (here parts of one CPU), computes its share of the examples, and
one all-reduce adds up the gradients. The same code runs on several machines: start it on each with
the number of its --process and the --address of the first.

Without --process all processes are started here, on the loopback address, and their losses are held
to those of training in one process. --lose ends a process after an epoch, to see what the
others say; --resume then goes on from the checkpoint, on as many processes as you like.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from digits import COLUMNS, check_folder, load_digits, whole

import nn

IMAGES = 1200
WIDTH = 32
LIMIT = 300  # seconds that all processes may take


def arguments() -> argparse.Namespace:
    """What the user wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--processes", type=whole, default=2, help="how many processes train together (2)")
    add("--devices", type=whole, default=2, help="CPU devices of each (2)")
    add("--epochs", type=whole, default=5, help="how often to go through 1200 images (5)")
    add("--batch-size", type=whole, default=64, help="images to a step (64)")
    add("--out", type=Path, default=Path("out"), help="the folder for what is made (out)")
    add("--lose", type=whole, metavar="EPOCH", help="end a process after this epoch")
    add("--lost", type=int, metavar="PROCESS", help="the number of that process (the last)")
    add("--resume", action="store_true", help="go on from the checkpoint in that folder")
    add("--process", type=int, metavar="NUMBER", help="run this one, from 0, and start no others")
    add("--address", help="host:port of the process 0, with --process")
    args = parser.parse_args()
    if (args.process is None) != (args.address is None):
        parser.error("--process and --address go together")
    return args


def train(args: argparse.Namespace, **options: Any) -> nn.History:
    """The same training for one process and for many: every number starts from a seed."""
    digits = load_digits(IMAGES, 0)
    return nn.fit(
        nn.MLP(64, [WIDTH, 10], "tanh", seed=0),
        digits.train_x,
        digits.train_y,
        lr=0.01,
        epochs=args.epochs,
        batch_size=args.batch_size,
        progress=False,
        **options,
    )


def work(args: argparse.Namespace) -> None:
    """Be one process of several."""
    import jax

    jax.config.update("jax_num_cpu_devices", args.devices)
    jax.distributed.initialize(
        args.address, args.processes, args.process, initialization_timeout=60
    )
    mesh = jax.make_mesh((args.processes * args.devices,), ("batch",))
    is_first = args.process == 0
    lost = args.processes - 1 if args.lost is None else args.lost

    def after_epoch(history: nn.History) -> None:
        if is_first:
            print(f"epoch {len(history):3}   loss {history.loss[-1]:.12f}", flush=True)
        if args.process == lost and len(history) == args.lose:
            os._exit(1)

    path = args.out / "distributed.checkpoint"
    kept = {"resume": path} if args.resume else {"checkpoint": path}
    history = train(args, backend="jax", mesh=mesh, callback=after_epoch, every=1, **kept)
    if is_first:
        losses = args.out / "distributed.json"
        losses.write_text(json.dumps(history.loss))


def launch(args: argparse.Namespace) -> None:
    """Start all processes here, and compare what they did with one process."""
    check_folder(args.out)
    checkpoint = args.out / "distributed.checkpoint"
    if args.resume and not checkpoint.exists():
        raise ValueError(f"there is nothing to resume: no {checkpoint}")
    if not args.resume:
        checkpoint.unlink(missing_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    shares = args.processes * args.devices
    processes = counted(args.processes, "process", "processes")
    print(
        f"{processes} of {counted(args.devices, 'device', 'devices')}: {shares} share every batch."
    )
    command = [sys.executable, __file__, *sys.argv[1:], "--address", address]
    started = [
        subprocess.Popen([*command, "--process", str(number)]) for number in range(args.processes)
    ]
    try:
        codes = [process.wait(LIMIT) for process in started]
    finally:
        for process in started:
            process.kill()
    if any(codes):
        hint = "; --resume goes on from the last checkpoint" if checkpoint.exists() else ""
        raise ValueError(f"not all processes came to the end{hint}")
    ours = json.loads((args.out / "distributed.json").read_text())
    alone = train(args).loss
    apart = np.abs(np.divide(ours, alone) - 1).max()
    print(f"One process, with NumPy, has the same losses to {apart:.0e}.")
    np.testing.assert_allclose(ours, alone, rtol=1e-12)


def counted(count: int, one: str, many: str) -> str:
    """A number of things: `1 process`."""
    return f"{count} {one if count == 1 else many}"


def fail(message: str) -> None:
    """End at once: a process that has lost another would wait for it at the end."""
    print(textwrap.fill(f"distributed: {message}", COLUMNS), file=sys.stderr, flush=True)
    os._exit(1)


if __name__ == "__main__":
    options = arguments()
    try:
        launch(options) if options.process is None else work(options)
    except ImportError as error:
        sys.exit(f"{error}. This demo needs more: pip install -e '.[demos,jax]' here")
    except (
        OSError,
        ValueError,
        RuntimeError,
        FloatingPointError,
        subprocess.TimeoutExpired,
    ) as error:
        fail(str(error))
