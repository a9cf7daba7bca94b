"""`History`: the course of a training run, as numbers, a table and a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from autograd.errors import needing
from autograd.text import wording
from autograd.text.report import Report, Table
from autograd.text.tables import Row
from nn.batches import PlaceInEpoch
from nn.eager_engine import Score


@dataclass
class History(Report):
    """The losses and accuracies of a training run, one number for each epoch.

    The loss and the accuracy are means over the examples as they were trained on, while the
    parameters moved. The accuracy is empty where there are no classes. Of an epoch that was cut
    short `place` tells how far it came; `optimizer` is the one that `fit` would go on with.
    Printed, and in a notebook, it is a table.

    >>> print(History(loss=[0.75, 0.5], accuracy=[0.25, 1.0]))
    epoch  loss  accuracy
        1  0.75      0.25
        2   0.5       1.0
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    interrupted: bool = False
    place: PlaceInEpoch | None = None
    optimizer: Any = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the optimizer, which has the model's Values: copies begin with a new one."""
        return vars(self) | {"optimizer": None}

    def __len__(self) -> int:
        return len(self.loss)

    def _parts(self) -> tuple[Table]:
        curves, left_out = self.curves(), len(self) - 2 * _SHOWN
        rows: list[Row] = [("epoch", *curves)]
        for i in range(len(self)):
            if left_out <= 0 or not _SHOWN <= i < len(self) - _SHOWN:
                numbers = [wording.number(x[i]) if i < len(x) else "" for x in curves.values()]
                rows.append((f"{i + 1:,}", *numbers))
            elif i == _SHOWN:
                rows.append(f"… {left_out:,} more epochs …")
        return (Table(rows, right=range(5)),)

    def note(self, trained: Score, held_out: Score | None) -> None:
        """Add an epoch."""
        before = len(self)
        for name, number in zip(CURVES, (*trained, *(held_out or (None, None))), strict=True):
            curve = getattr(self, name)
            if number is not None or curve:  # nan for epochs in which it was not asked for
                curve += [math.nan] * (before - len(curve))
                curve.append(math.nan if number is None else number)

    def curves(self) -> dict[str, list[float]]:
        """The lists that are not empty, by name."""
        return {name: x for name in CURVES if (x := getattr(self, name))}

    def frame(self) -> Any:
        """Return a pandas DataFrame, a row for each epoch."""
        with needing("tables"):
            import pandas

        epochs = pandas.RangeIndex(1, len(self) + 1, name="epoch")
        return pandas.DataFrame(self.curves(), index=epochs)

    def plot(self) -> Any:
        """Draw the loss, and beside it the accuracy, with matplotlib; returns the axes.

        `plt.show()` shows it, `history.plot()[0].figure.savefig("curve.svg")` saves it.
        """
        curves = self.curves()
        panels = [name for name in CURVES[:2] if name in curves] or ["loss"]
        size = (4.5 * len(panels), 3.4)
        with needing("demos"):
            from matplotlib import pyplot

        _, axes = pyplot.subplots(1, len(panels), figsize=size, layout="constrained", squeeze=False)
        marker = "o" if len(self) <= 50 else None
        for panel, name in zip(axes[0], panels, strict=True):
            for prefix, (label, colour, line) in _LINES.items():
                y = curves.get(prefix + name, [])
                panel.plot(range(1, len(y) + 1), y, line, color=colour, marker=marker,
                           markersize=3, label=label if y else None)  # fmt: skip
            low = min([0.0, *curves.get(name, []), *curves.get(f"validation_{name}", [])])
            panel.set(title=name, xlabel="epoch", ylim=(low, 1.01 if name == "accuracy" else None))
            panel.xaxis.get_major_locator().set_params(integer=True)
            panel.spines[["top", "right"]].set_visible(False)
        if curves:
            axes[0][0].legend(frameon=False)
        return axes[0]


CURVES = ("loss", "accuracy", "validation_loss", "validation_accuracy")  # as in two Scores
_SHOWN = 10  # epochs at the head and at the tail of a long table
_LINES = {"": ("training", "#0072B2", "-"), "validation_": ("held out", "#D55E00", "--")}
