"""`Compiled`: the calls of a compiled function, and the programs that they run."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import modes
from autograd.compiler.arguments import (
    Arguments,
    arguments_named,
    arguments_of,
    described,
    has_values,
    key_of_arrays,
    key_of_setting,
    parameters_of,
)
from autograd.compiler.rolling.program import Program
from autograd.compiler.running.anomaly import Run
from autograd.compiler.running.backends import backend_of, jax_machine
from autograd.compiler.running.run import Result, Runner
from autograd.compiler.specialization import Specialization
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.record import Recording, record
from autograd.errors import RecompilationWarning, readable_names
from autograd.system.garbage import paused
from autograd.system.source import users_line, warn
from autograd.text.characters import readable
from autograd.value import Value

Array = NDArray[Any]
_DTYPES = ("float64", "float32")


class Compiled:
    """A compiled function, as `autograd.compile` returns it: call it with a batch.

    Inputs are arrays with a leading batch axis, or tuples and dicts of them; a list is one array,
    as np.asarray reads it, and so is a tuple of numbers. A number is the same for all examples.
    Integers may index in `autograd.take`. A function without inputs has no batch axis.
    """

    def __init__(
        self, f: Callable[..., Any], dtype: Any, input_gradients: bool, unused_inputs: bool,
        parameters: Any, backend: Any, mesh: Any,
    ) -> None:  # fmt: skip
        if not callable(f):
            raise TypeError(f"compile() takes a function, got {type(f).__name__} {f!r:.60}")
        try:
            self.dtype = np.dtype(dtype)
        except TypeError:
            self.dtype = np.dtype(object)
        if self.dtype.name not in _DTYPES:
            raise ValueError(f"dtype is {' or '.join(_DTYPES)}, got {dtype!r}")
        self.backend = backend_of(backend, mesh)
        self.f: Callable[..., Any] | None = f
        functools.update_wrapper(self, f, updated=())
        del self.__dict__["__wrapped__"]  # a pickle has no function
        self.input_gradients = input_gradients
        self._names_theta = any(p.name == "theta" for p in arguments_named(f))
        self._unused_inputs = unused_inputs
        self._parameters = None if parameters is None else parameters_of(parameters)
        if self._parameters == [] and not input_gradients:
            raise ValueError("there are no parameters: leave them out for all that f reaches")
        self._entries: dict[Any, Specialization] = {}
        self._plain: dict[Any, Specialization] = {}  # of inputs that are arrays
        self._last: tuple[Specialization, Runner] | None = None
        self._warned = False

    __dir__ = readable_names

    # Calls

    def __call__(self, *inputs: Any, theta: Any = None, **static: Any) -> Any:
        """The outputs for a batch: arrays with a leading batch axis, nested as f returns them.

        `theta` has the parameters as a flat array, instead of their own data; other keyword
        arguments are the settings with which f is recorded.

        Raises ValueError for inputs of different batch sizes, of another dtype than numbers, an
        index out of range.
        """
        if modes.active and modes.trace() and self.f and theta is None and has_values(inputs):
            return self.f(*inputs, **static)
        entry, arrays, batch = self._entry(inputs, static, theta)
        result = self._run(entry, False, theta, arrays, batch)
        return entry.outputs(result.outputs, has_batch=bool(arrays))

    def value_and_grad(self, *inputs: Any, theta: Any = None, **static: Any) -> tuple[Any, ...]:
        """The mean of f over the batch, and its gradient: a flat array in `parameters`' order.

        With `input_gradients=True` a third item: the gradient of the mean for each input, in the
        inputs' shape (None for an input of indices); for one input that alone, else a tuple.

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
    ) -> tuple[Result, Specialization, list[Array]]:
        entry, arrays, batch = self._entry(inputs, static, theta)
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
        return self._run(entry, True, theta, arrays, batch), entry, arrays

    def _run(
        self, entry: Specialization, gradient: bool, theta: Any, arrays: list[Array], batch: int
    ) -> Result:
        if modes.active and (trace := modes.trace()):
            for v in entry.leaves:
                trace.read(v)  # which raises: its number would be frozen
        runner = self._runner(entry, gradient)
        numbers = entry.theta(theta)
        result = runner.run(numbers, arrays, batch)
        if modes.active and (observer := modes.observer()):
            observer.ran(Run(self, entry, runner, numbers, arrays, result))
        return result

    # Programs and parameters

    @property
    def parameters(self) -> list[Value]:
        """The leaves of a gradient: as given, else in the order in which the program uses them.

        Raises ValueError if none were given, before anything is recorded.
        """
        given = self._parameters
        return list(self._known()[0].parameters if given is None else given)

    def is_current(self, *inputs: Any) -> bool:
        """Record the function anew; True if it gives the program that there is for such inputs.

        It does not where the function reads numbers that changed, or random ones.
        """
        given = arguments_of(inputs)
        return self._specialized(given, {}).is_of(self._recorded(given, {}))

    @property
    def recorded(self) -> Specialization:
        """The recording for the last inputs, with `leaves`, `imported`, `fingerprint`, `kept`."""
        return self._known()[0]

    @property
    def program(self) -> Program:
        """The program that ran last. Raises ValueError before the first."""
        return self._known()[1].program

    def lower(self, *inputs: Any, **static: Any) -> Program:
        """Record and compile for inputs like these without running; returns the program.

        It has the gradient if f returns one Value.
        """
        entry, _, _ = self._entry(inputs, static)
        return self._runner(entry, entry.is_single).program

    def to_jax(self) -> Callable[..., Any]:
        """The outputs as a pure function (theta, *inputs) of JAX's arrays, for inputs as the last.

        It gives what a call gives, in the dtype of theta, and works under jax.grad, vmap and jit.
        The leaves that are no parameters have the numbers they have now. An index out of range
        gives nan.

        Raises ValueError before anything is recorded, ModuleNotFoundError without JAX.
        """
        entry = self.recorded
        program = entry.runner(False, False, self.dtype, self.backend).program
        function: Callable[..., Any] = jax_machine().pure_function(program, entry)
        return function

    def clear(self) -> None:
        """Forget what was recorded: the next call records the function anew."""
        if self.f is None:
            raise ValueError("this was unpickled and has no function to record anew")
        self._entries.clear()
        self._plain.clear()
        self._last = None

    def _known(self) -> tuple[Specialization, Runner]:
        if self._last is None:
            raise ValueError("nothing is compiled yet: call it, or lower(*inputs) without a run")
        return self._last

    def __repr__(self) -> str:
        count = len(self._entries)
        name = readable(getattr(self.f, "__qualname__", "function"))
        by = "" if self.backend.name == "numpy" else f", on {self.backend.name}"
        return f"<compiled {name}, {count} recorded{by}>"

    def __getstate__(self) -> dict[str, Any]:
        """Keep recordings, programs and parameters, not the function."""
        return {**self.__dict__, "f": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> Compiled:
        """Return the same, as of a function; of an object's method that of the copied object."""
        f = copy.deepcopy(self.f, memo)
        return self if f is None or f is self.f else self._of(f)

    def __copy__(self) -> Compiled:
        return self

    def __get__(self, instance: Any, owner: Any = None) -> Compiled:
        """As a method: the compiled method of an object, kept with what it knows of itself."""
        if instance is None or self.f is None:
            return self
        key = f"compiled {id(self)}"
        own: Compiled | None = vars(instance).get(key)
        if own is None or getattr(own.f, "__self__", None) is not instance:  # of a copied object
            own = vars(instance)[key] = self._of(MethodType(self.f, instance))
        return own

    def _of(self, f: Callable[..., Any]) -> Compiled:
        options = self.dtype, self.input_gradients, self._unused_inputs, self._parameters
        return Compiled(f, *options, *self.backend)

    # Inputs

    def _entry(
        self, inputs: Sequence[Any], static: dict[str, Any], theta: Any = None
    ) -> tuple[Specialization, list[Array], int]:
        """The specialization for inputs like these, the arrays in them, and the batch size."""
        if theta is not None and self._names_theta:
            line = users_line()
            raise ValueError(f"theta= are the parameters; an argument needs another name\n  {line}")
        is_plain = not static and all([self.backend.takes(x) and x.ndim for x in inputs])
        if is_plain and inputs:  # the usual case, quickly
            known = self._plain.get(key_of_arrays(inputs))
            if known is not None and len(set(map(len, inputs))) == 1:
                return known, list(inputs), len(inputs[0])
        given = arguments_of(inputs)
        given.check_lengths(self.f)
        entry = self._specialized(given, static)
        if is_plain:
            self._plain[key_of_arrays(given.arrays)] = entry
        return entry, given.arrays, given.batch

    def _specialized(self, given: Arguments, static: dict[str, Any]) -> Specialization:
        """Look up the specialization for arguments and settings, or record it."""
        settings = [(name, key_of_setting(x)) for name, x in sorted(static.items())]
        shapes = tuple([shape for shape, _ in given.shapes])
        key = given.structures, shapes, tuple(settings)
        try:
            entry = self._entries.get(key)
        except TypeError:
            raise ValueError(
                f"keyword arguments are settings and must be hashable, got {static!r:.120}\n"
                f"  at {users_line()}\n"
                "pass arrays as inputs, by their place, one row for each example"
            ) from None
        if entry is None or not entry.takes(given.shapes):
            entry = self._entries[key] = self._record(given, static)
        return entry

    def _runner(self, entry: Specialization, gradient: bool) -> Runner:
        runner = entry.runner(gradient, self.input_gradients, self.dtype, self.backend)
        self._last = entry, runner
        return runner

    def _record(self, given: Arguments, static: dict[str, Any]) -> Specialization:
        if self.f is None:
            known = "; ".join(entry.described for entry in self._entries.values())
            raise ValueError(
                f"this was unpickled with programs for {known or 'nothing'}, and there is no "
                f"function to record for {described(given.shapes)}\n  at {users_line()}\n"
                "compile the function here"
            )
        if self._entries and not self._warned:
            self._warned = True
            settings = f" and {static}" if static else ""
            warn(
                f"{self!r} is recorded again, for {described(given.shapes)}{settings}: each new "
                "shape or setting takes the time of a compilation (said once)",
                RecompilationWarning,
            )
        return Specialization(self._recorded(given, static), given.structures, static)

    def _recorded(self, given: Arguments, static: dict[str, Any]) -> Recording:
        names = map(readable, given.names(self.f))
        specs = [InputSpec(n, *shape) for n, shape in zip(names, given.shapes, strict=True)]
        assert self.f is not None
        with paused():
            return record(
                self.f, given.structures, specs, static, self._unused_inputs, self._parameters
            )
