"""A compiled function for inputs of one shape: its recording, its programs, its outputs."""

from __future__ import annotations

import hashlib
import math
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import node
from autograd.compiler.arguments import ShapeAndKind, described, refuse_tracer
from autograd.compiler.pipeline import lower
from autograd.compiler.rolling.program import Program
from autograd.compiler.running.backends import Backend
from autograd.compiler.running.run import Runner
from autograd.compiler.tracing.nesting import LEAF, Structure
from autograd.compiler.tracing.record import Recording
from autograd.system.garbage import paused
from autograd.system.source import users_line

Array = NDArray[Any]


_MOST_KEPT = 300_000  # scalar operations whose programs are kept for functions recorded later
_LEAST_KEPT = 2  # whatever their size: a loss, and the model that is asked for predictions
_lock = threading.Lock()
_Key = tuple[bool, bool, str]  # of a program: with the gradient, with those for inputs, the dtype


@dataclass
class Kept:
    """What was recorded, without its parameters, and the programs that were made of it."""

    recording: Recording
    programs: dict[_Key, Program]
    runners: dict[tuple[_Key, Backend], Runner]
    is_repeatable: bool = False  # once somebody found that it is recorded the same each time


_kept: list[Kept] = []  # the last that were used, the latest first


def _kept_of(recording: Recording) -> Kept:
    """Return what is kept of a recording, or of an earlier one if the same was recorded.

    So a function that is compiled again, a loss in each call of `nn.fit`, is only recorded again.
    """
    with _lock:
        for i, known in enumerate(_kept):
            if known.recording.is_like(recording):
                _kept.insert(0, _kept.pop(i))
                return known
        new = Kept(replace(recording, parameters=[], imported=[]), {}, {})
        _kept.insert(0, new)
        sizes = accumulate(len(each.recording.tape) for each in _kept)
        del _kept[max(_LEAST_KEPT, sum(size <= _MOST_KEPT for size in sizes)) :]
        return new


def _numbers_of(leaves: list[Any]) -> Array:
    """The data of leaves, read-only; it takes less time than `np.array` of a list."""
    packed = struct.pack(f"{len(leaves)}d", *[v._float for v in leaves])
    return np.ndarray(len(leaves), float, packed)


class Specialization:
    """A function recorded for inputs of one nesting, shape and kind, and its programs."""

    def __init__(
        self, recording: Recording, structures: tuple[Structure, ...], static: dict[str, Any]
    ) -> None:
        self._recording = recording
        self.kept = _kept_of(recording)
        self.leaves = recording.parameters  # whose data a run reads
        self.parameters = self.leaves[: len(self.leaves) - recording.fixed]
        self.imported = recording.imported
        self.is_single = recording.shapes == [()] and recording.structure.kind == LEAF
        self.has_scalar_first = recording.shapes[0] == ()
        self.described = described([spec[1:] for spec in recording.inputs])
        self._structures = structures
        self._static = static
        self._read: tuple[object, Array] = (None, np.empty(0))

    @property
    def fingerprint(self) -> str:
        """A digest of what was recorded."""
        text = f"{self._recording.tape}\n{self._recording.indices.nodes}"
        return hashlib.sha256(text.encode()).hexdigest()

    def takes(self, shapes: Sequence[ShapeAndKind]) -> bool:
        """True if inputs of these kinds have integers wherever this selects by them."""
        given = zip(shapes, self._recording.inputs, strict=True)
        return all([is_integer or not spec.is_integer for (_, is_integer), spec in given])

    def is_of(self, recording: Recording) -> bool:
        """True if this is what was recorded, of the same parameters."""
        is_same = recording.parameters == self.leaves
        return is_same and self._recording.is_like(recording)

    def runner(self, gradient: bool, input_gradients: bool, dtype: Any, backend: Backend) -> Runner:
        """Return the runner of the program, with or without the gradient; compile it if needed."""
        wants_inputs = gradient and input_gradients
        key = (gradient, wants_inputs, dtype.char)
        runner = self.kept.runners.get((key, backend))
        if runner is None:
            program = self.kept.programs.get(key)
            if program is None:
                with paused():
                    program = lower(
                        self._recording, gradient=gradient, input_gradients=wants_inputs
                    )
                program = self.kept.programs[key] = replace(program, itemsize=dtype.itemsize)
            runner = self.kept.runners[key, backend] = backend.runner(program, dtype)
        return runner

    def theta(self, given: Any) -> Array:
        """The leaves as an array: their data, or for the parameters the numbers given instead."""
        if given is None:
            return self._numbers()
        refuse_tracer(given)
        theta = np.asarray(given)
        if theta.shape != (len(self.parameters),) or theta.dtype.kind not in "biuf":
            raise ValueError(
                f"theta is an array of a number for each of the {len(self.parameters)} parameters, "
                f"got {theta.dtype} of shape {theta.shape}\n  at {users_line()}\n"
                "without theta the parameters' own data are taken"
            )
        fixed = self.leaves[len(theta) :]
        return np.append(theta, _numbers_of(fixed)) if fixed else theta

    def _numbers(self) -> Array:
        """The data of the leaves, read again if any leaf was written since."""
        mark = node.written  # before reading, so that a write in between is noticed
        last, numbers = self._read
        if last is not mark:
            numbers = _numbers_of(self.leaves)
            self._read = mark, numbers
        return numbers

    def arguments(self, leaves: Iterator[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of f: its inputs, made of these leaves, and its settings."""
        return [structure.build(leaves) for structure in self._structures], self._static

    def leaves_of(self, inputs: Sequence[Any]) -> list[Any]:
        """The leaves of inputs nested as those that were recorded. Raises ValueError for others."""
        if len(inputs) != len(self._structures):
            raise ValueError(f"{len(self._structures)} inputs were recorded, got {len(inputs)}")
        nests = zip(self._structures, inputs, strict=True)
        return [*chain(*(structure.leaves(x) for structure, x in nests))]

    def outputs(self, rows: Any, *, has_batch: bool) -> Any:
        """Nest the outputs, (outputs, batch) of NumPy or JAX, as f does."""
        leaves, start = [], 0
        for shape in self._recording.shapes:
            stop = start + math.prod(shape)
            block = rows[start:stop].T.reshape(rows.shape[1], *shape)
            if isinstance(block, np.ndarray):
                block = np.ascontiguousarray(block)
            first = block if has_batch else block[0]
            leaves.append(float(first) if isinstance(first, np.floating) else first)
            start = stop
        return self._recording.structure.build(iter(leaves))

    def like_inputs(self, gradients: Sequence[Array], arrays: Sequence[Array]) -> Any:
        """Nest the gradients for the inputs as these are."""
        shaped = iter(
            None if spec.is_integer else g.reshape(x.shape) if x.ndim else float(g.sum())
            for g, x, spec in zip(gradients, arrays, self._recording.inputs, strict=True)
        )
        built = tuple(structure.build(shaped) for structure in self._structures)
        return built[0] if len(built) == 1 else built
