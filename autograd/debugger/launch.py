"""`python -m autograd`: runs a script under the debugger, or opens a Python prompt."""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd.debugger.prompt import open_prompt
from autograd.debugger.session.session import Session
from autograd.debugger.shell import run_shell
from autograd.debugger.terminal.input import use_script
from autograd.debugger.terminal.screen import BAD, Screen
from autograd.errors import AnomalyError
from autograd.provenance import variables_of
from autograd.recording import observers
from autograd.recording.observers import detect_anomaly, record
from autograd.system.source import of_a_library, show_traceback, users_frame, users_line
from autograd.text.styled import Styled
from autograd.value import Value

_EPILOG = """\
Without a script a Python prompt opens, with all names loaded; it is IPython where that is
installed. With a script, the shell opens at the first backward() or debug(), at every later
debug(), and at the first nan or inf. It reads the keyboard, or standard input line by line, or the
commands given here. The exit status is 1 if the script fails, if there is an anomaly, or if a
command fails that nobody typed.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Carry out a command line. Raises SystemExit with the exit status."""
    options = _parser().parse_args(arguments)
    use_script(_script_lines(options))
    if options.script is None:
        raise SystemExit(open_prompt())
    sys.argv = [options.script, *options.arguments]
    raise SystemExit(run_script(options.script, options.anomaly, not options.only_debug))


def _parser() -> argparse.ArgumentParser:
    from autograd import __version__

    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="Step through forward and backward passes.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"chainrule {__version__}")
    parser.add_argument(
        "-x", "--command-file", metavar="FILE", action="append", default=[],
        help="take the shell's commands from a file",
    )  # fmt: skip
    parser.add_argument(
        "-c", "--command", metavar="COMMAND", action="append", default=[],
        help="a command for the shell, after those of files; may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--anomaly", choices=("nan", "inf", "both", "off"), default="both",
        help="what stops a script (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--only-debug", action="store_true", help="stop at debug(), not at the first backward()"
    )
    parser.add_argument("script", nargs="?", help="a Python file to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script is given")
    return parser


def _script_lines(options: argparse.Namespace) -> list[str] | None:
    lines: list[str] = []
    for file in options.command_file:
        try:
            lines += Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise SystemExit(f"python -m autograd: cannot read {file}: {error}") from None
    lines += options.command
    return lines if options.command_file or options.command else None


def run_script(path: str, anomaly: str = "both", at_backward: bool = False) -> int:
    """Run a Python file as a program, or to its first backward(); return its exit status."""
    if not Path(path).is_file():
        print(f"python -m autograd: there is no file {path!r}", file=sys.stderr)
        return 2
    sys.path[0] = str(Path(path).resolve().parent)  # in place of where `python -m` began
    observers.at_backward = _stop if at_backward else None
    try:
        nan, inf = anomaly != "inf", anomaly != "nan"
        with record() if anomaly == "off" else detect_anomaly(nan=nan, inf=inf):
            runpy.run_path(path, run_name="__main__")
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        show_traceback(error)
        if isinstance(error, AnomalyError):
            look_into(error)
        return 1
    if observers.at_backward is not None:
        never = "called no backward() and no debug() to stop at"
        print(f"python -m autograd: {path} {never}", file=sys.stderr)
    return 0


def _stop(output: Value, gradient: float) -> bool:
    """Open the shell in a call of backward(); return True if `finish` did what the call is for."""
    frame = users_frame()

    def begin(session: Session) -> None:
        session.unwritten = "now backward() writes the gradients"
        at = f": {users_line()}" if frame else ""
        Screen().line(f"at the first backward(){at}", indent=2)

    return _step_through(output, gradient, variables_of(frame) if frame else {}, begin)


def look_into(error: AnomalyError) -> None:
    """Open the shell at the event that raised AnomalyError."""

    def begin(session: Session) -> None:
        event, log = error.event, session.stepper.events
        number = log.next_touching(error.node, 0) if event is None else event.number
        session.stepper.goto(0 if number is None else number + 1)
        where = "; the shell is where it happened; `help` lists commands"
        Screen().line(Styled("anomaly", BAD), where)

    raised = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    frames = [frame for frame in raised if not of_a_library[frame.f_code.co_filename]]
    _step_through(error.output, 1.0, variables_of(frames[-1]) if frames else {}, begin)


def _step_through(
    output: Value, gradient: float, variables: dict[str, Any], begin: Callable[[Session], None]
) -> bool:
    """Open the shell on a pass, if possible; return True if `finish` wrote its gradients."""
    try:
        session = Session(output, gradient, variables)
        begin(session)
        run_shell(session)
    except Exception as reason:  # such as a stale graph, or no standard input
        Screen(sys.stderr).line(f"the graph cannot be stepped through: {reason}", indent=2)
        return False
    return session.user.finished
