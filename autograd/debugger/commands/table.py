"""The table of the shell's commands, one row each, and the commands `help`, `quit` and `kill`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autograd.debugger.commands import drawing, looking, moving, stopping, what_if
from autograd.debugger.commands.context import Context
from autograd.debugger.terminal.screen import MARK
from autograd.errors import CommandError
from autograd.text import wording
from autograd.text.columns import UNBROKEN
from autograd.text.spelling import hint
from autograd.text.styled import Styled

_ADVICE = (
    "",
    "To begin with: step, next, goto backward, until NODE, why NODE, finish.",
    "A node's name alone prints the node, an expression its value: w, w.grad, w*x.",
    "An empty line repeats a move; the beginning of a command is enough.",
    "More: `help until` or another command, `help moving` (a group), `help all`.",
)


@dataclass(frozen=True)
class Command:
    """One command. The docstring of its action is its help."""

    name: str
    abbreviations: tuple[str, ...]
    action: Callable[[Context, str], None]
    usage: str = ""
    repeats: bool = False
    """True if an empty line after it repeats it."""

    @property
    def help(self) -> str:
        """The text that `help NAME` shows."""
        return inspect.getdoc(self.action) or ""

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return self.help.partition("\n")[0]

    @property
    def also(self) -> str:
        """The abbreviations, in parentheses."""
        return f" ({', '.join(self.abbreviations)})" if self.abbreviations else ""


def show_help(context: Context, argument: str) -> None:
    """List the commands; explain one, a group or `all`."""
    word, screen = argument.strip(), context.screen
    if word in GROUPS or word == "all":
        groups = GROUPS if word == "all" else {word: GROUPS[word]}
        screen.paged(_summaries(groups), indent=24)
    elif word:
        command = resolve(word)
        usage = Styled(f"{command.name} {command.usage}".strip(), MARK)
        screen.line(usage, command.also, indent=4)
        for paragraph in _paragraphs(command.help):
            screen.line(paragraph, indent=4 if paragraph.startswith(" ") else 0)
    else:
        for group, commands in GROUPS.items():
            screen.line(Styled(f"{group:<10}", MARK), ", ".join(map(_called, commands)), indent=10)
        for line in _ADVICE:
            screen.line(line)


def _called(command: Command) -> str:
    """Its name, with the first of its abbreviations."""
    return UNBROKEN.join([command.name, *(f"({short})" for short in command.abbreviations[:1])])


def _summaries(groups: Mapping[str, Iterable[Command]]) -> list[str]:
    lines = []
    for group, commands in groups.items():
        lines += [group, *(f"  {c.name + c.also:<24}{c.summary}" for c in commands)]
    return lines


def _paragraphs(text: str) -> list[str]:
    """Text whose lines may be broken elsewhere; indented lines stay lines of their own."""
    paragraphs = [""]
    for line in text.split("\n"):
        if line[:1].strip() and paragraphs[-1][:1].strip():  # neither is indented or empty
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
    return paragraphs[1:]


def quit_shell(context: Context, argument: str) -> None:
    """Leave the shell; your program goes on."""
    context.leaving = "quit"


def kill(context: Context, argument: str) -> None:
    """Leave the shell and end the program (status 1)."""
    context.leaving = "kill"


_INFO = "[leaves | breakpoints | scopes | operations | displays]"
GROUPS: dict[str, tuple[Command, ...]] = {
    "moving": (
        Command("step", ("s",), moving.step, "[COUNT]", repeats=True),
        Command("next", ("n",), moving.next_node, "[COUNT]", repeats=True),
        Command("continue", ("c", "cont"), moving.go_on, repeats=True),
        Command("until", ("u",), moving.until, "WHERE"),
        Command("reverse-step", ("rs", "back"), moving.reverse_step, "[COUNT]", repeats=True),
        Command("reverse-next", ("rn",), moving.reverse_next, "[COUNT]", repeats=True),
        Command("reverse-continue", ("rc",), moving.reverse_continue, repeats=True),
        Command("goto", ("g",), moving.goto, "POSITION | start | backward | end"),
        Command("rewind", ("rw",), moving.rewind),
        Command("finish", ("fin",), moving.finish),
    ),
    "stopping": (
        Command("break", ("b",), stopping.set_breakpoint, "WHERE [if EXPRESSION]"),
        Command("tbreak", ("tb",), stopping.set_temporary, "WHERE [if EXPRESSION]"),
        Command("watch", ("wa",), stopping.watch, "NODE"),
        Command("delete", ("d", "del"), stopping.delete, "[NUMBER …]"),
        Command("disable", ("dis",), stopping.disable, "[NUMBER …]"),
        Command("enable", ("en",), stopping.enable, "[NUMBER …]"),
        Command("display", (), stopping.display, "[EXPRESSION]"),
        Command("undisplay", (), stopping.undisplay, "[NUMBER …]"),
    ),
    "looking": (
        Command("info", ("i",), looking.info, _INFO),
        Command("where", ("w", "bt"), looking.where),
        Command("print", ("p",), looking.print_value, "[NODE | EXPRESSION]"),
        Command("list", ("l",), looking.list_nodes, "[NODE | . | FIRST,LAST]", repeats=True),
        Command("why", ("y",), looking.why, "[NODE]"),
        Command("explain", ("e",), looking.explain_paths, "[NODE]"),
        Command("show", ("sh",), drawing.show, "[NODE] [HOPS] [text | > FILE]"),
        Command("source", ("so",), looking.source, "[NODE]"),
        Command("history", ("hist",), looking.history, "[NODE]"),
    ),
    "changing": (
        Command("set", (), what_if.set_number, "NODE = EXPRESSION"),
        Command("unset", (), what_if.unset, "[NODE]"),
        Command("rerun", (), what_if.rerun),
        Command("diff", (), what_if.diff, "[all]"),
        Command("check", (), what_if.check, "[NODE]"),
    ),
    "leaving": (
        Command("help", ("h", "?"), show_help, "[COMMAND | GROUP | all]"),
        Command("quit", ("q", "exit"), quit_shell),
        Command("kill", ("k",), kill),
    ),
}
COMMANDS = {command.name: command for commands in GROUPS.values() for command in commands}
"""Every command by its name."""


def resolve(word: str) -> Command:
    """Return the command of a name, an abbreviation or the beginning of one; or CommandError."""
    for command in COMMANDS.values():
        if word == command.name or word in command.abbreviations:
            return command
    matching = [c for c in COMMANDS.values() if c.name.startswith(word)]
    if len(matching) == 1:
        return matching[0]
    called = wording.name(word)
    if matching and word:
        names = ", ".join(sorted(c.name for c in matching))
        raise CommandError(f"{called!r} may mean {names}: write more of it")
    meant = hint(called, [c for c in COMMANDS if c != "kill"])
    raise CommandError(
        f"there is no command {called!r}{meant or '; `help` lists them, `print` evaluates'}"
    )
