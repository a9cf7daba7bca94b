"""Running a program with JAX: compiled by XLA, on one device or on all devices of a mesh.

A mesh has one axis, over which the examples of a batch are shared: each device computes its own,
and one all-reduce adds up all sums over the batch. Examples that are left over are computed by all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.program import Program
from autograd.compiler.running.array_api import StandardResult, evaluate, flattened
from autograd.compiler.running.rows import Library
from autograd.compiler.running.run import Result, check_indices
from autograd.compiler.tracing.nesting import is_one_array, take_apart
from autograd.system.source import users_line

try:
    import jax
    from jax import lax
    from jax import numpy as jnp
    from jax.sharding import Mesh, NamedSharding, PartitionSpec
except ImportError as error:
    raise ModuleNotFoundError(
        'backend="jax" needs JAX, which is not installed: pip install "chainrule[jax]"'
    ) from error

Array = NDArray[Any]
Parts = Sequence[Sequence[Any]]


@contextmanager
def _naming_lost_processes() -> Iterator[None]:
    """Say what became of the others where a collective fails."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if jax.process_count() == 1:
            raise
        raise RuntimeError(
            "another process of the mesh stopped, or cannot be reached any more: start all of them "
            "again; nn.fit(…, resume=path) goes on from the last checkpoint, on any "
            f"number of devices\n  JAX says: {str(error).splitlines()[0]}"
        ) from error


class JaxRunner:
    """Runs one program, for each batch size compiled once; many threads may call it at a time."""

    def __init__(self, program: Program, dtype: Any, mesh: Any = None) -> None:
        self.program, self.dtype, self.mesh = program, np.dtype(dtype), mesh
        self._compiled = _jitted(program, self.dtype, mesh)

    def __reduce__(self) -> tuple[Any, ...]:
        return JaxRunner, (self.program, self.dtype)

    def run(self, theta: Array, inputs: Sequence[Array], batch: int) -> Result:
        """The outputs (and gradients) for inputs of shape (batch, …) each, or () for all examples.

        Raises IndexRangeError for an index that selects outside of the values.
        """
        check_indices(self.program, [*map(np.asarray, inputs)], batch)
        with jax.enable_x64(True), _naming_lost_processes():
            given = [self._numbers(x, batch) for x in inputs]
            found = self._compiled(*self._placed(theta, given, batch))
            means, outputs, by_input = jax.block_until_ready(found)
            numbers = np.zeros(1) if means is None else np.array(means)
            columns = [np.array(_joined(each, 0)).reshape(batch, -1) for each in by_input]
        gradient = None if means is None else numbers[1:]
        return JaxResult(outputs, float(numbers[0]), gradient, columns)

    def _numbers(self, x: Any, batch: int) -> Any:
        """An input in a dtype that JAX has, of the whole batch."""
        if not isinstance(x, jax.Array):
            x = np.asarray(x, self.dtype if x.dtype.kind == "f" else np.int64)
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


class JaxResult(Result):
    """The results of a run; its outputs are fetched from the devices when they are asked for."""

    @property
    def outputs(self) -> Array:
        """The outputs: (outputs, batch)."""
        parts: Any = self[0]
        return _joined(parts, 1)


def _joined(parts: Sequence[Any], axis: int) -> Array:
    """The parts of a batch end to end, as an array of NumPy's."""
    return np.concatenate([_fetched(part) for part in parts], axis)


@_naming_lost_processes()
def _fetched(x: Any) -> Array:
    """An array of all devices, those of other processes too."""
    if x.is_fully_addressable or x.is_fully_replicated:
        return np.asarray(x)
    from jax.experimental.multihost_utils import process_allgather

    return np.asarray(process_allgather(x, tiled=True))


@lru_cache(64)
def _jitted(program: Program, dtype: Any, mesh: Any) -> Any:
    """The function (theta, parts of a batch) -> all that is wanted, compiled when it is called.

    That is the mean and its gradient in one array, the outputs of each part, and for each input the
    gradients of each part.
    """
    library, whole = Library(jnp, dtype, jnp.int64, None), PartitionSpec()

    def alone(theta: Any, parts: Parts) -> list[StandardResult]:
        flat = [flattened(program, library, part) for part in parts]
        return evaluate(program, library, theta, flat, _examples(parts))

    def shared(theta: Any, parts: Parts) -> list[StandardResult]:
        (axis,), batch = mesh.axis_names, _examples(parts)
        each = StandardResult(PartitionSpec(None, axis), whole, whole, PartitionSpec(axis))

        def of_device(theta: Any, parts: Parts) -> list[StandardResult]:
            flat = [flattened(program, library, part) for part in parts]
            return evaluate(program, library, theta, flat, batch, lambda x: _added(x, axis))

        run = jax.shard_map(
            of_device, mesh=mesh, in_specs=(whole, [PartitionSpec(axis), whole][: len(parts)]),
            out_specs=[each, whole][: len(parts)], check_vma=False,
        )  # fmt: skip
        results: list[StandardResult] = run(theta, parts)
        return results

    def wanted(theta: Any, parts: Parts) -> tuple[Any, ...]:
        with jax.default_matmul_precision("highest"):
            results = (shared if mesh is not None and program.inputs else alone)(theta, parts)
        means = None
        if results[0].mean is not None:
            means = jnp.concat([results[0].mean[None], results[0].gradient])
        return means, [each.outputs for each in results], _by_input(results)

    return jax.jit(wanted)


def _by_input(results: list[StandardResult]) -> list[list[Any]]:
    """The gradients for each input, of each part; for integers of no elements."""
    columns = zip(*[result.input_gradients for result in results], strict=True)
    counts = [result.outputs.shape[1] for result in results]
    return [
        [jnp.zeros((n, 0)) if x is None else x for x, n in zip(each, counts, strict=True)]
        for each in columns
    ]


def _examples(parts: Parts) -> int:
    return sum(part[0].shape[0] for part in parts) if parts[0] else 1


def _added(sums: list[Any], axis: str) -> list[Any]:
    """Sums over all devices: one all-reduce of all of them, end to end."""
    ends = np.cumsum([len(each) for each in sums])[:-1]
    whole: list[Any] = jnp.split(lax.psum(jnp.concat(sums), axis), ends)
    return whole


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


def pure_function(
    program: Program, numbers: Array, parameters: int, nest: Callable[..., Any]
) -> Callable[..., Any]:
    """Return the outputs as a pure function (theta, *inputs), in the dtype of theta.

    Args:
        program: of the outputs alone.
        numbers: of all leaves; those after the parameters are fixed.
        parameters: how many of them theta has.
        nest: makes of (outputs, batch) what the function returns.
    """

    def function(theta: Any, *inputs: Any) -> Any:
        theta = jnp.asarray(theta)
        if theta.shape != (parameters,):
            raise ValueError(
                f"theta is a flat array of {parameters} parameters, got one of shape {theta.shape}"
            )
        is_float = jnp.issubdtype(theta.dtype, jnp.floating)
        library = Library(jnp, theta.dtype if is_float else float, int, None)
        leaves: list[Any] = []
        take_apart(inputs, is_one_array, leaves)
        leaves = [jnp.asarray(x) for x in leaves]
        batch = max([x.shape[0] for x in leaves if x.ndim], default=1)
        leaves = [x if x.ndim else jnp.broadcast_to(x, batch) for x in leaves]
        flat = flattened(program, library, leaves)
        theta = jnp.concat([theta.astype(library.dtype), library.floats(numbers[parameters:])])
        rows = evaluate(program, library, theta, [flat], batch)[0].outputs
        return nest(rows, has_batch=bool(leaves))

    return function
