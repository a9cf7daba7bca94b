"""The baseline: as little as a scalar autograd class can be and still train a network.

A node holds its number, its gradient, the nodes it was made from and the local derivative to each
of them. There are no checks, no names and no modes, and the order of the backward pass comes from
a recursion: what this class cannot do is what chainrule's time is to be compared without.
"""

from __future__ import annotations


class Value:
    """A number, its gradient, and how it was made."""

    __slots__ = ("children", "data", "grad", "local_gradients")

    def __init__(
        self,
        data: float,
        children: tuple[Value, ...] = (),
        local_gradients: tuple[float, ...] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_gradients = local_gradients

    def __add__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__ = __add__
    __rmul__ = __mul__

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (1.0 if self.data > 0 else 0.0,))

    def backward(self) -> None:
        order: list[Value] = []
        seen: set[Value] = set()

        def place(node: Value) -> None:
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    place(child)
                order.append(node)

        place(self)
        self.grad = 1.0
        for node in reversed(order):
            # `strict=True` would slow the baseline down.
            for child, derivative in zip(node.children, node.local_gradients):  # noqa: B905
                child.grad += derivative * node.grad
