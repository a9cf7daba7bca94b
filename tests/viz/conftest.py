"""A browser for the tests of a player's page."""

import pytest
from chromium import Browser, Page

import viz


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(browser):
    return Page(browser)


@pytest.fixture
def opened(page, tmp_path):
    """Opens a player's page, and asserts that it ran without an error."""
    page.size(1280, 800)
    page.prefer(prefers_reduced_motion="reduce")

    def open_player(output, hash="", **options):
        player = output if isinstance(output, viz.Player) else viz.player(output, **options)
        path = player.save(tmp_path / "steps.html")
        page.open(f"{path.as_uri()}{hash}")
        return page

    yield open_player
    assert page.heard("Runtime.exceptionThrown") == []
    assert page.heard("Log.entryAdded") == []
    asked = [e["request"]["url"] for e in page.heard("Network.requestWillBeSent")]
    assert all(url.startswith(("file://", "about:")) for url in asked)
