"""The graphs that the tests of viz draw, and how they read a picture."""

import os
import subprocess
import sys
from xml.etree import ElementTree

from autograd import Value

SVG = "{http://www.w3.org/2000/svg}"


def article():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    y = x * z + x
    y.name = "y"
    y.backward()
    return y


def neuron(name, inputs, weights, activation=True):
    z = None
    for i, (w, x) in enumerate(zip(weights, inputs, strict=True)):
        product = Value(w, f"{name}.w[{i}]") * x
        z = product if z is None else z + product
    z = z + Value(0.5, f"{name}.b")
    z.name = f"{name}.z"
    if not activation:
        return z
    a = z.tanh()
    a.name = f"{name}.a"
    return a


def network():
    """A 2-2-1 network, named as nn names it, and its loss."""
    inputs = [Value(1.0, "x[0]"), Value(-2.0, "x[1]")]
    hidden = [neuron(f"layer0.neuron{i}", inputs, (0.25, i - 0.5)) for i in range(2)]
    output = neuron("layer1.neuron0", hidden, (1.5, -0.75), activation=False)
    loss = 0.5 * (output - 1.0) ** 2
    loss.name = "loss"
    return loss


def chain(length):
    v = Value(1.0, "start")
    for _ in range(length):
        v = v * 1.0000001
    return v


def star(count):
    x = Value(2.0, "x")
    total = x * 1.0
    for i in range(count):
        total = total + x * float(i)
    return total


def printed_twice(script, *files):
    """What a script prints in two processes with other hashes; it may import beside those files."""
    folders = [os.path.dirname(file) for file in (__file__, *files)]
    beside = f"import sys; sys.path[:0] = {folders!r}\n"
    return [
        subprocess.run(
            [sys.executable, "-c", beside + script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]


def parse(diagram):
    return ElementTree.fromstring(diagram.svg())


def group(root, name):
    """The group of the node, edge or frame with that id."""
    prefix = root.get("id")
    return next(g for g in root.iter(f"{SVG}g") if g.get("id") == f"{prefix}-{name}")


def words(element):
    """The words that an element of the picture shows, in order."""
    return " ".join(word for t in element.iter(f"{SVG}text") for word in (t.text or "").split())


def tooltip(element):
    return element.find(f"{SVG}title").text
