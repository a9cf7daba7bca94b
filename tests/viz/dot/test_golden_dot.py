"""The DOT text of some graphs, byte for byte, and the SVG of one.

After a change that is meant, look at the pictures, then write the files anew:

    REGENERATE_GOLDEN=1 python -m pytest tests/viz/dot/test_golden_dot.py
"""

import os
from pathlib import Path

import pytest
from viz_graphs import article, chain, network

from autograd import Stepper, Value
from viz import draw

GOLDEN = Path(__file__).parent / "golden"


def after_backward():
    loss = network()
    loss.backward()
    return draw(loss, fold=False, title="After backward")


def not_finite():
    y = Value(-8.0, "x").log() + Value(0.0, "zero") ** -1.0 * -0.0
    y.backward()
    return draw(y, direction="TB")


def hostile():
    return draw(Value(1.0, 'a "<b>&amp;|{}\\N\n\0\u202e') * Value(2.0, "🎉.猫\\"))


def around():
    """The middle of a pass in the middle of a network, cut on both sides."""
    loss = network()
    stepper = Stepper(loss)
    z = next(v for v in stepper.graph if v.name == "layer0.neuron1.z")
    stepper.run_until(z)
    stepper.step(2)
    return draw(loss, around=z, state=stepper)


CASES = {
    "article.dot": lambda: draw(article()).source,
    "article.svg": lambda: draw(article()).svg(),
    "network-before.dot": lambda: draw(network(), fold=False).source,
    "network-after.dot": lambda: after_backward().source,
    "not-finite.dot": lambda: not_finite().source,
    "hostile.dot": lambda: hostile().source,
    "cut.dot": lambda: draw(chain(100), max_nodes=7, fold=False).source,
    "around.dot": lambda: around().source,
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name):
    made = CASES[name]()
    path = GOLDEN / name
    if os.environ.get("REGENERATE_GOLDEN"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")
