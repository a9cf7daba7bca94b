"""What the gallery shows is what its code makes; its pictures are small and can stand alone."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docs_modules import ROOT, docs_module

gallery = docs_module("gallery")


@pytest.fixture(scope="module")
def files():
    return gallery.generated()


def test_it_is_fresh(files):
    stale = [p for p, text in files.items() if (ROOT / p).read_text(encoding="utf-8") != text]
    assert stale == [], "run `make gallery`"


def test_every_image_that_is_shown_is_there_and_every_one_there_is_shown():
    links = re.findall(r"\]\(([^)]*\.(?:svg|png))\)", gallery.page())
    shown = {Path("docs", link).as_posix() for link in links}
    there = {p.relative_to(ROOT).as_posix() for p in (ROOT / gallery.IMAGES).iterdir()}
    assert shown == there


def test_images_are_small():
    sizes = {p.name: p.stat().st_size for p in (ROOT / gallery.IMAGES).iterdir()}
    assert max(sizes.values()) < 150_000
    assert sum(sizes.values()) < 1_000_000


def test_pictures_say_what_they_are_and_ask_for_nothing(files):
    pictures = {path: text for path, text in files.items() if path.endswith(".svg")}
    assert pictures
    for path, text in pictures.items():
        root = ElementTree.fromstring(text)
        assert root.get("role") == "img", path
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", text), path
        assert not list(root.iter("{http://www.w3.org/2000/svg}script")), path
