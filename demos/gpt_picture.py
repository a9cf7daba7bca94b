"""A prediction of the GPT, looked into: drawn with one head open, then stepped through."""

from __future__ import annotations

import re
from pathlib import Path

import autograd
import viz
from autograd import Graph, Value, origin


def look_into(loss: Value, title: str, out: Path) -> None:
    """Draw the graph of a prediction with a head open; step back through this head."""
    loss.name = "loss"
    loss.backward()
    graph = Graph(loss)
    opened = max(origin(v).scope for v in graph if origin(v).scope.endswith("head1"))
    name_by_line(graph, opened)
    picture = viz.draw(loss, fold=boxes(graph, opened).get, direction="TB", title=title)
    print(f"\n{title}: {len(graph):,} numbers, drawn in {picture.save(out / 'gpt.svg')}.")
    print("Back from the loss, through the last letter of the head that is open there:\n")
    last = max(v.name for v in graph if v.name and v.name.startswith("weights["))
    fit = last.replace("weights", "fits")
    commands = ["goto backward", f"until {last}", f"why {last}", f"until {fit}", f"check {fit}"]
    autograd.debug(loss, commands=commands)


def name_by_line(graph: Graph, opened: str) -> None:
    """Name the numbers that lines of a scope leave for others by the variables that hold them."""
    held: dict[str, dict[Value, None]] = {}
    for operand, result, _ in graph.edges:
        made = origin(operand)
        if operand.parents and made.scope == opened and made.place != origin(result).place:
            held.setdefault(re.split(r":| = ", made.text)[0], {})[operand] = None
    for variable, numbers in held.items():
        for i, v in enumerate(numbers):
            v.name = f"{variable}[{i}]" if len(numbers) > 1 else variable


def boxes(graph: Graph, opened: str) -> dict[Value, str]:
    """The box that each number is drawn in: its part of the model; in the opened head its name.

    A weight, and what else is computed in no part, belongs to what uses it.
    """
    layer = opened.split(".")[1]
    part = re.compile(rf"(?!{layer}\b)layer\d+|embed|norm|perceptron|query|key|value|head\d|scores")
    box = {graph.output: "loss"}
    for v in reversed(graph.nodes):
        where = origin(v).scope if v.parents else ""
        if where == opened:
            box[v] = v.name or box[v]
        elif where:
            found = part.search(where)
            box[v] = found[0] if found else "mix"
        for operand in v.parents:
            box[operand] = box[v]
    return box
