"""Advice of the shell where its answer alone would mislead."""

from __future__ import annotations

import contextlib

import pytest

from autograd import Value, autopsy, clip, debug, gt, kinks, where


def said(capsys, output, *commands):
    """Return all that the shell writes; a command that fails ends it."""
    with contextlib.suppress(SystemExit):
        debug(output, commands=commands)
    written = capsys.readouterr()
    return written.out + written.err


def chain():
    a = Value(-1.0, "a")
    b = a * 2.0
    b.name = "b"
    c = b + 1.0
    c.name = "c"
    return c


def test_a_check_at_a_kink_says_so(capsys):
    x = Value(0.0, "x")
    text = said(capsys, abs(x), "check x")
    assert "sits at a kink: derivative -1.0 on the left, 1.0 on the right" in text
    assert "kink" not in said(capsys, abs(Value(0.5, "x")), "check x")


@pytest.mark.parametrize(("condition", "stops"), [(">= 2", True), ("> 2", False)])
def test_at_least_is_not_more_than(capsys, condition, stops):
    text = said(capsys, chain(), f"break |grad| {condition}", "continue")
    assert ("breakpoint 1: |grad|" in text.split("continue")[1]) is stops


def test_a_bare_gradient_is_no_condition(capsys):
    assert "write `if grad > 3`" in said(capsys, chain(), "break grad > 3")


def test_a_misspelt_name_is_refused_at_once(capsys):
    text = said(capsys, chain(), "break if contributon > 1", "continue")
    assert "'contributon' is no node" in text
    assert "did you mean 'contribution'?" in " ".join(text.split())
    assert "(chain) continue" not in text


def test_a_number_that_is_not_there_yet_sets_nothing(capsys):
    text = said(capsys, chain(), "set a = c * 2")
    assert "c is not computed yet" in text
    assert "a = nan" not in text
    assert "c is not computed yet" in said(capsys, chain(), "print c * 2")
    assert "\n0.0\n" in said(capsys, chain(), "print c.grad")


def test_the_gradient_of_the_output_begins_with_the_backward_pass(capsys):
    assert "none yet: 1.0 when the backward pass begins" in said(capsys, chain(), "print c")


def test_clip_sits_at_a_tie_at_its_bounds():
    for bound in (0.0, 1.0):
        assert [k.kind for k in kinks(clip(Value(bound, "x"), 0.0, 1.0))] == ["tie"]
    assert not kinks(clip(Value(0.5, "x"), 0.0, 1.0))


def test_a_comparison_outside_of_the_graph_is_told_of():
    x = Value(0.0, "x")
    assert "by a comparison outside of the graph" in str(kinks(where(x > 0, x, -x)))
    assert "outside of the graph" not in str(kinks(where(gt(x, 0.0), x, -x)))


def test_a_hint_can_be_pasted():
    x = Value(0.0, "x")
    assert "where(your condition, x, 1.0)" in autopsy(where(x > 0, x.log(), 0.0)).hint
    assert "where(x > 0.0, x, 1.0)" in autopsy(where(gt(x, 0.0), x.log(), 0.0)).hint
