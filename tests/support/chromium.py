"""A headless Chromium for the tests of pages, by the DevTools protocol on a pipe."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from importlib import metadata

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)

WAIT = 30.0
_ON_3_AND_4 = """
import os, sys
os.dup2(int(sys.argv[1]), 3), os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def _axe():
    """Where axe.min.js is: a newer one that the environment names, else that of the package."""
    files = metadata.files("axe-core-python") or []
    bundled = next(str(f.locate()) for f in files if f.name == "axe.min.js")
    return os.environ.get("AXE_CORE", bundled)


class Browser:
    """A Chromium. Messages are JSON between zero bytes, on its file descriptors 3 and 4."""

    def __init__(self, folder):
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (theirs_in, theirs_out)]
        switches = (
            "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--disable-features=IsolateSandboxedIframes", "--remote-debugging-pipe",
            f"--user-data-dir={folder}",
        )  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ON_3_AND_4, *map(str, high), CHROMIUM, *switches],
            pass_fds=high, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for fd in (theirs_in, theirs_out, *high):
            os.close(fd)
        self.count, self.rest, self.events = 0, b"", []

    def call(self, method, session=None, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self.count:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def read(self):
        while b"\0" not in self.rest:
            if not select.select([self.into], [], [], WAIT)[0]:
                raise TimeoutError("Chromium says nothing")
            piece = os.read(self.into, 1 << 16)
            if not piece:
                raise RuntimeError("Chromium has ended")
            self.rest += piece
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def close(self):
        with contextlib.suppress(OSError, RuntimeError):
            self.call("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        os.close(self.out)
        os.close(self.into)


class Page:
    """A tab, and what a reader does in it."""

    def __init__(self, browser):
        self.browser = browser
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.size(1280, 800)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def heard(self, method):
        """The events of a kind that have come since the page was opened."""
        self.call("Runtime.evaluate", expression="0")
        return [e["params"] for e in self.browser.events
                if e.get("method") == method and e.get("sessionId") == self.session]  # fmt: skip

    def open(self, url):
        self.browser.events.clear()
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=str(url))
        self.until("document.readyState === 'complete'")
        self.settle()

    def settle(self):
        """Wait until what has changed is laid out and shown."""
        frame = "new Promise((shown) => requestAnimationFrame(shown))"
        self.run(f"{frame}.then(() => {frame})")

    def run(self, script, context=None):
        where = {"contextId": context} if context else {}
        result = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, **where
        )
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"])[:1000])
        return result["result"].get("value")

    def frames(self):
        """The contexts of the two frames of a page, in which to run scripts."""
        self.until("document.querySelectorAll('iframe').length === 2")
        tree = self.call("Page.getFrameTree")["frameTree"]["childFrames"]
        contexts = {
            e["context"]["auxData"]["frameId"]: e["context"]["id"]
            for e in self.heard("Runtime.executionContextCreated")
        }
        return [contexts[child["frame"]["id"]] for child in tree]

    def until(self, condition):
        end = time.monotonic() + WAIT
        while not self.run(condition):
            assert time.monotonic() < end, condition
            time.sleep(0.02)

    def text(self, selector, context=None):
        return self.run(f"document.querySelector({json.dumps(selector)})?.textContent", context)

    def key(self, name, text=""):
        for kind in ("keyDown", "keyUp"):
            typed = {"windowsVirtualKeyCode": 9} if name == "Tab" else {}
            typed |= {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, **typed)

    def click(self, selector):
        x, y = self.run(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def size(self, width, height, mobile=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=mobile,
        )  # fmt: skip
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)
        self.settle()

    def prefer(self, media="", **features):
        wanted = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=wanted)

    def findings(self):
        """What axe-core has against the page."""
        with open(_axe(), encoding="utf-8") as file:
            self.run(f"{file.read()}; 0")
        # The package's axe is older than ARIA 1.3, which has this attribute.
        allowed = "{checks: {'aria-valid-attr': {options: ['aria-description']}}}"
        violations = "r.violations.map((v) => [v.id, v.nodes[0].html])"
        return self.run(f"axe.run(document, {allowed}).then((r) => {violations})")
