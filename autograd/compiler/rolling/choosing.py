"""Choices by an integer input, and the sums over the batch that are their gradients."""

from __future__ import annotations

import numpy as np

from autograd.compiler.passes.forms import Node, Take, Total
from autograd.compiler.rolling.emitter import Emitter, Rows
from autograd.compiler.rolling.instructions import Instruction, Step, StepKind
from autograd.compiler.rolling.matrix_blocks import Blocks, find_blocks, place_members
from autograd.compiler.rolling.views import BATCHED, SHARED, Index, common_grid, contiguous, runs


def roll_take(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Make the instruction of a choice among candidates."""
    forms = emitter.forms_of(Take, nodes)
    candidates = np.array([form.candidates for form in forms])
    index = np.array([form.chooser for form in forms])
    is_mixed = len(np.unique(emitter.is_batched(candidates))) > 1
    space, rows = mixed(emitter, candidates) if is_mixed else emitter.layout.where(candidates)
    if space == BATCHED:
        singly = np.arange(len(nodes))[:, None, None]
        choices = [Blocks(rows[:, None], index[:, None, None], singly)]
    else:
        choices = find_blocks(rows, index[:, None])
    name = emitter.layout.name_of(nodes)
    out = emitter.block(BATCHED, sum(blocks.members.size for blocks in choices), name)
    place = np.full(len(nodes), -1)
    start = 0
    for blocks in choices:
        here = out[start : start + blocks.members.size]
        start += len(here)
        view = emitter.view((space, blocks.left))
        target = contiguous(BATCHED, int(here[0]), blocks.members.shape)
        emitter.steps.append(Step(StepKind.TAKE, target, (view,), index=blocks.right[..., 0]))
        place_members(place, blocks.members, here)
    indices = emitter.layout.label(*emitter.layout.where(index))
    formula = f"take({emitter.layout.label(space, rows)}, {indices})"
    return emitter.finish(name, nodes, (BATCHED, place), formula)


def mixed(emitter: Emitter, nodes: Index) -> Rows:
    """Copy nodes, of which some are shared and some batched, to batched rows."""
    flat = nodes.ravel()
    out = emitter.block(BATCHED, len(flat))
    for space in (SHARED, BATCHED):
        here = emitter.is_batched(flat) == (space == BATCHED)
        if not here.any():
            continue
        source, target = emitter.layout.where(flat[here])[1], out[here]
        both = np.stack([source, target])
        whole = [np.arange(len(source))]
        for run in whole if common_grid(both) else runs(both):
            emitter.apply(None, [(space, source[run])], (BATCHED, target[run]))
    return BATCHED, out.reshape(nodes.shape)


def pick(emitter: Emitter, nodes: list[Node]) -> tuple[Index, str]:
    """Sum over the batch the values that an index picks: the gradient of a table.

    Returns the rows of the sums and the formula.
    """
    picks = [form.picks for form in emitter.forms_of(Total, nodes)]
    index = np.array([[p.chooser for p in each] for each in picks])
    choice = np.array([[p.choice for p in each] for each in picks])
    x = np.array([[p.x for p in each] for each in picks])
    span = int(choice.max()) + 1
    keys = index * span + choice
    place = np.full(len(nodes), -1)
    is_batched = emitter.is_batched(x)
    if is_batched.all():
        space, rows = emitter.layout.where(x)
    else:
        distinct, numbers = np.unique(x, return_inverse=True)
        space, rows = mixed(emitter, distinct)
        rows = rows[numbers].reshape(x.shape)
    for blocks in find_blocks(keys, rows):
        members = blocks.members
        wanted = np.where(members < 0, -1, np.array(nodes)[members])
        target, out = emitter.rows_of_means(wanted, is_first=True)
        right = emitter.view((space, blocks.right))
        index, choices = np.divmod(blocks.left, span)
        emitter.steps.append(Step(StepKind.PICK, out, (right,), index=index, choices=choices))
        place_members(place, members, target)
    return place, f"pick({emitter.label(x)}) / B"
