"""`compile`: a function of one example becomes one of a batch, with its gradient."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import modes
from autograd.compiler.rolling.program import InputSpec, Program
from autograd.compiler.running.anomaly import Run
from autograd.compiler.running.run import Result, Runner
from autograd.compiler.tracing.nesting import LEAF, Structure, is_table, take_apart
from autograd.compiler.tracing.record import Recording, lower, record, signature_names
from autograd.errors import IndexRangeError, RecompilationWarning
from autograd.system.garbage import paused
from autograd.system.source import users_line, users_place
from autograd.value import Value

Array = NDArray[Any]
_DTYPES = ("float64", "float32")


def compile(
    f: Callable[..., Any], *, dtype: Any = "float64", input_gradients: bool = False
) -> Compiled:
    """Record scalar code once, and run it on whole batches at the speed of array code.

    `f(*inputs)` is scalar code for one example: each input reaches it as a ValueArray of the
    example's shape, or as one Value where that has no axes. It may use every operation of this
    package, loops, and Values that exist already: those are its parameters, which every call reads
    anew. What else it finds outside itself is read once, when it is recorded; `clear()` records
    anew. Keyword arguments are settings: each set of them is recorded once.

    Args:
        f: returns a Value, or an array, list, tuple or dict of them; one Value for gradients.
        dtype: "float64" or "float32", in which the program computes.
        input_gradients: whether `value_and_grad` also gives the gradient for the inputs.

    Raises ValueError for another dtype, TypeError for what cannot be called. Recording, at the
    first call, raises TracerError where f needs a number that differs from example to example.

    >>> from autograd import Value
    >>> w, b = Value(2.0, "w"), Value(1.0, "b")
    >>> c = compile(lambda x, y: (w * x + b - y) ** 2)
    >>> c([1.0, 2.0], [3.0, 4.0])
    array([0., 1.])
    >>> c.value_and_grad([1.0, 2.0], [3.0, 4.0])
    (0.5, array([2., 1.]))
    """
    return Compiled(f, dtype=dtype, input_gradients=input_gradients)


class Compiled:
    """What `autograd.compile` returns: call it with a batch.

    Inputs are arrays with a leading batch axis, or lists and dicts of them; integers stay integers
    and may index in `autograd.take`. A function without inputs has no batch axis.
    """

    def __init__(
        self, f: Callable[..., Any], *, dtype: Any = "float64", input_gradients: bool = False
    ) -> None:
        if not callable(f):
            raise TypeError(f"compile() takes a function, got {type(f).__name__} {f!r:.60}")
        try:
            self.dtype = np.dtype(dtype)
        except TypeError:
            self.dtype = np.dtype(object)
        if self.dtype.name not in _DTYPES:
            raise ValueError(f"dtype is {' or '.join(_DTYPES)}, got {dtype!r}")
        self.f: Callable[..., Any] | None = f
        self.input_gradients = bool(input_gradients)
        self._entries: dict[Any, _Entry] = {}
        self._plain: dict[Any, _Entry] = {}  # of inputs that are arrays
        self._last: _Entry | None = None
        self._last_runner: Runner | None = None
        self._warned = False

    # Calls

    def __call__(self, *inputs: Any, theta: Any = None, **static: Any) -> Any:
        """The outputs for a batch: arrays with a leading batch axis, nested as f returns them.

        Args:
            inputs: with a leading batch axis each.
            theta: the parameters as a flat array, instead of their own data.
            static: the settings with which f is recorded.

        Raises ValueError for inputs of different batch sizes, of another dtype than numbers, an
        index out of range.
        """
        entry, arrays, batch = self._entry(inputs, static)
        result = self._run(entry, entry.runner(False, self), theta, arrays, batch)
        return entry.outputs(result.outputs, has_batch=bool(arrays))

    def value_and_grad(self, *inputs: Any, theta: Any = None, **static: Any) -> tuple[Any, ...]:
        """The mean of f over the batch, and its gradient: a flat array in `parameters`' order.

        With `input_gradients=True` a third item: the gradient of the mean for each input, in the
        inputs' shape (None for an input of integers); for one input that alone, else a tuple.

        Raises what a call raises, and ValueError if f returns more than one Value or the batch is
        empty.
        """
        result, entry, arrays = self._gradient(inputs, theta, static)
        if not self.input_gradients:
            return result.mean, result.gradient
        return result.mean, result.gradient, entry.like_inputs(result.input_gradients, arrays)

    def backward(self, *inputs: Any, theta: Any = None, **static: Any) -> float:
        """The mean of f over the batch; its gradient is added to the parameters' `.grad`."""
        result, entry, _ = self._gradient(inputs, theta, static)
        assert result.gradient is not None
        for v, g in zip(entry.parameters, result.gradient.tolist(), strict=True):
            v._grad += g
        return result.mean

    def outputs_and_grad(self, *inputs: Any, theta: Any = None, **static: Any) -> tuple[Any, Array]:
        """The outputs as a call gives them, and the gradient of the mean of the first of them.

        For a training step that also looks at the predictions: f returns (loss, prediction).

        Raises what a call raises, and ValueError if the first output is not one Value.
        """
        result, entry, _ = self._gradient(inputs, theta, static, of_first=True)
        assert result.gradient is not None
        return entry.outputs(result.outputs, has_batch=bool(inputs)), result.gradient

    def _gradient(
        self, inputs: Sequence[Any], theta: Any, static: dict[str, Any], of_first: bool = False
    ) -> tuple[Result, _Entry, list[Array]]:
        entry, arrays, batch = self._entry(inputs, static)
        if not (entry.has_scalar_first if of_first else entry.is_single):
            raise ValueError(
                "a gradient is that of one Value, and the function returns several\n"
                f"  at {users_line()}\ncompile one that returns the loss alone"
            )
        if batch == 0:
            raise ValueError(
                f"the mean over an empty batch is not defined\n  at {users_line()}\n"
                "pass some examples"
            )
        return self._run(entry, entry.runner(True, self), theta, arrays, batch), entry, arrays

    def _run(
        self, entry: _Entry, runner: Runner, theta: Any, arrays: list[Array], batch: int
    ) -> Result:
        self._last, self._last_runner = entry, runner
        _check_indices(runner.program, arrays)
        numbers = entry.theta(theta)
        result = runner.run(numbers, arrays, batch)
        if modes.active and (observer := modes.observer()):
            observer.ran(Run(self, entry, runner, numbers, arrays, result))
        return result

    # What can be looked at

    @property
    def parameters(self) -> list[Value]:
        """The leaves that the program reads, each once, in the order of their first use.

        Raises ValueError before anything is recorded.
        """
        return list(self._known().parameters)

    @property
    def program(self) -> Program:
        """The program that ran last. Raises ValueError before the first."""
        self._known()
        assert self._last_runner is not None
        return self._last_runner.program

    def lower(self, *inputs: Any, **static: Any) -> Program:
        """Record and compile for inputs like these without running; returns the program.

        It has the gradient if f returns one Value.
        """
        entry, _, _ = self._entry(inputs, static)
        self._last, self._last_runner = entry, entry.runner(entry.is_single, self)
        return self._last_runner.program

    def clear(self) -> None:
        """Forget what was recorded: the next call records the function anew."""
        if self.f is None:
            raise ValueError("this was unpickled and has no function to record anew")
        self._entries.clear()
        self._plain.clear()
        self._last = self._last_runner = None

    def _known(self) -> _Entry:
        if self._last is None:
            raise ValueError("nothing is compiled yet: call it, or lower(*inputs) without a run")
        return self._last

    def __repr__(self) -> str:
        count = len(self._entries)
        return f"<compiled {getattr(self.f, '__qualname__', 'function')}, {count} recorded>"

    def __getstate__(self) -> dict[str, Any]:
        for entry in self._entries.values():
            for gradient in (False, True)[: 1 + entry.is_single]:
                entry.runner(gradient, self)
        return {**self.__dict__, "f": None}

    # Inputs

    def _entry(
        self, inputs: Sequence[Any], static: dict[str, Any]
    ) -> tuple[_Entry, list[Array], int]:
        """What is recorded for inputs like these, the arrays in them, and the batch size."""
        if not static and all([type(x) is np.ndarray for x in inputs]):  # the usual case, quickly
            known = self._plain.get(tuple([(x.shape[1:], x.dtype.char) for x in inputs]))
            if known is not None and inputs:
                batch = len(inputs[0])
                if all([len(x) == batch for x in inputs]):
                    return known, list(inputs), batch
        leaves: list[Any] = []
        structures = tuple([take_apart(x, _is_array, leaves) for x in inputs])
        arrays = [_as_array(leaf) for leaf in leaves]
        shapes = tuple([(a.shape[1:], a.dtype.kind in "biu") for a in arrays])
        key: Any = (structures, shapes)
        if static:
            settings = [(name, type(x), x, repr(x)) for name, x in static.items()]
            key = (*key, tuple(sorted(settings, key=lambda setting: setting[0])))
        batch = len(arrays[0]) if arrays else 1
        if any(len(a) != batch for a in arrays):
            raise ValueError(self._lengths(structures, arrays))
        try:
            entry = self._entries.get(key)
        except TypeError:
            raise ValueError(
                f"keyword arguments are settings and must be hashable, got {static!r:.120}\n"
                f"  at {users_line()}\n"
                "pass arrays as inputs, by their place, one row for each example"
            ) from None
        if entry is None:
            entry = self._entries[key] = self._record(structures, shapes, static)
        if not static and all([type(x) is np.ndarray for x in inputs]):
            self._plain[tuple([(x.shape[1:], x.dtype.char) for x in arrays])] = entry
        return entry, arrays, batch

    def _record(
        self, structures: tuple[Structure, ...], shapes: Any, static: dict[str, Any]
    ) -> _Entry:
        if self.f is None:
            known = "; ".join(entry.described for entry in self._entries.values())
            raise ValueError(
                f"this was unpickled with programs for {known or 'nothing'}, and there is no "
                f"function to record for {_described(shapes)}\n  at {users_line()}\n"
                "compile the function here"
            )
        if self._entries and not self._warned:
            self._warned = True
            place = users_place()
            warnings.warn_explicit(
                f"{self!r} is recorded again, for {_described(shapes)}"
                f"{f' and {static}' if static else ''}: each new shape or setting takes the time "
                "of a compilation (said once)",
                RecompilationWarning,
                place.file if place else "<unknown>",
                place.line if place else 0,
            )
        names = self._names(structures)
        specs = [InputSpec(n, *shape) for n, shape in zip(names, shapes, strict=True)]
        with paused():
            return _Entry(record(self.f, structures, specs, static), structures, static)

    def _names(self, structures: Sequence[Structure]) -> list[str]:
        given = signature_names(self.f, len(structures)) if self.f else []
        return [path for n, s in zip(given, structures, strict=True) for path in s.paths(n)]

    def _lengths(self, structures: Sequence[Structure], arrays: Sequence[Array]) -> str:
        sizes = [
            f"{name} has {len(a)}" for name, a in zip(self._names(structures), arrays, strict=False)
        ]
        return (
            f"the inputs have different numbers of examples: {', '.join(sizes)}\n"
            f"  at {users_line()}\nthe first axis of every input is the batch"
        )


class _Entry:
    """A recording and the programs made of it."""

    def __init__(
        self, recording: Recording, structures: tuple[Structure, ...], static: dict[str, Any]
    ) -> None:
        self._recording: Recording | None = recording
        self._runners: dict[bool, Runner] = {}
        self.parameters = recording.parameters
        self.is_single = len(recording.outputs) == 1 and recording.shapes == [()] and (
            recording.structure.kind == LEAF
        )  # fmt: skip
        self.has_scalar_first = recording.shapes[0] == ()
        self.described = _described([spec[1:] for spec in recording.inputs])
        self._inputs = recording.inputs
        self._structures = structures
        self._static = static
        self._structure, self._shapes = recording.structure, recording.shapes

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_recording": None}

    def runner(self, gradient: bool, compiled: Compiled) -> Runner:
        """What runs the program with or without the gradient."""
        found = self._runners.get(gradient)
        if found is None:
            assert self._recording is not None
            wants_inputs = gradient and compiled.input_gradients
            with paused():
                program = lower(self._recording, gradient=gradient, input_gradients=wants_inputs)
            program.itemsize = compiled.dtype.itemsize
            found = self._runners[gradient] = Runner(program, compiled.dtype)
        return found

    def theta(self, given: Any) -> Array:
        """The parameters as an array: their data, or what is given in their place."""
        if given is None:
            return np.array([v._data for v in self.parameters])
        theta = np.asarray(given)
        if theta.shape != (len(self.parameters),) or theta.dtype.kind not in "biuf":
            raise ValueError(
                f"theta is an array of a number for each of the {len(self.parameters)} parameters, "
                f"got {theta.dtype} of shape {theta.shape}\n  at {users_line()}\n"
                "without theta the parameters' own data are taken"
            )
        return theta

    def arguments(self, leaves: Iterator[Any]) -> tuple[list[Any], dict[str, Any]]:
        """What f is called with: its inputs made of these leaves, and its settings."""
        return [structure.build(leaves) for structure in self._structures], self._static

    def outputs(self, rows: Array, *, has_batch: bool) -> Any:
        """The outputs as f nests them."""

        def leaves() -> Iterator[Any]:
            start = 0
            for shape in self._shapes:
                count = math.prod(shape)
                block = rows[start : start + count].T.reshape(-1, *shape)
                start += count
                block = np.ascontiguousarray(block)
                yield block if has_batch else (block[0] if shape else float(block[0]))

        return self._structure.build(leaves())

    def like_inputs(self, gradients: Sequence[Array], arrays: Sequence[Array]) -> Any:
        """The gradients for the inputs, nested as they are."""
        shaped = iter(
            None if spec.is_integer else g.reshape(x.shape)
            for g, x, spec in zip(gradients, arrays, self._inputs, strict=True)
        )
        built = tuple(structure.build(shaped) for structure in self._structures)
        return built[0] if len(built) == 1 else built


def _is_array(thing: Sequence[Any]) -> bool:
    return is_table(thing)


def _as_array(leaf: Any) -> Array:
    """An input as an array of floats or integers with a batch axis."""
    if isinstance(leaf, Value) or (isinstance(leaf, np.ndarray) and leaf.dtype == object):
        raise ValueError(
            f"an input is an array of numbers, got Values\n  at {users_line()}\n"
            "pass autograd.data(values); Values that the function uses by itself are its parameters"
        )
    try:
        array = np.asarray(leaf)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"an input is an array of real numbers, got {type(leaf).__name__} "
            f"{f'of {array.dtype}' if array.dtype != object else repr(leaf)[:80]}\n"
            f"  at {users_line()}\nfloats and integers are taken, in rows of one length"
        )
    if array.ndim == 0:
        raise ValueError(
            f"an input has a leading axis, the batch, and this is one number: {leaf!r}\n"
            f"  at {users_line()}\nfor one example write [{leaf!r}]; settings are keyword arguments"
        )
    return array


def _check_indices(program: Program, arrays: Sequence[Array]) -> None:
    for use in program.indices:
        chosen = arrays[use.input].reshape(len(arrays[use.input]), -1)[:, use.element]
        if chosen.size and not (0 <= chosen.min() and chosen.max() < use.bound):
            wrong = int(np.flatnonzero((chosen < 0) | (chosen >= use.bound))[0])
            raise IndexRangeError(
                f"index {chosen[wrong]} of input {program.inputs[use.input].name!r}, example "
                f"{wrong}, is outside the {use.bound} values 0..{use.bound - 1} that "
                f"autograd.take chooses from\n  at {users_line()}"
            )


def _described(shapes: Any) -> str:
    texts = []
    for shape, is_integer in shapes:
        kind = "integers" if is_integer else "floats"
        texts.append(f"{kind} of shape (batch{''.join(f', {n}' for n in shape)})")
    return ", ".join(texts) or "no inputs"
