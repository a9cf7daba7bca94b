"""The gallery: pictures of graphs, and the page that shows them with their code.

`make gallery` runs it: it writes `docs/gallery.md` and the images beside it. A test fails when what
is committed is not what it writes. The screenshots of the player need a Chromium; where there is
none, those committed stay as they are.
"""

from __future__ import annotations

import inspect
import math
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import autograd
import nn
from autograd import Stepper, Value, autopsy, explain, kinks, record
from autograd.system.files import write_whole
from viz import Diagram, Player, diff, draw, player

ROOT = Path(__file__).resolve().parent.parent
IMAGES = Path("docs/images/gallery")

sys.path.insert(0, str(ROOT / "demos"))
from graph import article_loss  # noqa: E402


def article() -> Diagram:
    """The article's network

    Two inputs, two hidden neurons, one output and half the squared error, after a backward pass.
    Names with dots make frames. Every arrow carries its local derivative (`∂`) and, in bold, what
    it brings to the gradient of its operand; a gradient of several parts is shown as their sum.
    """
    loss = article_loss()
    loss.backward()
    return draw(loss, title="The article's network")


def article_forward() -> Diagram:
    """The forward pass alone

    `view="forward"`: data, and nothing else. For the first slide.
    """
    loss = article_loss()
    return draw(loss, view="forward", title="Forward: every number from its operands")


def article_backward() -> Diagram:
    """The backward pass alone

    `view="backward"`: gradients, with arrows from results to operands. For the second slide.
    """
    loss = article_loss()
    loss.backward()
    return draw(loss, view="backward", title="Backward: every gradient from its consumers")


def middle() -> Diagram:
    """In the middle of a pass

    With `state=` the numbers are those of a moment: here a `Stepper` has come to the first
    contribution that arrives at `x`. A dash is what is not known yet, `+ …` what is still to come.
    """
    x, z = Value(2.0, "x"), Value(3.0, "z")
    y = x * z + x
    y.name = "y"
    stepper = Stepper(y)
    stepper.run_until(x)
    return draw(y, state=stepper)


def neuron() -> Diagram:
    """A neuron, with formulas

    `formulas=True`: each box says what it computes, each arrow its local derivative in symbols.
    """
    w1, x1 = Value(-3.0, "w1"), Value(2.0, "x1")
    w2, x2 = Value(1.0, "w2"), Value(0.5, "x2")
    z = w1 * x1 + w2 * x2 + Value(6.0, "b")
    z.name = "z"
    a = z.tanh()
    a.name = "a"
    a.backward()
    return draw(a, formulas=True)


def softmax() -> Diagram:
    """A softmax and its cross-entropy

    Every logit reaches the loss through its exponential in the sum, that of the right class also
    directly. The gradients of the logits are the probabilities, less one for the right class.
    """
    logits = autograd.array([2.0, -1.0, 0.5], name="logit")
    powers = [v.exp() for v in logits]
    total = powers[0] + powers[1] + powers[2]
    total.name = "total"
    loss = total.log() - logits[0]
    loss.name = "loss"
    loss.backward()
    return draw(loss, title="Cross-entropy of the first of three classes")


SEVEN = """
    . . 4 9 9 9 9 .
    . . 5 5 3 4 9 .
    . . . . . 7 6 .
    . . . . 2 9 2 .
    . . 3 5 8 7 4 .
    . . 4 8 9 5 2 .
    . . . 8 4 . . .
    . . 3 9 1 . . .
"""


def seven() -> list[Value]:
    """An image of 8 by 8 pixels, from 0 to 1."""
    pixels = [float(p) / 9 for p in SEVEN.replace(".", "0").split()]
    return [Value(p, f"x[{i}]") for i, p in enumerate(pixels)]


def digits() -> Diagram:
    """A network for the digits, folded

    64 pixels, 64 hidden neurons, 10 classes: some 14,000 scalar operations. A graph larger than
    `max_nodes` is folded by meaning: sums, arrays, neurons, layers and parts that are alike become
    boxes with their formula, the range of their numbers, and how these are spread.
    """
    model = nn.MLP(64, [64, 10], seed=0)
    loss = nn.cross_entropy(model(seven()), 7)
    loss.backward()
    return draw(loss, max_nodes=12, title="64-64-10 on one image")


def digits_opened() -> Diagram:
    """The same with one neuron open

    `expand="layer0.neuron3"` opens one neuron of 64; the other 63 stay folded beside it.
    """
    model = nn.MLP(64, [64, 10], seed=0)
    loss = nn.cross_entropy(model(seven()), 7)
    loss.backward()
    return draw(loss, max_nodes=24, expand="layer0.neuron3")


def by_lines() -> Diagram:
    """Loops without a name

    Code that names nothing is folded by the lines that made it, in the groups that the compiler
    makes its instructions of. `record()` notes the lines.
    """
    inputs = [Value(0.1 * i) for i in range(8)]
    weights = [[Value(math.sin(i + 8.0 * j)) for i in range(8)] for j in range(8)]
    with record():
        hidden = []
        for row in weights:
            total = Value(0.0)
            for w, x in zip(row, inputs, strict=True):
                total = total + w * x
            hidden.append(total.tanh())
        loss = autograd.sum(hidden)
    loss.backward()
    return draw(loss, max_nodes=12)


def shares() -> Diagram:
    """What a gradient is made of

    `highlight=explain(y, x)` marks the nodes through which most of a gradient comes, and how much.
    """
    x = Value(0.5, "x")
    direct, squashed, squared = 3 * x, (4 * x).tanh(), x**2
    y = direct + squashed + squared
    y.name = "y"
    y.backward()
    return draw(y, highlight=explain(y, x))


def nan() -> Diagram:
    """The autopsy of a nan

    `highlight=autopsy(loss)` tells, without reading a single number, where it was born, how far it
    was passed on, and where it ended.
    """
    x, scale = Value(0.0, "x"), Value(2.0, "scale")
    spread = (scale * x) ** 2
    loss = spread.sqrt() / spread * 0.5 + scale
    loss.name = "loss"
    loss.backward()
    return draw(loss, highlight=autopsy(loss))


def dead() -> Diagram:
    """Dead units and kinks

    The first unit is dead: nothing comes back through it. The second sits exactly at its kink,
    where its derivative is a matter of convention.
    """
    x = Value(1.0, "x")
    units = [(x * w + b).relu() for w, b in ((-2.0, 0.5), (1.0, -1.0), (1.5, 0.5))]
    y = units[0] + units[1] + units[2]
    y.name = "y"
    y.backward()
    return draw(y, highlight=[kinks(y), "dead"])


def activated(activation: Callable[[Value], Value]) -> Value:
    """A neuron with that activation, and its loss."""
    x, w, b = Value(2.0, "x"), Value(0.75, "w"), Value(-1.0, "b")
    h = activation(w * x + b)
    h.name = "h"
    loss = (h - 1) ** 2
    loss.name = "loss"
    loss.backward()
    return loss


def difference() -> Diagram:
    """Before and after an edit

    `viz.diff` draws two graphs as one: what is new, what is gone, what changed and by how much. The
    first node that differs is named.
    """
    return diff(activated(Value.tanh), activated(Value.relu), labels=("tanh", "relu"))


def printed() -> Diagram:
    """For paper

    `style="print"` is black, white and grey: the sign is in the dashes, the size in the width. The
    other pictures here follow the reader's setting, light or dark.
    """
    w, x, b = Value(-1.5, "w"), Value(2.0, "x"), Value(0.5, "b")
    y = (w * x + b).sigmoid()
    y.name = "y"
    y.backward()
    return draw(y, style="print", direction="LR")


PICTURES = (
    article, article_forward, article_backward, middle, neuron, softmax, digits, digits_opened,
    by_lines, shares, nan, dead, difference, printed,
)  # fmt: skip

_HEAD = """\
# Gallery

Written by `make gallery`: the code under each picture is what made it. (`article_loss` is in
[demos/graph.py](../demos/graph.py), `seven`, `activated` and the imports in
[docs/gallery.py](gallery.py).) Take what you like for slides: `.save("name.svg")`, `.png`, `.pdf`
or `.html`, by the file's ending. [Pictures](pictures.md) tells all that `draw` can do.
"""
_PLAYER = """
## The player

`viz.player(y).save("steps.html")` writes one page that plays both passes, one operation at a time,
forwards and back: with a slider, arrow keys, a click on a node for its numbers, search, a link to
any step. It needs no network and no server.

```python
{code}
```

![The player in light colours, in the middle of the backward pass]({images}/player-light.png)

![The same in dark colours]({images}/player-dark.png)

![The same on a phone]({images}/player-phone.png)
"""


def page() -> str:
    """The text of `docs/gallery.md`."""
    images = IMAGES.relative_to("docs").as_posix()
    sections = [_section(make, images) for make in PICTURES]
    return _HEAD + "".join(sections) + _PLAYER.format(code=_code(played), images=images)


def _section(make: Callable[[], Diagram], images: str) -> str:
    title, _, text = inspect.getdoc(make).partition("\n")  # type: ignore[union-attr]
    picture = f"![{title}]({images}/{make.__name__}.svg)"
    return f"\n## {title}\n\n{text.strip()}\n\n{picture}\n\n```python\n{_code(make)}\n```\n"


def _code(make: Callable[..., object]) -> str:
    """What stands in a function below its docstring; of a single `return`, what it returns."""
    body = textwrap.dedent(inspect.getsource(make).split('"""', 2)[2]).strip()
    return body.replace("return ", "", 1) if body.count("return ") == 1 else body


def generated() -> dict[str, str]:
    """The content of each file, by its path; but for the screenshots."""
    pictures = {(IMAGES / f"{make.__name__}.svg").as_posix(): make().svg() for make in PICTURES}
    return {"docs/gallery.md": page(), **pictures}


# The player


def played() -> Player:
    """A neuron, played."""
    w, x, b = Value(-1.5, "w"), Value(2.0, "x"), Value(0.5, "b")
    z = w * x + b
    z.name = "z"
    y = z.tanh()
    y.name = "y"
    return player(y, title="A neuron, step by step", direction="TB")


SHOTS = {
    "player-light.png": ("1000,720", "light"),
    "player-dark.png": ("1000,720", "dark"),
    "player-phone.png": ("390,760", "light"),
}


def screenshots(browser: str) -> None:
    """Write the screenshots of the player, as a browser draws it."""
    with tempfile.TemporaryDirectory() as folder:
        path = played().save(Path(folder) / "player.html")
        for name, (size, scheme) in SHOTS.items():
            shot = Path(folder) / name
            node = "&node=v4" if "phone" not in name else ""
            dark = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]
            subprocess.run(
                [
                    browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
                    *(dark if scheme == "dark" else []),
                    f"--window-size={size}", f"--screenshot={shot}",
                    f"{path.as_uri()}#step=7{node}",
                ],
                check=True, capture_output=True, timeout=120,
            )  # fmt: skip
            print(write_whole(ROOT / IMAGES / name, shot.read_bytes()))


def main() -> None:
    """Write each file whole."""
    for path, content in generated().items():
        print(write_whole(ROOT / path, content))
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if browser:
        screenshots(browser)
    else:
        print("no Chromium was found: the screenshots of the player stay as they are")


if __name__ == "__main__":
    main()
