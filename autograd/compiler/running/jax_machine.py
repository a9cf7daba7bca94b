"""Running a program with JAX: compiled by XLA, on one device or on all devices of a mesh.

A mesh has one axis, over which the examples of a batch are shared: each device computes its own,
and one all-reduce adds up all sums over the batch. Examples that are left over are computed by all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from numpy.typing import NDArray

from autograd.compiler.rolling.program import Program
from autograd.compiler.running.array_api import (
    StandardResult,
    check_theta,
    evaluate,
    flattened,
    selects_outside,
)
from autograd.compiler.running.jax_library import JaxLibrary
from autograd.compiler.running.run import Result, check_indices
from autograd.system.source import users_line

Array = NDArray[Any]
Parts = Sequence[Sequence[Any]]
_NO_MESH = Mesh(np.empty((), object), ())


@contextmanager
def _naming_lost_processes() -> Iterator[None]:
    """Say what became of the others where a collective fails."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if jax.process_count() == 1:
            raise
        raise RuntimeError(
            "a step of several processes failed, most often because another one stopped or cannot "
            "be reached any more: start all of them again; nn.fit(…, resume=path) goes on from the "
            f"last checkpoint, on any number of devices\n  JAX says: {str(error).splitlines()[0]}"
        ) from error


class JaxRunner:
    """Runs one program, for each batch size compiled once; many threads may call it at a time."""

    def __init__(self, program: Program, dtype: Any, mesh: Any = None) -> None:
        self.program, self.dtype, self.mesh = program, np.dtype(dtype), mesh
        self._library = JaxLibrary(self.dtype, jnp.int64)
        self._compiled = jax.jit(self._results)
        self._is_checked_before = mesh is not None or bool(program.computed.nodes)

    def __reduce__(self) -> tuple[Any, ...]:
        return JaxRunner, (self.program, self.dtype)

    def run(self, theta: Array, inputs: Sequence[Array], batch: int) -> Result:
        """The outputs (and gradients) for inputs of shape (batch, …) each, or () for all examples.

        Raises IndexRangeError for an index that selects outside of the values.
        """
        if self._is_checked_before:
            check_indices(self.program, [*map(np.asarray, inputs)], batch)
        try:
            wrong, means, outputs, by_input = self._fetched(theta, inputs, batch)
        except jax.errors.TracerArrayConversionError:  # within a function of JAX, on plain numbers
            with jax.ensure_compile_time_eval():
                wrong, means, outputs, by_input = self._fetched(theta, inputs, batch)
        if wrong:
            check_indices(self.program, [*map(np.asarray, inputs)], batch)
        if not len(means):
            return JaxResult(outputs, 0.0, None, by_input)
        return JaxResult(outputs, float(means[0]), means[1:], by_input)

    def _fetched(self, theta: Array, inputs: Sequence[Array], batch: int) -> tuple[Any, ...]:
        with jax.enable_x64(True), _naming_lost_processes():
            given = [
                self._numbers(x, spec.is_integer, batch)
                for x, spec in zip(inputs, self.program.inputs, strict=False)
            ]
            placed = self._placed(np.asarray(theta, self.dtype), given, batch)
            with jax.set_mesh(_NO_MESH) if self.mesh else nullcontext():  # but that of shard_map
                numbers, outputs, by_input = self._compiled(*placed)
            numbers = np.array(jax.block_until_ready(numbers))
            columns = [
                np.empty((batch, 0), self.dtype) if each[0] is None  # of integers
                else np.array(_joined(each, 0)).reshape(batch, -1)
                for each in by_input
            ]  # fmt: skip
        return numbers[0], numbers[1:], outputs, columns

    def _numbers(self, x: Any, is_integer: bool, batch: int) -> Any:
        """An input of the whole batch in a dtype that JAX has, and JAX's arrays as they are."""
        if not isinstance(x, jax.Array):
            # a view, because JAX knows an array that it has met by its address, whatever the dtype
            with np.errstate(all="ignore"):
                x = np.asarray(x, np.int64 if is_integer else self.dtype).view()
        return x if x.ndim else np.broadcast_to(x, batch)

    def _placed(self, theta: Array, inputs: list[Array], batch: int) -> tuple[Any, ...]:
        """The parameters on all devices, shares of the batch on each, and the rest on all."""
        if self.mesh is None:
            return theta, [inputs]
        count = self.mesh.size
        if inputs and 0 < batch < count:
            raise ValueError(
                f"a batch of {batch} cannot be shared by the {count} devices of the mesh\n"
                f"  at {users_line()}\npass {count} examples at least, or a mesh of fewer devices"
            )
        end = batch - batch % count
        parts: list[Any] = [[self._place(x[:end], *self.mesh.axis_names) for x in inputs]]
        if inputs and end < batch:
            parts.append([self._place(x[end:]) for x in inputs])
        return self._place(theta), parts

    def _place(self, x: Array, *axes: str) -> Any:
        sharding = NamedSharding(self.mesh, PartitionSpec(*axes))
        return jax.make_array_from_callback(x.shape, sharding, lambda index: x[index])

    def _results(self, theta: Any, parts: Parts) -> tuple[Any, ...]:
        """Return one array of numbers, and of each part outputs, and gradients for each input.

        The numbers are how many indices are out of range, if they are not checked before, then if
        there is a gradient the mean, and its gradient.
        """
        count = sum(part[0].shape[0] for part in parts) if parts[0] else 1
        with jax.default_matmul_precision("highest"):
            if self.mesh is None or not self.program.inputs:
                results = self._evaluated(theta, parts, count)
            else:
                results = self._shared(theta, parts, count)
        wrong = jnp.zeros(1, self.dtype)
        if not self._is_checked_before:
            flat = flattened(self.program, self._library, parts[0])
            for use in self.program.indices:
                wrong += jnp.sum(selects_outside(use, flat, self._library))
        first = results[0]
        means = [] if first.mean is None else [first.mean[None], first.gradient]
        by_input = [*zip(*[each.input_gradients for each in results], strict=True)]
        return jnp.concat([wrong, *means]), [each.outputs for each in results], by_input

    def _evaluated(
        self, theta: Any, parts: Parts, batch: int, axis: str = ""
    ) -> list[StandardResult]:
        """The results for parts; the first is a device's of those along an axis, if one is given.

        One all-reduce adds up all sums over the devices.
        """
        library = self._library
        flat = [flattened(self.program, library, part) for part in parts]
        total = (lambda sums: lax.psum(sums, axis)) if axis else (lambda sums: sums)
        return evaluate(self.program, library, theta, flat, batch, total)

    def _shared(self, theta: Any, parts: Parts, batch: int) -> list[StandardResult]:
        """The results for parts, of which the devices share the first, and all have the second."""
        (axis,), whole = self.mesh.axis_names, PartitionSpec()
        of_each = PartitionSpec(axis)
        first = StandardResult(PartitionSpec(None, axis), whole, whole, of_each)
        run = jax.shard_map(
            lambda theta, parts: self._evaluated(theta, parts, batch, axis),
            mesh=self.mesh, in_specs=(whole, [of_each, whole][: len(parts)]),
            out_specs=[first, whole][: len(parts)], check_vma=False,
        )  # fmt: skip
        results: list[StandardResult] = run(theta, parts)
        return results


class JaxResult(Result):
    """The results of a run; its outputs are fetched from the devices when they are asked for."""

    @property
    def outputs(self) -> Array:
        """The outputs: (outputs, batch)."""
        parts: Any = self[0]
        return _joined(parts, 1)


def _joined(parts: Sequence[Any], axis: int) -> Array:
    """The parts of a batch end to end, as an array of NumPy's, from other processes too."""
    is_here = [x.is_fully_addressable or x.is_fully_replicated for x in parts]
    each = [np.asarray(x) if here else _gathered(x) for x, here in zip(parts, is_here, strict=True)]
    return np.concatenate(each, axis)


@_naming_lost_processes()
def _gathered(x: Any) -> Array:
    """The parts of an array that all processes have, or numbers of each of them."""
    return np.asarray(process_allgather(x, tiled=isinstance(x, jax.Array)))


def is_array(x: Any) -> bool:
    """True for an array of JAX with numbers, not for a tracer."""
    return isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer)


def in_any(answer: bool) -> bool:
    """True if it is in any process."""
    return bool(np.any(_gathered(np.uint32(answer))))


def check_alike(things: Mapping[str, Any]) -> None:
    """Raise ValueError, in all processes, unless all of them have the same things."""
    digests = b"".join(hashlib.sha256(repr(x).encode()).digest()[:8] for x in things.values())
    theirs = _gathered(np.frombuffer(digests, np.uint32))
    differ = (theirs != theirs[0]).reshape(len(theirs), len(things), 2).any(axis=2)
    for number, thing in np.argwhere(differ).tolist():
        raise ValueError(
            f"process {number} has another {[*things][thing]} than process 0: all processes train "
            "the same, so give the model a seed, and every process the same data and arguments"
        )


def checked(mesh: Any) -> Any:
    """Return a mesh whose arrays JAX shards by itself. Raises for anything but one of one axis."""
    if not isinstance(mesh, Mesh):
        raise TypeError(f"mesh= is a jax.sharding.Mesh, got {type(mesh).__name__} {mesh!r:.60}")
    if len(mesh.axis_names) != 1:
        raise ValueError(
            f"a mesh has one axis, over which the batch is shared; this has {dict(mesh.shape)}: "
            'write jax.make_mesh((devices,), ("batch",))'
        )
    return Mesh(mesh.devices, mesh.axis_names)


def pure_function(program: Program, entry: Any) -> Callable[..., Any]:
    """Return the outputs of a program as a pure function (theta, *inputs), in the dtype of theta.

    `entry` is the Specialization whose program it is; the leaves that are no parameters have the
    numbers that they have now.
    """
    count, fixed = len(entry.parameters), entry.theta(None)[len(entry.parameters) :]

    def function(theta: Any, *inputs: Any) -> Any:
        """The outputs for a batch, from a flat array of the parameters: a pure function."""
        theta = jnp.asarray(theta)
        check_theta(theta, count)
        dtype = theta.dtype if jnp.issubdtype(theta.dtype, jnp.floating) else float
        library = JaxLibrary(jnp.zeros(0, dtype).dtype, jnp.arange(0).dtype)
        leaves = [jnp.asarray(x) for x in entry.leaves_of(inputs)]
        flat = flattened(program, library, _of_one_batch(program, leaves))
        batch = flat[0].shape[0] if flat else 1
        theta = jnp.concat([theta.astype(library.dtype), library.floats(fixed)])
        with jax.default_matmul_precision("highest"):
            rows = evaluate(program, library, theta, [flat], batch)[0].outputs
        for use in program.indices:
            rows = jnp.where(selects_outside(use, flat, library), jnp.nan, rows)
        return entry.outputs(rows, has_batch=bool(leaves))

    return function


def _of_one_batch(program: Program, leaves: Sequence[Any]) -> list[Any]:
    """Inputs of one batch. Raises ValueError for other shapes or kinds than were recorded."""
    batch = max([x.shape[0] for x in leaves if x.ndim], default=1)
    for x, spec in zip(leaves, program.inputs, strict=False):
        is_kind = jnp.issubdtype(x.dtype, jnp.integer) or not spec.is_integer
        is_shared = not (x.ndim or spec.shape)
        if not is_kind or not (is_shared or x.shape == (batch, *spec.shape)):
            kind = "integers" if spec.is_integer else "numbers"
            raise ValueError(
                f"input {spec.name!r} was recorded as {kind} of shape {('batch', *spec.shape)}, "
                f"got {x.dtype} of shape {x.shape} in a batch of {batch}"
            )
    return [x if x.ndim else jnp.broadcast_to(x, batch) for x in leaves]
