"""The formats of pictures besides SVG and DOT: a page, JSON, PDF."""

from __future__ import annotations

import html
import importlib
import json
import math
import re
import shutil
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice

from autograd.system.source import warn
from autograd.text.characters import readable
from viz.appearance.colours import FONT, INK, PAPER
from viz.appearance.options import Style
from viz.render.engine import Engine, EngineError, EnginePath, find_engine, render

PIXELS = {".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}
"""The endings of files of pixels, and the engine's names of their formats."""

ENDINGS = (".svg", ".html", ".json", ".pdf", ".dot", ".gv", ".txt", *PIXELS)
PDF_PACKAGE = "vl-convert-python"
_FIXES = (
    "to have one, `pip install -e '.[pdf]'` in the folder of chainrule, which brings "
    f"{PDF_PACKAGE}, or install Graphviz (its `dot` is found on the PATH), or save as .svg or "
    ".html and print that from a browser"
)
_LONGEST_SIDE = 65_535  # pixels: what a JPEG can hold, and most programs can show
_MOST_PIXELS = 4 * 10**8
_BOXES = 8  # characters without a picture that a warning names
_UNASSIGNED = "\u0378"  # no font has it
_ALONE = f'a [shape=none fixedsize=true width=1 fontname="{FONT}"'
_TEXTS = re.compile(r"<text[^>]*>([^<]*)</text>")
_POINTS = re.compile(r'="([\d.]+)pt"')  # of width and height: the package makes 4/3 pt of 1 pt
_ADAPTING = (
    "@media screen and (prefers-color-scheme: dark) "
    f"{{body {{background: {PAPER.dark}; color: {INK.dark}}}}}\n"
)
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{color-scheme: {scheme}}}
body {{margin: 1rem; background: {light}; color: {ink}; text-align: center}}
svg {{max-width: 100%; height: auto}}
{adapting}@media print {{
  @page {{margin: 1cm}}
  body {{margin: 0; background: none}}
  svg {{max-height: 95vh; break-inside: avoid}}
}}
</style>
</head>
<body>
{svg}</body>
</html>
"""


def check_ending(ending: str) -> None:
    """Raise ValueError for an ending that names no format.

    >>> check_ending(".svg")
    """
    if ending not in ENDINGS:
        raise ValueError(
            f"the ending {ending!r} names no format of a diagram; "
            f"those it knows are {' '.join(ENDINGS)}"
        )


def page(svg: str, title: str, style: Style = "auto") -> str:
    """Make a page with a picture in it, in light or dark colours, printable, without a script.

    >>> "<title>x &lt; y</title>" in page("<svg/>", "x < y")
    True
    """
    is_dark = style == "dark"
    return _PAGE.format(
        title=html.escape(readable(title)), svg=svg,
        scheme="light dark" if style == "auto" else "dark" if is_dark else "light",
        light=PAPER.dark if is_dark else PAPER.light, ink=INK.dark if is_dark else INK.light,
        adapting=_ADAPTING if style == "auto" else "",
    )  # fmt: skip


def json_text(content: Mapping[str, object]) -> str:
    r"""Write JSON with a nan and infinities as strings, and lone surrogates escaped.

    >>> print(json_text({"data": [1.0, math.nan, -math.inf], "name": "\ud83d"}))
    {
      "data": [
        1.0,
        "nan",
        "-inf"
      ],
      "name": "\ud83d"
    }
    <BLANKLINE>
    """
    return json.dumps(_valid(content), indent=2, allow_nan=False) + "\n"


def _valid(x: object) -> object:  # recursion of four levels, as deep as the content
    """Replace numbers that JSON lacks."""
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    if isinstance(x, Mapping):
        return {key: _valid(item) for key, item in x.items()}
    return [_valid(item) for item in x] if isinstance(x, (list, tuple)) else x


def pdf(svg: str, dot: str, engine: EnginePath, timeout: float) -> bytes:
    """Make a PDF: from the SVG if the package for that is installed, else by Graphviz.

    The engine at a path, if there is one, makes it instead of both, from the DOT text.

    Raises EngineError if nothing makes PDF; it names the fixes.
    """
    if engine is not None:
        return render(find_engine(engine, timeout), dot, "pdf", timeout)
    try:
        converter = importlib.import_module("vl_convert")
        return bytes(converter.svg_to_pdf(_POINTS.sub(r'="\1"', svg, count=2)))
    except ImportError:
        return _by_graphviz(dot, timeout)
    except (ValueError, RuntimeError) as error:  # such as an emoji's font
        raise EngineError(f"{PDF_PACKAGE} made no PDF: {error}") from error


def _by_graphviz(dot: str, timeout: float) -> bytes:
    tried = ""
    if system := shutil.which("dot"):
        try:
            return render(find_engine(system, timeout), dot, "pdf", timeout)
        except EngineError as error:
            tried = f" ({error})"
    raise EngineError(f"there is nothing to make a PDF with{tried}; {_FIXES}")


def resolution(scale: object) -> str:
    """The engine's option for the resolution: 96 pixels to the inch, times the scale.

    Raises ValueError for a scale that is no number between 0 and 100.

    >>> resolution(2)
    '-Gdpi=192'
    """
    if not isinstance(scale, (int, float)) or not 0 < scale <= 100:
        raise ValueError(f"scale is a number above 0, up to 100, got {scale!r}")
    return f"-Gdpi={96 * scale:.6g}"


def pixels(
    svg: str, dot: str, ending: str, scale: float, engine: EnginePath, timeout: float
) -> bytes:
    """Make a file of pixels by an engine; warn of characters that its fonts lack.

    Raises EngineError for more pixels than most programs can show.
    """
    _check_pixels(svg, scale)
    found = find_engine(engine, timeout)
    _warn_of_boxes(svg, found, timeout)
    return render(found, dot, PIXELS[ending], timeout, resolution(scale))


def _check_pixels(svg: str, scale: float) -> None:
    width, height = (float(side) * 4 / 3 * scale for side in _POINTS.findall(svg, 0, 400)[:2])
    most = min(_LONGEST_SIDE / max(width, height), (_MOST_PIXELS / (width * height)) ** 0.5)
    if most < 1:
        raise EngineError(
            f"the picture would have {width:,.0f} × {height:,.0f} pixels, which is too much for a "
            "file of pixels: save it as .svg, or at most with "
            f"scale={_rounded_down(scale * most)}, or draw less of it (max_nodes=)"
        )


def _warn_of_boxes(svg: str, engine: Engine, timeout: float) -> None:
    # A system `dot`, which uses the fonts of the machine, draws no two of them the same.
    texts = html.unescape("".join(_TEXTS.findall(svg)))
    others = (c for c in dict.fromkeys(texts) if not c.isascii())
    boxes = list(islice((c for c in others if _is_box(c, engine, timeout)), _BOXES + 1))
    if boxes:
        more = " …" if len(boxes) > _BOXES else ""
        warn(
            f"in a file of pixels {' '.join(boxes[:_BOXES])}{more} are boxes, as the fonts of the "
            "layout engine lack them: save as .svg or .html, which use the fonts of the reader",
            UserWarning,
        )


@lru_cache(1024)
def _is_box(character: str, engine: Engine, timeout: float) -> bool:
    nodes = (f'{_ALONE} label="a{c}"' for c in (character, _UNASSIGNED))
    one, other = (render(engine, f"digraph {{ {n}] }}", "png", timeout) for n in nodes)
    return one == other


def _rounded_down(x: float) -> str:
    """A number in two digits, not larger than it is."""
    step = 10.0 ** (math.floor(math.log10(x)) - 1)
    return f"{math.floor(x / step) * step:.2g}"
