"""Signals noted for a block of code to end when it can."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from autograd.system.interrupts import ENDING, noted


def send(number):
    os.kill(os.getpid(), number)


def test_the_first_is_noted_and_the_second_acts_but_not_within_what_is_held():
    reached = []

    def work():
        with noted([signal.SIGINT]) as stop:
            reached.append(bool(stop))
            send(signal.SIGINT)
            reached.append(bool(stop))
            with stop.held():
                send(signal.SIGINT)
                reached.append("whole")
            reached.append("never")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == [False, True, "whole"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_handlers_of_the_program_and_what_it_ignores_are_left_alone():
    got = []
    before = signal.signal(signal.SIGTERM, lambda *arguments: got.append(arguments))
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with noted([signal.SIGINT, *ENDING]) as stop:
            send(signal.SIGTERM)
            send(signal.SIGHUP)
            assert not stop
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGHUP, ignored)
    assert len(got) == 1


def test_in_a_thread_nothing_is_noted():
    seen = []

    def work():
        with noted([signal.SIGINT]) as stop:
            seen.append((signal.getsignal(signal.SIGINT), bool(stop)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(signal.default_int_handler, False)]


def test_a_block_within_another_shares_its_signals_and_changes_no_handler():
    calls = []
    before = signal.signal(signal.SIGINT, lambda *arguments: calls.append(1))
    try:
        with noted([signal.SIGINT]):
            handler = signal.getsignal(signal.SIGINT)
            for _ in range(3):
                with noted([signal.SIGINT]):
                    assert signal.getsignal(signal.SIGINT) is handler
            send(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert calls == [1]
    with noted([signal.SIGINT]) as outer:
        with noted([signal.SIGINT, signal.SIGTERM]) as inner:
            assert inner is outer
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_what_was_never_touched_is_not_set():
    with noted([signal.SIGINT]):
        changed = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, changed)
