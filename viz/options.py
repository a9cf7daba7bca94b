"""The options of `python -m viz`."""

from __future__ import annotations

import argparse
from typing import get_args

from viz.appearance.arguments import DRAWN, PLAYED
from viz.appearance.colours import Style
from viz.appearance.options import View

_EPILOG = """\
The file runs as a module, not as a program: what stands under `if __name__ == "__main__"` does not
run. NAME is what it calls a Value, a list of Values, a Graph, or a picture, as from viz.diff, which
is saved as it is. The ending of the output chooses the format: .svg .html .png .jpg .pdf .json .dot
.gv .txt. Without an output the picture is drawn in characters, as wide as the terminal. The exit
status is 0; 1 if the script fails or the picture cannot be made or written; 2 if the command line
is wrong: no such file, no such name, not a Value.
"""


def parser() -> argparse.ArgumentParser:
    """What reads the command line.

    >>> parser().parse_args(["model.py:loss", "--view", "forward"]).view
    'forward'
    """
    made = argparse.ArgumentParser(
        prog="python -m viz", description="Draw a Value that a script defines.", epilog=_EPILOG
    )
    add = made.add_argument
    add("target", metavar="FILE.py:NAME", help="a Python file, and what to draw of it")
    add("-o", "--output", metavar="OUT", help="the file to write (default: draw on the terminal)")
    add("--backward", action="store_true", help="call backward() before drawing")
    add("--player", action="store_true", help="make the page that plays both passes (.html)")
    _what(made.add_argument_group("what is drawn"))
    _how(made.add_argument_group("how it looks"))
    return made


def _what(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--max-nodes", type=int, metavar="N",
        help=f"how many nodes and boxes at most ({DRAWN}; of a player {PLAYED})",
    )  # fmt: skip
    add("--around", metavar="NAME", help="draw around this node: its name, or the script's")
    add("--hops", type=int, default=2, metavar="N", help="how far around it (%(default)s)")
    add("--depth", type=int, metavar="N", help="fold the scopes of this depth")
    add(
        "--expand", action="append", default=[], metavar="SCOPE",
        help="keep a scope open, such as layer0.neuron3; may be repeated",
    )  # fmt: skip
    add(
        "--fold", action="append", default=[], metavar="SCOPE",
        help="fold this scope and nothing else; may be repeated",
    )  # fmt: skip
    add("--no-fold", action="store_true", help="draw the nearest nodes in place of folding")
    add(
        "--highlight", action="append", default=[], metavar="WHAT",
        help="a node, by its name or the script's, or `autopsy`, `kinks`, `dead`, or what the "
        "script calls such a report; may be repeated",
    )  # fmt: skip


def _how(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--title", help="a heading above the picture")
    add("--view", choices=get_args(View), default="both", help="which numbers (%(default)s)")
    add("--style", choices=get_args(Style), default="auto", help="its colours (%(default)s)")
    add("--direction", choices=("LR", "TB"), default="LR", help="where arrows go (%(default)s)")
    add("--formulas", action="store_true", help="say what nodes and arrows compute, in symbols")
    add("--no-legend", action="store_true", help="leave the legend out")
    add("--number-format", default=".4g", metavar="SPEC", help="as in format(x, '%(default)s')")
    add("--scale", type=float, default=2.0, help="pixels of a .png for one of SVG (%(default)s)")
    add("--engine", metavar="PATH", help="a layout program in place of the embedded one")
    add("--timeout", type=float, default=60.0, metavar="S", help="seconds for it (%(default)s)")
