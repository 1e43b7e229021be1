"""Chromium without a window, told what to do over a pipe by its DevTools protocol; needs no package."""

import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SECONDS = 60  # for which an answer is waited for
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
PROBLEMS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


class Browser:
    """One tab; `requests` are the addresses that its pages asked for, `problems` what they threw or wrote."""

    def __init__(self, commands: int, answers: int) -> None:
        self.commands, self.answers, self.read, self.number, self.session = commands, answers, b"", 0, ""
        self.requests: list[str] = []
        self.problems: list[Any] = []
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{domain}.enable")

    def tell(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": arguments}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while (told := self.next_message()).get("id") != self.number:
            self.note(told)
        assert "error" not in told, (method, told["error"])
        return told["result"]

    def open(self, page: Path, width: int = 1200, scheme: str = "light", part: str = "") -> None:
        """Load a page anew, in a window of this width; part: what follows the # in its address."""
        self.tell("Page.navigate", url="about:blank")  # else another part would be no new load
        self._wait_for_load()
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.tell("Page.navigate", url=page.as_uri() + (f"#{part}" if part else ""))
        self._wait_for_load()

    def _wait_for_load(self) -> None:
        while (told := self.next_message()).get("method") != "Page.loadEventFired":
            self.note(told)

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression gives on the page, of a promise what it ends with."""
        told = self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def click(self, selector: str) -> None:
        """Click as a mouse does: what lies above takes it, and what is out of sight is scrolled to."""
        x, y = self.point_at(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def point_at(self, selector: str) -> tuple[float, float]:
        """Move the pointer to the middle of an element, and return where that is."""
        found = f"document.querySelector({json.dumps(selector)})"
        box = f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({found}.getBoundingClientRect())"
        x, y = self.value(f"{found}.scrollIntoView({{block: 'center', inline: 'center'}}), {box}")
        self.tell("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        return x, y

    def press(self, key: str, text: str = "") -> None:
        """Press a key, as Tab; text: what it types, as a carriage return for Enter."""
        for kind in ("keyDown", "keyUp"):
            self.tell("Input.dispatchKeyEvent", type=kind, key=key, code=key, **({"text": text} if text else {}))

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.tell("Input.insertText", text=text)

    def next_message(self) -> dict[str, Any]:
        while b"\0" not in self.read:
            assert select.select([self.answers], [], [], SECONDS)[0], f"Chromium was silent for {SECONDS} s"
            got = os.read(self.answers, 1 << 20)
            assert got, "Chromium ended"
            self.read += got
        message, _, self.read = self.read.partition(b"\0")
        return json.loads(message)

    def note(self, told: dict[str, Any]) -> None:
        if told.get("method") == "Network.requestWillBeSent":
            self.requests.append(told["params"]["request"]["url"])
        if told.get("method") in PROBLEMS:
            self.problems.append(told["params"])


@contextmanager
def start_browser(folder: Path) -> Iterator[Browser]:
    """Start Chromium with an empty profile in `folder`, and end it; it reads from 3 and writes to 4."""
    its_commands, commands = os.pipe()
    answers, its_answers = os.pipe()
    shell = f'exec "$@" 3<&{its_commands} 4>&{its_answers}'
    process = subprocess.Popen(
        ["bash", "-c", shell, "bash", str(CHROMIUM), *FLAGS, f"--user-data-dir={folder}"],
        pass_fds=(its_commands, its_answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(its_commands)
    os.close(its_answers)
    try:
        browser = Browser(commands, answers)
        yield browser
        browser.session = ""
        browser.tell("Browser.close")
        process.wait(SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(commands)
        os.close(answers)
