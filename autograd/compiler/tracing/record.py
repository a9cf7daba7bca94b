"""Recording: a function is run once on tracers, and its operations are written on a tape.

Invariants: the function sees one example; no Value that existed before is changed; the tape
holds each parameter once, in the order that is given, else in that of its first use.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, count
from typing import Any

import numpy as np

from autograd import modes
from autograd.compiler.tracing.advice import advise
from autograd.compiler.tracing.integers import Indices
from autograd.compiler.tracing.nesting import InputSpec, Structure, nested
from autograd.compiler.tracing.scanning import LoopTrace
from autograd.compiler.tracing.tape import CONSTANT, INPUT, Tape
from autograd.compiler.tracing.trace import TapeTrace
from autograd.errors import TracerError
from autograd.system.source import place_of_function, shown, warn
from autograd.value import Value

Node = int


@dataclass
class Recording:
    """The operations of a function on one example."""

    tape: Tape
    inputs: tuple[InputSpec, ...]
    indices: Indices  # that are computed from the inputs, and inputs of the program after these
    parameters: list[Value]  # the leaves, as given, then those that reach the outputs by first use
    outputs: list[Node]
    shapes: list[tuple[int, ...]]  # of each output leaf
    structure: Structure  # of the output leaves
    imported: list[Value]  # computed before recording, and written from their leaves on
    fixed: int  # how many of the parameters, the last ones, are without gradient

    def is_like(self, other: Recording) -> bool:
        """True if the same was recorded, at the same lines, though of other parameters."""
        parts = ("inputs", "outputs", "shapes", "structure", "fixed", "tape")
        are_equal = (getattr(self, part) == getattr(other, part) for part in parts)
        return self.indices.nodes == other.indices.nodes and all(are_equal)


def record(
    f: Callable[..., Any], structures: Sequence[Structure], inputs: Sequence[InputSpec],
    static: dict[str, Any], unused_inputs: bool = False, parameters: Sequence[Value] | None = None,
) -> Recording:  # fmt: skip
    """Run f once on tracers.

    The leaves that reach the outputs are its parameters, in the order of their first use, unless
    these are given: then they are kept all, and what else it reads is without gradient.

    Raises TracerError where f needs a number that it cannot have, ValueError where it ignores an
    input and may not; what f raises itself comes through.
    """
    trace, drawn = LoopTrace(), _drawn()
    trace.inputs = list(inputs)
    given = [trace.node_of(v) for v in parameters or ()]
    leaves = iter([spec.filled(partial(trace.input, i)) for i, spec in enumerate(inputs)])
    arguments = [structure.build(leaves) for structure in structures]
    try:
        with modes.traced_by(trace):
            result = f(*arguments, **static)
            nest, elements = nested(result, has_none=False)
            if not any(isinstance(v, Value) for v in elements):
                raise TracerError(
                    f"{_named(f)} returns no Value but {result!r:.80}\n"
                    f"  at {shown(place_of_function(f))}\n"
                    "return what it computes: a Value, or a list, array or dict of Values"
                )
            outputs = [_node_of(f, trace, v) for v in elements]
    except (TypeError, LookupError) as error:
        advise(error)
        raise
    finally:
        trace.end()
    if drawn != _drawn():
        frozen = "draws random numbers, which are constants now: pass noise as an input"
        warn(f"{_named(f)} {frozen}", UserWarning)
    alive = trace.tape.live([*outputs, *given])
    if trace.indices:
        chosen = [node for node, leaf in trace.indices.items() if alive[leaf]]
        alive = trace.tape.live([*outputs, *given, *chosen])
    if not unused_inputs:
        _check_used(f, trace.tape, inputs, alive)
    kept = _keep_live_leaves(trace, alive)
    fixed = 0 if parameters is None else len(kept) - len(given)
    nodes = [node for node, leaf in trace.indices.items() if leaf != node]
    order = list(compress(count(), trace.tape.live(nodes))) if nodes else []
    computed = Indices(trace.tape, trace.inputs[len(inputs) :], nodes, order)
    selecting = {
        trace.tape.payloads[n][0] for n in (*trace.indices, *order)
        if trace.tape.rows[n] is INPUT
    }  # fmt: skip
    specs = [spec._replace(is_integer=i in selecting) for i, spec in enumerate(inputs)]
    return Recording(
        trace.tape,
        tuple(specs),
        computed,
        kept,
        outputs,
        list(nest.shapes),
        nest.structure,
        trace.imported,
        fixed,
    )


def _node_of(f: Callable[..., Any], trace: TapeTrace, output: Any) -> Node:
    try:
        return trace.node_of(output)
    except TracerError:
        raise
    except TypeError:
        raise TracerError(
            f"{_named(f)} returns {output!r:.60} among its outputs, which is no number\n"
            f"  at {shown(place_of_function(f))}\nreturn Values and numbers only"
        ) from None


def _drawn() -> bytes:
    """The states of the generators of `random` and `np.random`, which every draw changes."""
    return pickle.dumps((random.getstate(), np.random.get_state()))


def _named(f: Callable[..., Any]) -> str:
    return getattr(f, "__qualname__", None) or repr(f)


def _check_used(
    f: Callable[..., Any], tape: Tape, inputs: Sequence[InputSpec], alive: bytearray
) -> None:
    used = {number for (number, _), node in tape.inputs().items() if alive[node]}
    for number, spec in enumerate(inputs):
        if number not in used and spec.size:
            raise ValueError(
                f"{_named(f)} ignores its input {spec.name!r}: nothing that it returns depends on "
                f"it\n  at {shown(place_of_function(f))}\n"
                "leave the input out, pass what is a setting as a keyword argument, or compile "
                "with unused_inputs=True"
            )


def _keep_live_leaves(trace: TapeTrace, alive: bytearray) -> list[Value]:
    """Number the leaves that reach an output; the others become constants."""
    tape = trace.tape
    kept: list[Value] = []
    for v, node in trace.parameters.items():
        if alive[node]:
            tape.payloads[node] = len(kept)
            kept.append(v)
        else:
            tape.rows[node], tape.payloads[node] = CONSTANT, 0.0  # nothing reads it
    return kept
