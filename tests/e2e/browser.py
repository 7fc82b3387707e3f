# SPDX-License-Identifier: Apache-2.0
"""A real browser without a window: Debian's chromium-headless-shell, driven by the DevTools protocol over a pipe
(https://chromedevtools.github.io/devtools-protocol)."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

import pytest
import support

PROGRAM = "chromium-headless-shell"


class Browser:
    """`folder`: for its profile."""

    def __init__(self, folder):
        to_browser, self.requests = os.pipe()
        self.answers, from_browser = os.pipe()
        # It reads descriptor 3 and writes descriptor 4. Root has no sandbox.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", PROGRAM, "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", f"--user-data-dir={folder}"],
            env={"PATH": support.PATH, "HOME": str(folder), "LANG": "C.UTF-8"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(to_browser, from_browser))
        os.close(to_browser)
        os.close(from_browser)
        self.last, self.unread, self.events = 0, b"", []

    def _receive(self):
        """The next message."""
        end = time.monotonic() + support.HANGS
        while b"\0" not in self.unread:
            assert select.select([self.answers], [], [], max(0, end - time.monotonic()))[0], "the browser hangs"
            more = os.read(self.answers, 1 << 20)
            assert more, "the browser has ended"
            self.unread += more
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        """The result of a command. Events that come before it are kept."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.requests, data):]
        while True:
            answer = self._receive()
            if answer.get("id") == self.last:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method, session):
        while not any(event.get("method") == method and event.get("sessionId") == session for event in self.events):
            self.events.append(self._receive())

    def open(self, file, width, dark=False):
        return Tab(self, file, width, dark)

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(timeout=30)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.requests)
            os.close(self.answers)


class Tab:
    """The page in `file`, in a window that is `width` CSS pixels wide, as on a phone when that is little."""

    def __init__(self, browser, file, width, dark):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.url = file.as_uri()
        self.call("Page.navigate", url=self.url)
        browser.wait_for("Page.loadEventFired", self.session)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def events(self, method):
        return [event["params"] for event in self.browser.events
                if event.get("method") == method and event.get("sessionId") == self.session]

    def requested(self):
        """The addresses that the page has asked for, its own left out."""
        return [event["request"]["url"] for event in self.events("Network.requestWillBeSent")
                if event["request"]["url"] != self.url]

    def complaints(self):
        """What is in the browser's console."""
        return [event["entry"]["text"] for event in self.events("Log.entryAdded")] + \
            [event["exceptionDetails"]["text"] for event in self.events("Runtime.exceptionThrown")]

    def screenshot(self, file):
        """The whole page as a PNG file."""
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(image["data"]))


def started(folder):
    """A browser. Skips the test where there is none."""
    if shutil.which(PROGRAM, path=support.PATH) is None:
        pytest.skip(f"{PROGRAM} is not installed (packaging/setup.sh test)")
    return Browser(folder)
