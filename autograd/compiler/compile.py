"""`compile`: a function of one example becomes one of a batch, with its gradient."""

from __future__ import annotations

from typing import Any

from autograd.compiler.compiled import Compiled
from autograd.text.spelling import suggesting


@suggesting
def compile(
    f: Any = ..., *, dtype: Any = "float64", input_gradients: bool = False,
    unused_inputs: bool = False, parameters: Any = None, backend: Any = "numpy", mesh: Any = None,
) -> Compiled:  # fmt: skip
    """Record scalar code once, and run it on whole batches at the speed of array code.

    `f(*inputs)` is scalar code for one example: each input reaches it as a ValueArray of the
    example's shape, or as one Value where that has no axes. It may use every operation of this
    package, loops, and Values that exist already: those are its parameters, which every call reads
    anew. Everything else outside it is read once, when it is recorded; `clear()` records anew.
    Keyword arguments are settings: each set of them is recorded once. A compiled function that f
    calls with Values is recorded with it. `@compile` and `@compile(dtype=…)` decorate
    functions and methods.

    Args:
        f: returns a Value, or an array, list, tuple or dict of them; one Value for gradients.
        dtype: "float64" or "float32", in which the program computes.
        input_gradients: True to get the gradient for the inputs from `value_and_grad`, too.
        unused_inputs: True to let f ignore an input, which is an error otherwise.
        parameters: the leaves whose gradient is wanted, in its order: Values in nested lists, dicts
            and arrays, or a Module, as it is now. One that f does not reach has gradient 0; others
            that it reaches are read at every call, and fixed. None: all that f reaches, in the
            order of their first use.
        backend: "numpy", or "jax" (an extra): the same calls and results, compiled by XLA again for
            each batch size. Inputs and results are NumPy's arrays; `to_jax()` is a function of
            JAX's.
        mesh: a jax.sharding.Mesh of one axis: its devices share the examples of each batch.

    A function that was compiled before, and is recorded the same again, takes the programs that
    were made then.

    Raises ValueError for another dtype, TypeError for anything but a function; for parameters that
    are no Values, TypeError, that were computed, are there twice, or none, ValueError. Recording,
    at the first call, raises TracerError where f needs a number that differs between examples.

    >>> from autograd import Value
    >>> w, b = Value(2.0, "w"), Value(1.0, "b")
    >>> c = compile(lambda x, y: (w * x + b - y) ** 2)
    >>> c([1.0, 2.0], [3.0, 4.0])
    array([0., 1.])
    >>> c.value_and_grad([1.0, 2.0], [3.0, 4.0])
    (0.5, array([2., 1.]))
    >>> compile(c.f, parameters=[b, w]).value_and_grad([1.0, 2.0], [3.0, 4.0])
    (0.5, array([1., 2.]))
    """
    options = dtype, bool(input_gradients), bool(unused_inputs), parameters, backend, mesh
    if f is ...:  # with settings, as a decorator
        return lambda f: Compiled(f, *options)  # type: ignore[return-value]
    return Compiled(f, *options)
