"""The tape: a scalar program, one operation a line, in the order in which it was recorded.

A node is its place on the tape. Operands come before the nodes that use them, always: a pass goes
over the tape once, forwards or backwards, and never recurses.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from autograd.primitive import Primitive
from autograd.system.source import Place


class Marker:
    """A mark in place of a row, on a node that is no operation of the table."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __reduce__(self) -> str:
        return self.name.upper()


INPUT = Marker("input")  # an element of an input: differs from example to example
PARAMETER = Marker("parameter")  # a leaf that existed before recording
CONSTANT = Marker("constant")
STOP = Marker("stop")  # its operand, through which no gradient flows
TAKE = Marker("take")  # index, candidate 0, candidate 1 …: the candidate at the index
SCAN = Marker("scan")  # a loop: see loops.py for its operands
ITEM = Marker("item")  # a result of a loop, its operand
PICK = Marker("pick")  # index, x, index, x …: the sum of each x whose index is its choice
LEAVES = (INPUT, PARAMETER, CONSTANT)


class Tape:
    """A scalar program.

    The payload of an INPUT is (input, element), of a PARAMETER its number, of a CONSTANT the float,
    of a PICK its choices, of a SCAN its `Loop`, of an ITEM which result of the loop it is.
    """

    def __init__(self) -> None:
        self.rows: list[Primitive | Marker] = []
        self.operands: list[tuple[int, ...]] = []
        self.payloads: dict[int, Any] = {}
        self.places: list[int] = []  # for each node the number in `sources` of the line it is from
        self.names: dict[int, str] = {}  # that the user gave
        self.cotangent_of: dict[int, int] = {}  # for a cotangent the node that it belongs to
        self.origins: dict[int, int] = {}  # for a node of a gradient the node whose visit made it
        self.sources: list[Place | None] = [None]
        self.place = 0
        self.origin: int | None = None
        self._constants: dict[str, int] = {}
        self._source_numbers: dict[Place | None, int] = {None: 0}
        self._gradient_places: dict[int, int] = {}  # by the number of a place, that of its gradient

    def __len__(self) -> int:
        return len(self.rows)

    def copied(self) -> Tape:
        """A copy, to be written on."""
        new = copy.copy(self)
        for name, part in vars(self).items():
            if isinstance(part, (list, dict)):
                setattr(new, name, part.copy())
        return new

    def append(
        self, row: Primitive | Marker, operands: tuple[int, ...] = (), payload: Any = None
    ) -> int:
        """Write a node at the current place of the source and return its number."""
        rows = self.rows
        node = len(rows)
        rows.append(row)
        self.operands.append(operands)
        self.places.append(self.place)
        if payload is not None:
            self.payloads[node] = payload
        if self.origin is not None:
            self.origins[node] = self.origin
        return node

    def leaf(self, marker: Marker, payload: Any) -> int:
        """Write an input element or a parameter."""
        node = len(self.rows)
        self.rows.append(marker)
        self.operands.append(())
        self.places.append(0)  # a leaf is made elsewhere than where it is first used
        self.payloads[node] = payload
        if self.origin is not None:
            self.origins[node] = self.origin
        return node

    def constant(self, number: float) -> int:
        """Return the node of a number, each once; 0.0 and -0.0 are two numbers."""
        key = number.hex()
        node = self._constants.get(key)
        if node is None:
            node = self._constants[key] = self.leaf(CONSTANT, number)
        return node

    def source(self, place: Place | None) -> int:
        """Return the number of a place of the source."""
        number = self._source_numbers.get(place)
        if number is None:
            number = self._source_numbers[place] = len(self.sources)
            self.sources.append(place)
        return number

    def gradient_source(self, node: int) -> int:
        """Return the number of the place of what is in the gradient of a node."""
        number = self.places[node]
        if number not in self._gradient_places:
            place = self.sources[number]
            self._gradient_places[number] = self.source(place and place._replace(gradient=True))
        return self._gradient_places[number]

    def note_cotangent(self, node: int, of: int) -> None:
        """Note the earlier node that a cotangent belongs to, unless the user wrote the cotangent.

        In a * b the user's node b is the cotangent of a too, because a factor of 1 is left out. It
        keeps its own name: else a and b would each be named after the other.
        """
        place = self.sources[self.places[node]]
        if of < node and (place is None or place.gradient):
            self.cotangent_of.setdefault(node, of)

    def __eq__(self, other: object) -> bool:
        """True if the same is written here, at the same places and with the same names.

        Constants are told apart by their digits: 0.0 is not -0.0, and nan is nan.
        """
        parts = ("rows", "operands", "_constants", "names", "places", "sources")
        if not isinstance(other, Tape) or any(
            getattr(self, part) != getattr(other, part) for part in parts
        ):
            return False
        return self.payloads == other.payloads or all(
            payload == other.payloads[node] or self.rows[node] is CONSTANT
            for node, payload in self.payloads.items()
        )

    __hash__ = object.__hash__

    def live(self, outputs: Iterable[int]) -> bytearray:
        """Mark the nodes that an output depends on."""
        alive = bytearray(len(self.rows))
        for node in outputs:
            alive[node] = 1
        operands = self.operands
        for node in range(len(alive) - 1, -1, -1):
            if alive[node] and (uses := operands[node]):
                for operand in uses:
                    alive[operand] = 1
        return alive

    def inputs(self) -> dict[tuple[int, int], int]:
        """The INPUTs by their payloads."""
        return {self.payloads[n]: n for n, row in enumerate(self.rows) if row is INPUT}

    def choosers(self) -> dict[int, int]:
        """The integers that `take` chooses by, each with the least number of its candidates."""
        least: dict[int, int] = {}
        for row, operands in zip(self.rows, self.operands, strict=True):
            if row is TAKE:
                count = len(operands) - 1
                least[operands[0]] = min(count, least.get(operands[0], count))
        for node, row in enumerate(self.rows):
            if row is SCAN:
                for index, count in self.payloads[node].choosers(self.operands[node]).items():
                    if self.rows[index] is not CONSTANT:
                        least[index] = min(count, least.get(index, count))
        return least

    def __str__(self) -> str:
        """One line a node, as a Wengert list."""
        return "\n".join(f"v{node} = {self._formula(node)}" for node in range(len(self)))

    def _formula(self, node: int) -> str:
        row = self.rows[node]
        if row in LEAVES:
            return f"{row.name} {self.payloads[node]}"
        operands = [f"v{operand}" for operand in self.operands[node]]
        if isinstance(row, Marker) or len(operands) > row.arity:
            return f"{row.name}({', '.join(operands)})"
        return row.text.format(*operands)
