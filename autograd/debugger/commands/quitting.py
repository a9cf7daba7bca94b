"""Help, and the commands that leave the shell."""

from __future__ import annotations

from autograd.debugger.commands.table import COMMANDS, GROUPS, Command, Desk, command, resolve
from autograd.debugger.terminal.screen import MARK
from autograd.text.styled import Styled

_FULL = 60  # columns from which on the summaries stand beside the names


@command("help", "h", "?", group="leaving", usage="[COMMAND]")
def show_help(desk: Desk, argument: str) -> None:
    """List the commands, or say all about one."""
    if argument.strip():
        found = resolve(argument.strip())
        usage = Styled(f"{found.name} {found.usage}".strip(), MARK)
        desk.screen.line(usage, _abbreviations(found), indent=4)
        for paragraph in _paragraphs(found.help):
            desk.screen.line(paragraph, indent=4 if paragraph.startswith(" ") else 0)
        return
    for group in GROUPS:
        desk.screen.line(Styled(group, MARK))
        for c in COMMANDS.values():
            if c.group == group:
                _show_summary(desk, c)
    desk.screen.line("An empty line repeats a move; the beginning of a name is enough.")


def _show_summary(desk: Desk, c: Command) -> None:
    name = f"  {c.name}{_abbreviations(c)}"
    if desk.screen.width >= _FULL:
        desk.screen.line(f"{name:<26}{c.summary}", indent=24)
    else:
        desk.screen.line(name)
        desk.screen.line(f"      {c.summary}")


def _paragraphs(text: str) -> list[str]:
    """Text whose lines may be broken elsewhere; indented lines stay lines of their own."""
    paragraphs = [""]
    for line in text.split("\n"):
        if line[:1].strip() and paragraphs[-1][:1].strip():  # neither is indented or empty
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
    return paragraphs[1:]


def _abbreviations(c: Command) -> str:
    return f" ({', '.join(c.abbreviations)})" if c.abbreviations else ""


@command("quit", "q", "exit", group="leaving")
def quit_shell(desk: Desk, argument: str) -> None:
    """Leave the shell; your program goes on. Without `finish` no gradient has been written."""
    desk.leaving = "quit"


@command("kill", "k", group="leaving")
def kill(desk: Desk, argument: str) -> None:
    """Leave the shell and end the program, with exit status 1."""
    desk.leaving = "kill"
