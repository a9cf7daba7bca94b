"""The pictures of the digits demo, drawn with matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd.system.files import write_whole
from nn import History

ORANGE, GREEN = "#D55E00", "#009E73"  # Okabe and Ito's palette


def learning_curve(history: History, path: Path) -> Path:
    """Loss and accuracy over the epochs, on the training images and on those held out."""
    return _written(history.plot()[0].figure, path)


def confusion_matrix(labels: Sequence[int], predictions: Sequence[int], path: Path) -> Path:
    """How often each digit was taken for each."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (np.asarray(labels), np.asarray(predictions)), 1)
    figure, (axes,) = _figure(1, (5, 4.8))
    axes.imshow(np.sqrt(counts), cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = np.sqrt(count) > 0.6 * np.sqrt(counts.max())
            colour = "white" if dark else ORANGE if row != column else "black"
            weight = "bold" if row != column else "normal"
            axes.text(column, row, count, ha="center", va="center", color=colour, weight=weight)
    right = int(np.trace(counts))
    axes.set(xticks=range(10), yticks=range(10), xlabel="predicted", ylabel="digit")
    axes.set_title(f"{right} of {counts.sum()} held-out images right")
    return _written(figure, path)


def prediction_strip(
    images: Any, labels: Sequence[int], predictions: Sequence[int], path: Path, shown: int = 20
) -> Path:
    """Held-out images with what the model takes them for; the wrong ones first."""
    wrong = [i for i in range(len(labels)) if labels[i] != predictions[i]][: shown // 2]
    right = [i for i in range(len(labels)) if labels[i] == predictions[i]][: shown - len(wrong)]
    chosen = wrong + right
    figure, panels = _figure(len(chosen), (10, 2.6), rows=2)
    for axes, i in zip(panels, chosen, strict=False):
        axes.imshow(np.reshape(images[i], (8, 8)), cmap="gray_r", interpolation="nearest")
        hit = labels[i] == predictions[i]
        text = f"{predictions[i]}" if hit else f"{predictions[i]}, not {labels[i]}"
        axes.set_title(text, fontsize=11, color=GREEN if hit else ORANGE)
    for axes in panels:
        axes.axis("off")
    return _written(figure, path)


def _figure(panels: int, size: tuple[float, float], rows: int = 1) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(rows, -(-panels // rows), squeeze=False).ravel()


def _written(figure: Any, path: Path) -> Path:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix[1:], dpi=150, metadata={"Software": None})
    return write_whole(path, buffer.getvalue())
