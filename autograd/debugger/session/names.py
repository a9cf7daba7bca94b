"""The names of the nodes of a graph: their own, numbers such as `v7`, the user's variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from autograd.errors import CommandError
from autograd.graph import Graph
from autograd.text import wording
from autograd.text.spelling import nearest
from autograd.value import Value

_COMPARED = 500  # names at most that a misspelled one is compared with
_ITEM = re.compile(r"([^\W\d]\w*)(?:\.[^\W\d]\w*|\[[-\w, '\"]*\])+")
_NUMBER = re.compile(r"v([0-9]{1,12})")


class Names:
    """The nodes of a graph, by name.

    A user's variable that holds a node is a name for it, unless it is the name of another node.
    """

    def __init__(self, graph: Graph, variables: Mapping[str, Any] | None = None) -> None:
        self.graph = graph
        self.variables = variables or {}
        self.by_name: dict[str, list[Value]] = {}
        for v in graph.nodes:
            if v.name:
                self.by_name.setdefault(v.name, []).append(v)

    def find(self, text: str) -> list[Value]:
        """Return the nodes that a text names, [] if there are none."""
        text = text.strip()
        if text in self.by_name:
            return self.by_name[text]
        number = _NUMBER.fullmatch(text)
        if number and int(number[1]) < len(self.graph):
            return [self.graph.nodes[int(number[1])]]
        if compact := self._by_key.get(_key(text)):
            return compact
        variable = self._variable(text)
        return [variable] if self._is_node(variable) else []

    def _variable(self, text: str) -> Any:
        """The value of a variable, or of an attribute or an item: `w`, `layers[0].w[1, 2]`."""
        if text in self.variables or not (match := _ITEM.fullmatch(text)):
            return self.variables.get(text)
        if match[1] not in self.variables:
            return None
        try:
            return eval(text, {"__builtins__": {}}, dict(self.variables))
        except Exception:  # it names nothing
            return None

    @cached_property
    def _by_key(self) -> dict[str, list[Value]]:
        """The nodes by their names without blanks and with one kind of quotes."""
        by_key: dict[str, list[Value]] = {}
        for name, nodes in self.by_name.items():
            by_key.setdefault(_key(name), []).extend(nodes)
        return by_key

    def _is_node(self, x: object) -> bool:
        return isinstance(x, Value) and x in self.graph.index

    def one(self, text: str) -> Value:
        """Return the node that a text names. Raises CommandError for none and for several."""
        nodes = self.find(text)
        if len(nodes) == 1:
            return nodes[0]
        called = wording.name(text, 60)
        if nodes:
            which = ", ".join(f"v{self.graph.index[v]}" for v in nodes[:6])
            which += ", …" if len(nodes) > 6 else ""
            raise CommandError(f"{len(nodes)} nodes are called {called!r}: say which one: {which}")
        raise CommandError(f"there is no node {called!r} in this graph{self._hint(text)}")

    def _hint(self, text: str) -> str:
        if re.fullmatch(r"v\d+", text.strip()):
            return f": they are v0 to v{len(self.graph) - 1}"
        if not self.by_name and not self.graph.names:
            return f": its nodes have no names, they are v0 to v{len(self.graph) - 1}"
        return f"; {self.did_you_mean(text) or '`info leaves` lists names'}"

    def did_you_mean(self, text: str, others: Iterable[str] = ()) -> str:
        """Return a hint at names, or `others`, that are spelled like a text; "" if none are."""
        text = text.strip()[:80]
        first = text[:1].lower()  # or the second letter, if the two were exchanged
        known = *others, *self.by_name, *self.graph.names.values()
        names = (name for name in known if first in name[:2].lower())
        alike = (name for name in names if abs(len(name) - len(text)) < 4)
        close = nearest(text, islice(alike, _COMPARED), n=3)
        return f"did you mean {' or '.join(map(wording.name, close))}?" if close else ""

    def starting_with(self, start: str) -> list[str]:
        """Return the names that begin like this and can be typed, for completion."""
        names = [name for name in self.by_name if name.startswith(start) and name.isprintable()]
        if _NUMBER.fullmatch(start) or start == "v":
            numbers = (f"v{i}" for i in range(len(self.graph)))
            names += [n for n in numbers if n.startswith(start)][:100]
        known = dict.fromkeys([*self.graph.names.values(), *self.variables])
        others = (n for n in known if n.startswith(start) and n not in self.by_name)
        return names + [name for name in others if self.find(name)]


def _key(text: str) -> str:
    """A name without blanks, its quotes all of one kind: `w[0, 1]` is `w[0,1]`."""
    return "".join(text.split()).replace('"', "'")
