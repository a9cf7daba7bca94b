"""Names of Values that try to break out of whatever they are written into."""

# What a name is, and what the box shows of it: the same text unless it has no picture or is long.
NAMES = {
    'say "hi"': 'say "hi"',
    "it's": "it's",
    "<b>bold</b>": "<b>bold</b>",
    "</text><script>": "</text><script>",
    "&amp; & &#65;": "&amp; & &#65;",
    "{a|b|<c>}": "{a|b|<c>}",
    "tail\\": "tail\\",
    "\\N \\G \\E \\l": "\\N \\G \\E \\l",
    "\\\\N": "\\\\N",
    '\\"': '\\"',
    "two\nlines": "two\\nlines",
    "tab\tnul\0": "tab\\tnul\\x00",
    "🎉 猫": "🎉 猫",
    "\u202eright to left": "\\u202eright to left",
    "\u200fmark": "\\u200fmark",
    "half \ud83d": "half \\ud83d",
    "\ufffe\x85\u2028": "\\ufffe\\x85\\u2028",
    "javascript:alert(1)": "javascript:alert(1)",
    "]]> <!-- -->": "]]> <!-- -->",
    "%s {0} $x": "%s {0} $x",
    "<TABLE>": "<TABLE>",
    ";} digraph {": ";} digraph {",
}
