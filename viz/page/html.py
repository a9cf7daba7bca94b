"""The HTML of a player's page: one file that makes no request and runs one known script.

Texts of the user enter it twice: in the SVG, which escapes them, and as JSON that the script reads
and shows as text. The page's content security policy allows no script but its own, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from string import Template
from typing import Any

from autograd.text.characters import readable
from viz.appearance import colours
from viz.page.picture import ROOT

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = (
    "pass.js", "folding.js", "words.js", "shapes.js", "view.js",
    "covers.js", "picture.js", "legend.js", "panel.js",
    "search.js", "player.js",
)  # fmt: skip
_ROLES = (
    "PAPER", "INK", "MUTED", "LINE", "FRAME", "INNER_FRAME", "FRAME_LINE", "BOX", "LEAF",
    "POSITIVE", "NEGATIVE", "BAD", "MARK",
)  # fmt: skip
_BUTTONS = {
    "start": ("To the start", "Home", "M6 5v14M19 5 9 12l10 7z"),
    "back": ("Step back", "Left arrow", "M17 5 7 12l10 7z"),
    "play": ("Play or pause", "Space", "M8 5v14l11-7z"),
    "step": ("Step forward", "Right arrow", "M7 5l10 7-10 7z"),
    "turn": ("To the end of the forward pass", "", "M4 6l8 6-8 6zM15 5v14M20 8l-4 4 4 4"),
    "end": ("To the end", "End", "M5 5l10 7-10 7zM18 5v14"),
}

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
<a id="skip" class="skip" href="#controls">Skip to the controls</a>
<header>
<h1 id="title">$title</h1>
<p id="caption" hidden></p>
<div class="search" role="search">
<input id="query" type="search" placeholder="Find a name or a number" aria-label="Find a node by \
name or number" autocomplete="off" spellcheck="false">
<p id="matches" role="status"></p>
<ul id="hits" hidden></ul>
</div>
</header>
<main>
<section id="stage" aria-label="Computation graph">
$picture
<div class="zoom" role="group" aria-label="View">
<button id="folds" title="Fold or unfold all frames (F); one of them with f">Fold all</button>
<button id="closer" aria-label="Zoom in" title="Zoom in">+</button>
<button id="farther" aria-label="Zoom out" title="Zoom out">−</button>
<button id="fit" title="Show the whole graph">Fit</button>
</div>
</section>
<ul id="legend" aria-label="Legend"></ul>
<section id="message" aria-label="What happens" aria-live="polite" aria-atomic="true">
<p id="words"></p>
<p id="formula"></p>
</section>
<section id="controls" aria-label="Controls" tabindex="-1">
<div class="time">
<input id="slider" type="range" min="0" step="1" value="0" aria-label="Step">
<p class="passes" aria-hidden="true"><span>forward</span><span>backward</span></p>
</div>
<div class="buttons">
$buttons
<label>Speed <select id="speed"><option value="0.5">½ ×</option><option value="1" selected>1 ×\
</option><option value="2">2 ×</option><option value="4">4 ×</option><option value="16">16 ×\
</option></select></label>
<button id="explain" aria-controls="legend" title="What lines and numbers on arrows say">Legend\
</button>
<span id="where"></span>
<a id="link" href="#step=0" title="A link to this step, to copy">link</a>
</div>
</section>
<aside id="panel" aria-label="The chosen node" tabindex="0" hidden></aside>
</main>
<noscript><p>The steps need JavaScript; the picture shows the end of the pass.</p></noscript>
<script type="application/json" id="data">$data</script>
<script>$script</script>
</body>
</html>
""")


def page(data: dict[str, Any], picture: str) -> str:
    """The text of the page, from `as_data.page_data` and `picture.svg`."""
    script = "\n".join((_STATIC / name).read_text("utf-8") for name in _SCRIPTS)
    sheet = _colours() + colours.style_sheet(ROOT) + "\n"
    sheet += (_STATIC / "player.css").read_text("utf-8")
    sheet = sheet.replace("@media (prefers", "@media screen and (prefers")  # not for print
    return _PAGE.substitute(
        policy=(
            f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(sheet)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        title=html.escape(readable(data["title"])),
        style=sheet,
        picture=picture,
        buttons="\n".join(_button(name, *how) for name, how in _BUTTONS.items()),
        data=embedded(data),
        script=script,
    )


def embedded(data: object) -> str:
    r"""Return JSON that is safe in a script element, without any character of markup.

    >>> print(embedded({"name": "</script>&\u2028"}))
    {"name":"\u003c/script\u003e\u0026\u2028"}
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def in_iframe(text: str, title: str) -> str:
    """Return a page in an iframe, which isolates its script and its styles."""
    return (
        '<iframe sandbox="allow-scripts" width="100%" height="680" '
        f'style="border: 0; width: 100%; height: 680px" title="{html.escape(title)}" '
        f'srcdoc="{html.escape(text)}"></iframe>'
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _colours() -> str:
    """The diagram's colours as CSS variables, light and dark."""
    roles = {role.lower().replace("_", "-"): getattr(colours, role) for role in _ROLES}
    light = "; ".join(f"--{name}: {colour.light}" for name, colour in roles.items())
    dark = "; ".join(f"--{name}: {colour.dark}" for name, colour in roles.items())
    return (
        f":root {{{light}; --mono: {colours.FONTS}}}\n"
        f"@media (prefers-color-scheme: dark) {{:root {{{dark}}}}}\n"
    )


def _button(name: str, label: str, key: str, drawing: str) -> str:
    hint = f"{label} ({key})" if key else label
    pause = '<path class="pause" d="M7 5h4v14H7zM13 5h4v14h-4z"/>' if name == "play" else ""
    icon = f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{drawing}"/>{pause}</svg>'
    return f'<button id="{name}" aria-label="{label}" title="{hint}">{icon}</button>'
