"""The structure of the house: small rooms, no circles, and a page that names every room."""

from __future__ import annotations

import ast
import functools
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from autograd import Value
from viz import draw

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz")
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
}


@functools.cache
def nodes(path):
    """The syntax of a file."""
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def imported(path):
    """The modules of ours that a file imports anywhere, for type checking too."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for module, name in names:
            if f"{module}.{name}" in FILES:
                yield f"{module}.{name}"
            elif module in FILES:
                yield module


@functools.cache
def imports():
    return {module: set(imported(path)) for module, path in FILES.items()}


ROOMS = [m for m, path in FILES.items() if path.name == "__init__.py"]


def test_imports_are_seen():
    assert {"autograd.node", "autograd.modes"} <= imports()["autograd.backward"]


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(imports()).prepare()  # raises CycleError with the circle


@pytest.mark.parametrize("room", ROOMS)
def test_no_two_rooms_import_each_other(room):
    """What lies side by side in a room, each with all that is inside it, has no circle either."""

    def inside(module):
        return ".".join(module.split(".")[: room.count(".") + 2])

    siblings = {}
    for module, others in imports().items():
        if module.startswith(f"{room}."):
            own = inside(module)
            siblings.setdefault(own, set()).update(
                inside(other) for other in others if other.startswith(f"{room}.")
            )
            siblings[own].discard(own)
    TopologicalSorter(siblings).prepare()


def test_no_room_has_more_than_fifteen_files():
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.*")]
    counts = Counter(
        path.parent for path in files if path.suffix in (".py", ".js") and path.stem[:2] != "__"
    )
    assert max(counts.values()) <= 15


def test_no_two_classes_have_one_name():
    """`History` is what `v.history` gives and what `nn.fit` gives, both by their public names."""
    names = Counter(
        node.name
        for path in FILES.values()
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == ["History"]


def test_the_page_of_the_architecture_names_every_room():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {room.replace(".", "/") + "/" for room in ROOMS}
    assert {room for room in rooms if f"`{room}`" not in text} == set()


def test_a_drawing_passes_through_few_files():
    neuron = (Value(2.0, "x") * Value(-3.0, "w") + Value(1.0, "b")).tanh()
    neuron.backward()
    called, before = set(), sys.getprofile()
    sys.setprofile(lambda frame, event, _: event == "call" and called.add(frame.f_code.co_filename))
    try:
        draw(neuron)
    finally:
        sys.setprofile(before)
    table = ("autograd/primitive", "autograd/floats")  # the rules, whatever they are made of
    ours = {str(path) for path in FILES.values()} & called
    files = {path for path in ours if not path.startswith(tuple(str(ROOT / p) for p in table))}
    assert str(ROOT / "viz" / "diagram.py") in files
    assert len(files) <= 13
    assert len(ours) <= 17


def test_what_writes_the_data_of_leaves_notes_that():
    """Compiled functions read leaves again only after a noted write; new nodes need no note."""
    writers = {
        module
        for module, path in FILES.items() for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "_float"
        and isinstance(node.ctx, ast.Store)
    }  # fmt: skip
    assert writers == {
        "autograd.node", "autograd.value", "autograd.copying", "autograd.diagnosis.autopsy_report",
        "viz.page.player",
    }  # fmt: skip
