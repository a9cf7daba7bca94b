"""The backward pass: reverse-mode differentiation over a recorded graph.

Every node is visited once, after all of its consumers, in the reverse of the depth-first order
that `topological_order` gives. A visit sends one contribution to each operand: the cotangent that
has gathered at the node times the local derivative (Linnainmaa, 1970; Griewank and Walther,
"Evaluating Derivatives", 2008, section 3.2). Loops, never recursion: depth is no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.errors import StaleGraphError
from autograd.ieee import real
from autograd.primitives import CONST, add, mul

if TYPE_CHECKING:
    from autograd.value import Value


def topological_order(outputs: Iterable[Value]) -> list[Value]:
    """The nodes that the outputs depend on, operands first: depth-first, left to right, once each.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> [v.name or v.op for v in topological_order([x * z + x])]
    ['x', 'z', 'mul', 'add']
    """
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Any] = list(outputs)[::-1]
    while stack:
        v = stack.pop()
        if v is None:  # the operands of the node below it are placed
            order.append(stack.pop())
        elif v not in seen:
            seen.add(v)
            first, second, third = v._p0, v._p1, v._p2
            if first is None:
                order.append(v)
            elif second is None:
                stack += (v, None, first)
            elif third is None:
                stack += (v, None, second, first)
            else:
                stack += (v, None, third, second, first)
    return order


def partials(node: Value) -> tuple[float | None, ...]:
    """The local derivative of a node to each of its operands, at the recorded forward pass.

    None stands where no derivative flows: to a constant, to the condition of a `where`.

    >>> from autograd import Value
    >>> partials(Value(2.0) * Value(3.0)), partials(Value(3.0) ** 2)
    ((3.0, 2.0), (6.0, None))
    """
    if node._row is None:
        return ()
    return tuple(
        None if rule is None or operand._row is CONST else float(rule(node._y, *node._primals))
        for operand, rule in zip(node.parents, node._row.partials, strict=False)
    )


def _pull_back(order: Sequence[Value], cotangents: dict[Value, float]) -> None:
    """Carry the cotangents from the last node of the order down to the first."""
    for v in reversed(order):
        row = v._row
        if row is mul:  # mul and add are most of a network: their rows, spelled out
            g = cotangents[v]
            cotangents[v._p0] += g * v._x1  # type: ignore[index]
            cotangents[v._p1] += g * v._x0  # type: ignore[index]
        elif row is add:
            g = cotangents[v]
            cotangents[v._p0] += g  # type: ignore[index]
            cotangents[v._p1] += g  # type: ignore[index]
        elif v._p0 is not None:
            g = cotangents[v]
            for operand, partial in zip(v.parents, partials(v), strict=True):
                if partial is not None:
                    cotangents[operand] += g * partial


def backward(output: Value, gradient: float = 1.0) -> None:
    """What `Value.backward` does; see there."""
    if output._row is CONST:
        raise ValueError(
            f"{output!r} is a constant: nothing that led to it was recorded, so it has no "
            "gradients; was it computed under no_grad(), or from numbers only?"
        )
    order = topological_order((output,))
    cotangents = dict.fromkeys(order, 0.0)
    cotangents[output] = real(gradient)
    _pull_back(order, cotangents)
    for v, g in cotangents.items():
        if v._row is None:
            v._grad += g
        elif v._row is not CONST:
            v._grad = g


def gradients(output: Value, inputs: Iterable[Value], create_graph: bool = False) -> list[Any]:
    """The derivatives of `output` with respect to each of the inputs, leaves or interior nodes.

    Returns a list in the order of the inputs: floats, or Values that can be differentiated again
    with `create_graph=True`. An input that the output does not depend on gives 0.0. No `.grad` is
    touched.

    Raises StaleGraphError with `create_graph=True` if a Value's data changed since the forward
    pass, for then the recorded derivatives and those of the new numbers differ.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> [slope] = gradients(x**3, [x], create_graph=True)
    >>> slope.data, gradients(slope, [x])
    (27.0, [18.0])
    """
    wanted = [inputs] if hasattr(inputs, "_row") else list(inputs)
    for v in (output, *wanted):
        if not hasattr(v, "_row"):
            raise TypeError(f"gradients() takes Values, got {type(v).__name__} {v!r}")
    order = topological_order((output,))
    if create_graph:
        return _recorded_gradients(order, output, wanted)
    cotangents = dict.fromkeys(order, 0.0)
    cotangents[output] = 1.0
    _pull_back(order, cotangents)
    return [0.0 if v._row is CONST else cotangents.get(v, 0.0) for v in wanted]


def _recorded_gradients(
    order: Sequence[Value], output: Value, wanted: Sequence[Value]
) -> list[Value]:
    """The same pass in Values: every product and sum becomes a node of its own."""
    check_fresh(order)
    cotangents: dict[Value, Any] = {output: 1.0}
    for v in reversed(order):
        if v._row is None or v not in cotangents:
            continue
        for operand, rule in zip(v.parents, v._row.partials, strict=False):
            if rule is not None and operand._row is not CONST:
                contribution = _product(cotangents[v], rule(v, *v.parents))
                gathered = cotangents.get(operand)
                cotangents[operand] = contribution if gathered is None else gathered + contribution
    zero = output._record(CONST, (0.0,))
    found = [zero if v._row is CONST else cotangents.get(v, zero) for v in wanted]
    return [g if hasattr(g, "_row") else output._record(CONST, (g,)) for g in found]


def _product(g: Any, partial: Any) -> Any:
    # A factor of exactly 1 is left out: the graph of a gradient is read by people too.
    if type(g) is float and g == 1.0:
        return partial
    return g if type(partial) is float and partial == 1.0 else g * partial


def check_fresh(order: Iterable[Value]) -> None:
    """Raise StaleGraphError unless every operand's data are those of the recorded forward pass."""
    for v in order:
        if v._row is not None:
            for operand, recorded in zip((v, *v.parents), (v._y, *v._primals), strict=True):
                now = operand._data
                if now != recorded and not (now != now and recorded != recorded):
                    raise StaleGraphError(
                        f"{operand!r} was {recorded!r} when {v.op!r} recorded it and is {now!r} "
                        "now: run the forward pass again, then ask for its gradients"
                    )
