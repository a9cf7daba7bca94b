"""The data to train on, checked before anything is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd.compiler.arguments import is_number, of_numbers


class Examples(NamedTuple):
    """Inputs (n, inputs) and targets (n,) or (n, outputs), as arrays; whole numbers stay whole."""

    inputs: NDArray[Any]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def kind(self) -> tuple[Any, ...]:
        """What one recording is for: the shapes of an example, and which are whole numbers."""
        return tuple((a.shape[1:], a.dtype.kind in "iu") for a in self)

    def digest(self) -> str:
        """A fingerprint of all numbers, their kinds and their shapes."""
        found = hashlib.sha256()
        for array in self:
            found.update(f"{array.dtype.str} {array.shape}".encode())
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


def check_examples(X: Any, Y: Any, of: str = "") -> Examples:
    """Return the examples in X (n, inputs) and Y (n,) or (n, outputs), which are called `of` X, Y.

    Raises ValueError for no data, lengths that differ, other shapes, and what is no number: text,
    nan or inf, masked or sparse; it names the argument and the row, and says what to do.
    """
    inputs, targets = check_inputs(X, f"{of}X"), _numbers(f"{of}Y", Y)
    if targets.size == 0:
        raise ValueError(f"no data: {of}Y has shape {targets.shape}")
    if len(inputs) != len(targets):
        raise ValueError(f"{of}X has {len(inputs)} examples and {of}Y has {len(targets)}")
    return Examples(inputs, targets)


def check_inputs(X: Any, name: str = "X") -> NDArray[Any]:
    """Return inputs (n, inputs), copied. Raises ValueError as `check_examples` does.

    Whole numbers stay whole: they may index in `autograd.take`.
    """
    inputs = _numbers(name, X)
    if inputs.size == 0:
        raise ValueError(f"no data: {name} has shape {inputs.shape}")
    if inputs.ndim != 2:
        raise ValueError(
            f"{name} is a table of one row for each example, got shape {inputs.shape}; "
            "X.reshape(len(X), -1) makes one"
        )
    return inputs


def _numbers(name: str, data: Any) -> NDArray[Any]:
    """Return finite numbers in an array that is the caller's own, whole numbers as such."""
    if hasattr(data, "toarray"):
        raise ValueError(f"{name} is sparse, of {type(data).__name__}: pass {name}.toarray()")
    if isinstance(data, (list, tuple)) and any(isinstance(x, np.ma.MaskedArray) for x in data):
        data = np.ma.array(data)
    masked = np.ma.getmaskarray(data) if isinstance(data, np.ma.MaskedArray) else np.False_
    try:
        array = np.array(np.ma.getdata(data) if masked.ndim else data)
    except ValueError:
        raise ValueError(
            f"{name} must hold numbers, in rows of one length{_ragged(data)}"
        ) from None
    if not array.ndim:
        raise ValueError(f"{name} must hold numbers, in a row for each example; got {data!r:.60}")
    _refuse(name, array, masked, "fill it, as by np.ma.filled, or drop that row", "has a masked")
    if array.dtype.kind not in "biuf":
        strange = [not is_number(x) for x in array.flat]
        hint = "turn it into numbers first, text that reads as numbers by .astype(float)"
        if any(isinstance(x, Value) for x in array.flat):
            hint = "autograd.data makes numbers of Values"
        _refuse(name, array, np.reshape(strange, array.shape), hint, "must hold numbers, and has")
        try:
            array = of_numbers(array)
        except OverflowError as error:
            raise ValueError(f"{name} holds a number that is too large: {error}") from None
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            array = array.astype(float)
    if array.dtype.kind in "biu" and array.dtype != np.int64:
        array = array.astype(np.int64 if int(array.max(initial=0)) < 2**63 else float)
    _refuse(name, array, ~np.isfinite(array), "fill or drop what is missing")
    return array


def _ragged(data: Any) -> str:
    """The first row whose length is not that of row 0, for a message."""
    lengths = [len(row) if hasattr(row, "__len__") else 1 for row in data]
    for row, length in enumerate(lengths):
        if length != lengths[0]:
            return f": row 0 has {lengths[0]} and row {row} has {length}"
    return ""


def _refuse(
    name: str, array: NDArray[Any], wrong: Any, instead: str, problem: str = "holds"
) -> None:
    """Raise ValueError for the first element that is wrong, if any is."""
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), index, strict=False))
        found = array[index]
        shown = found.item() if isinstance(found, np.generic) else found
        raise ValueError(f"{name} {problem} {shown!r:.60} at {place}: {instead}")


def by_kind(sets: Mapping[str, Examples]) -> list[dict[str, Examples]]:
    """Put the sets together that one recording is for."""
    kinds: dict[Any, dict[str, Examples]] = {}
    for name, data in sets.items():
        kinds.setdefault(data.kind, {})[name] = data
    return list(kinds.values())


def classes_of(targets: NDArray[Any], outputs: int) -> NDArray[np.int64] | None:
    """Return the class of each target, as `decided` numbers them; None where they are no classes.

    Targets (n,) are class indices, (n, outputs) one-hot. For one output the classes are -1 and 1.
    """
    if outputs == 1:
        are_signs = targets.ndim == 1 and np.isin(targets, (-1, 1)).all()
        return np.asarray(targets > 0, dtype=int) if are_signs else None
    if targets.ndim == 1:
        return targets if targets.dtype.kind in "iu" and outputs else None
    is_one = targets == 1
    is_one_hot = (is_one | (targets == 0)).all() and (is_one.sum(axis=1) == 1).all()
    return is_one.argmax(axis=1) if is_one_hot and targets.shape[1] == outputs else None


def decided(scores: NDArray[Any]) -> NDArray[np.int64]:
    """Return the class of the largest of the scores (n, outputs); of one score, 1 if above 0."""
    if scores.shape[1] == 1:
        return np.asarray(scores[:, 0] > 0, dtype=int)
    return np.asarray(scores.argmax(axis=1))
