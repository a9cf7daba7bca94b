"""Commands that move, and the positions to which they lead."""

import pytest

from autograd import Value


def test_a_step_shows_the_operation_in_symbols_in_numbers_and_its_line(talk):
    answer = talk("step")
    assert "[1/18] forward  v2 = w1 * x1\n      = 0.5 * 1.0 = 0.5\n" in answer
    assert "conftest.py:" in answer
    assert "in scope layer0" in answer
    talk("goto backward", "step")
    answer = talk("step")
    assert "backward  v11 → v9" in answer
    assert "grad of v9: 0.0 → -" in answer
    assert "(complete)" in answer


def test_moves_and_their_reverses_meet(talk):
    for forth, back in (("step", "reverse-step"), ("next", "reverse-next")):
        talk("rewind")
        places = []
        while talk.position < 18:
            places.append(talk.position)
            talk(forth)
        for place in reversed(places):
            talk(back)
            assert talk.position == place
        assert "nothing has happened yet" in talk(back)


@pytest.mark.parametrize(
    ("command", "position"),
    [
        ("s", 1), ("s 5", 5), ("n 3", 3), ("s 100000000", 18), ("n 100000000000", 18), ("c", 18),
        ("cont", 18), ("g 7", 7), ("goto backward", 7), ("goto end", 18), ("goto start", 0),
        ("until v9", 5), ("u op pow", 7), ("until z if grad < 0", 10), ("until scope cost", 6),
    ],
)  # fmt: skip
def test_where_a_move_leads(talk, command, position):
    talk(command)
    assert talk.position == position
    assert not talk.shell.failed


def test_goto_counts_from_here(talk):
    talk("goto 7", "goto +3")
    assert talk.position == 10
    talk("goto -4")
    assert talk.position == 6


def test_next_goes_over_all_that_a_node_sends(talk):
    talk("goto backward", "next", "next")
    assert [talk.position, talk("next")[:7]] == [9, "[10/18]"]
    talk("next")
    assert talk.position == 12  # z = v6 + b sends two contributions


def test_an_empty_line_repeats_a_move_but_nothing_else(talk):
    talk("step 2", "")
    assert talk.position == 4
    talk("print z", "")
    assert talk.position == 4


def test_an_empty_line_in_a_script_repeats_nothing(talk):
    talk.shell.context.interactive = False
    talk("step", "")
    assert talk.position == 1


def test_the_ends_say_so(talk):
    assert "the start" in talk("rs")
    assert "the start" in talk("rc")
    for command in ("s", "n", "c"):
        assert "the end" in talk("goto end", command)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("step x", "a count is a whole number from 1 on, got 'x'"),
        ("step 0", "a count"), ("next -1", "a count"), ("step " + "9" * 5000, "a count"),
        ("goto", "say where to go: 0 to 18"), ("goto 19", "positions 0 to 18"),
        ("goto -6", "positions 0 to 18"), ("goto z", "say where to go"),
        ("goto " + "9" * 5000, "say where to go"),
        ("until", "say where to stop"), ("until nowhere", "no node, operation, scope"),
        ("continue 3", "`continue` takes nothing after it, got '3'"),
        ("re", "'re' may mean rerun, reverse-continue, reverse-next, reverse-step,"),
        ("stepp", "there is no command 'stepp'; did you mean 'step'?"),
        ("goto w1", "; to go on to that node write `until w1`"), ("step w1", "write `until w1`"),
        ("(", "there is no command ''"), ("=", "write `set NODE = NUMBER`"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_moves(talk, command, complaint):
    talk("goto 5")
    answer = talk(command)
    assert answer.startswith("error: ")
    assert complaint in " ".join(answer.split())
    assert talk.position == 5


def test_a_leaf_as_the_output(new_talk):
    x = Value(2.0, "x")
    talk = new_talk(x)
    for command in ("s", "n", "rs", "rn", "c", "rc", "where", "list", "why", "print x", "info",
                    "goto end", "explain x", "source", "history"):  # fmt: skip
        talk(command)
        assert not talk.shell.failed, command
    assert "the output" in talk("check x")
    assert "the output" in talk("set x = 3")
    talk("finish", "finish")
    assert x.grad == 1.0


def test_display_is_shown_after_every_move(talk):
    assert talk("display z * 2") == "1: z * 2 = nan\n"
    talk("display w1.grad")
    answer = talk("until z")
    assert "1: z * 2 = 1.0" in answer
    assert "2: w1.grad = 0.0" in answer
    assert "no display 7" in talk("undisplay 7")
    talk("undisplay 1")
    assert "z * 2" not in talk("step")
    talk("undisplay")
    assert talk("display") == "none\n"


def test_a_display_that_fails_does_not_stop_moves(talk):
    talk.session.variables["numbers"] = numbers = [1]
    talk("display numbers[0]")
    numbers.clear()
    assert "IndexError" in talk("step")
    assert talk.position == 1
