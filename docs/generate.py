"""Write the files that follow from the code: stubs, the page of operations, sessions, pictures.

`make generate` runs it; a test fails when what is committed is not what it writes.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy_namespace
import operations

from autograd.primitive import TABLE, Primitive
from autograd.system.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make generate` from the table of primitives. Do not edit.\n"


def main() -> None:
    """Write each file whole."""
    for path, content in generated().items():
        print(write_whole(ROOT / path, content))
    for path in (ROOT / "docs" / operations.IMAGES).iterdir():
        if path.relative_to(ROOT).as_posix() not in generated():  # of a row that is no more
            path.unlink()


@functools.cache
def generated() -> dict[str, str]:
    """The content of each generated file, by its path."""
    return {
        "autograd/arrays/functions.pyi": functions_stub(),
        "autograd/methods.pyi": methods_stub(),
        **operations.generated(),
        "docs/numpy.md": numpy_page(),
        **first_pages(),
        "docs/stepping.md": with_sessions((ROOT / "docs" / "stepping.md.in").read_text("utf-8")),
    }


SESSION = re.compile(r"```session (\S+)\n(.*?)```", re.DOTALL)


def with_sessions(text: str) -> str:
    """A page in which each block of a script and commands is replaced by what happens."""
    return SESSION.sub(lambda block: session(block[1], block[2]), text)


@functools.cache
def session(script: str, commands: str) -> str:
    """What a person sees who runs a script under the debugger and types these commands."""
    done = subprocess.run(
        [sys.executable, "-m", "autograd", script],
        input=commands, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"},
    )  # fmt: skip
    # Pythons differ in what they underline.
    error = "".join(line for line in done.stderr.splitlines(True) if line.strip(" ~^\n"))
    return f"```text\n$ python -m autograd {script}\n{error}{done.stdout}```"


BLOCK = re.compile(r"```run (\w+)\n(.*?)```\n", re.DOTALL)
SAME = re.compile(r"```same (\w+)```\n")


@functools.cache
def first_pages() -> dict[str, str]:
    """The README in English, in Chinese with blocks of its code, and the pictures of both."""
    english, chinese = ((ROOT / "docs" / f"{page}.in").read_text("utf-8") for page in FIRST_PAGES)
    blocks = {block[1]: block[0] for block in BLOCK.finditer(english)}
    chinese = SAME.sub(lambda same: blocks[same[1]], chinese)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        pages = dict(zip(FIRST_PAGES, map(with_output, (english, chinese)), strict=True))
        pictures = {f"docs/images/{file}": file.read_text("utf-8") for file in Path().glob("*.svg")}
    return pages | pictures


FIRST_PAGES = ("README.md", "README.zh-CN.md")


def with_output(text: str) -> str:
    """A page below each of whose blocks of code stands what it prints, one after the other."""
    names: dict[str, object] = {"__name__": "__main__"}

    def run(block: re.Match[str]) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(block[2], names)
        shown = "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
        return f"```python\n{block[2]}```\n" + (f"\n```text\n{shown}```\n" if shown else "")

    return BLOCK.sub(run, text)


def numpy_page() -> str:
    """`docs/numpy.md`; with another NumPy than that of the committed page, its list is kept."""
    text = (ROOT / "docs" / "numpy.md.in").read_text("utf-8")
    listed = numpy_namespace.page()
    if (committed := ROOT / "docs" / "numpy.md").exists():
        _, start, rest = committed.read_text("utf-8").partition("With NumPy ")
        if not listed.startswith((start + rest).partition(":")[0]):
            listed = start + rest
    return text.replace("NAMESPACE\n", listed)


def signature(row: Primitive, kinds: list[str]) -> str:
    """The parameters of a row, with the kind of each."""
    parameters = [f"{name}: {kind}" for name, kind in zip(row.operands, kinds, strict=True)]
    for i in range(row.arity, len(row.partials)):
        parameters[i] += " = ..."
    parameters.insert(row.arity, "/")
    return ", ".join(parameters)


def functions_stub() -> str:
    """`autograd/arrays/functions.pyi`: every row as a function."""
    lines = [
        HEADER,
        "from typing import Any, SupportsFloat, TypeAlias, overload",
        "",
        "from autograd.value import Value",
        "",
        "_Scalar: TypeAlias = Value | SupportsFloat",
    ]
    for row in TABLE.values():
        lines += function_stub(row)
    return "\n".join(lines) + "\n"


def function_stub(row: Primitive) -> list[str]:
    """A Value among the operands gives a Value, numbers give a float, arrays something else.

    The last case has the docstring, where editors look for that of all.
    """
    count = len(row.partials)
    kinds = [
        (["_Scalar"] * i + ["Value"] + ["_Scalar"] * (count - i - 1), "Value")
        for i in range(row.arity)
    ]
    kinds += [(["float"] * count, "float"), (["Any"] * count, "Any")]
    lines = [""]
    for kind, result in kinds:
        lines += ["@overload", f"def {row.name}({signature(row, kind)}) -> {result}: ..."]
    return [*lines[:-1], lines[-1].removesuffix(" ..."), f'    """{row.doc}"""']


def methods_stub() -> str:
    """`autograd/methods.pyi`: every row as a method of a Value."""
    lines = [HEADER, "from typing import Any, Self", "", "class Methods:", "    __slots__ = ()"]
    for row in TABLE.values():
        if row.is_method:
            others = "".join(
                f", {name}: Any" + (" = ..." if i + 1 >= row.arity else "")
                for i, name in enumerate(row.operands[1:])
            )
            slash = "" if row.optional else ", /"
            lines += [f"    def {row.name}(self{others}{slash}) -> Self:"]
            lines += [f'        """{row.doc}"""', ""]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
