"""Chromium without a window, spoken to over a pair of pipes in its own debugging protocol; nothing to install."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

PATIENCE = 30.0
"""Seconds for the browser to answer."""


def found() -> str | None:
    """The browser of this machine; None where it has none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab. ``requests`` are the addresses that it asked for, ``complaints`` what it wrote to its console."""

    def __init__(self, into: int, out_of: int) -> None:
        self._into = into
        self._out_of = out_of
        self._buffer = b""
        self._calls = 0
        self._session = ""
        self._scripts = True
        self._events: list[Mapping[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    # -- speaking

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and wait for what it returns."""
        self._calls += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._calls, "method": method, "params": parameters, **session}
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._calls:
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _next(self) -> Mapping[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._out_of], [], [], PATIENCE)
            if not ready:
                raise TimeoutError(f"the browser said nothing for {PATIENCE:.0f} seconds")
            read = os.read(self._out_of, 1 << 20)
            if not read:
                raise RuntimeError("the browser went away")
            self._buffer += read
        message, self._buffer = self._buffer.split(b"\0", 1)
        heard: Mapping[str, Any] = json.loads(message)
        return heard

    def _told(self, method: str) -> list[Mapping[str, Any]]:
        return [event["params"] for event in self._events if event.get("method") == method]

    # -- what a reader does

    def open(self, path: Path) -> None:
        """Open a file, and wait until it has loaded and was drawn."""
        self._events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self._told("Page.loadEventFired"):
            self._events.append(self._next())
        if self._scripts:
            # Two frames later what was loaded has been drawn.
            self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives, as JSON."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        text = {"Enter": "\r"}.get(key)
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            code = {"Tab": 9, "Enter": 13}[key]
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def media(self, kind: str = "screen", *, dark: bool = False) -> None:
        """Show it as on a screen or on paper, light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=kind, features=[scheme])

    def width(self, pixels: int) -> None:
        """Make the window so wide."""
        self.call("Emulation.setDeviceMetricsOverride", width=pixels, height=900, deviceScaleFactor=1, mobile=False)

    def without_script(self) -> None:
        """Run no script that a page brings along."""
        self._scripts = False
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def printed(self) -> bytes:
        """The page as a PDF."""
        self.call("Emulation.setEmulatedMedia", media="")
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    # -- what it did

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for."""
        return [event["request"]["url"] for event in self._told("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """What the browser found to complain of."""
        return [event["entry"]["text"] for event in self._told("Log.entryAdded")]

    @property
    def dialogs(self) -> Sequence[Mapping[str, Any]]:
        """The dialogs that a script opened."""
        return self._told("Page.javascriptDialogOpening")


@contextlib.contextmanager
def browsing(executable: str, profile: Path) -> Iterator[Page]:
    """A browser with one tab, its profile in a folder of its own."""
    hears, into = os.pipe()
    out_of, says = os.pipe()

    def as_the_protocol_wants() -> None:
        # First away from 3 and 4, which one of them may have.
        ends = (os.dup(hears), os.dup(says))
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    started = subprocess.Popen(  # noqa: S603 - the browser, found on this machine's path
        [executable, *FLAGS, f"--user-data-dir={profile}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=as_the_protocol_wants,  # noqa: PLW1509 - no thread of ours is running yet
        start_new_session=True,
    )
    os.close(hears)
    os.close(says)
    try:
        page = Page(into, out_of)
        yield page
        page.call("Browser.close")
        started.wait(PATIENCE)
    finally:
        os.close(into)
        os.close(out_of)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait(PATIENCE)
