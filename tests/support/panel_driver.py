"""Pages without a browser: `PanelClient` exchanges messages with a panel, `PanelDriver` acts as a user does."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import fxlab as fx
from tests.support.browser.wait import LIMIT, wait_until
from tests.support.fake_page import unbatched

RATE = 8000


class PanelClient:
    """The connection of a page to a panel; it keeps the messages that arrive, and acknowledges the audio."""

    def __init__(self, panel: fx.Panel) -> None:
        self.panel = panel
        self.changed = threading.Condition()
        self.received: list[tuple[dict[str, Any], list[bytes]]] = []
        panel.send = self.receive

    def receive(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        messages = list(unbatched(content, buffers))
        with self.changed:
            self.received += messages
            self.changed.notify_all()
        self.send(type="ack", client="page", received=[c["id"] for c, _ in messages if c["type"] == "audio"])

    def send(self, **message: Any) -> None:
        self.panel._handle_custom_msg(message, [])

    def has_status(self, state: str, is_meant: Callable[[int], bool]) -> bool:
        return any(c["type"] == "status" and c["state"] == state and is_meant(c["seq"]) for c, _ in list(self.received))

    def wait_for_render(self, seq: int) -> None:
        """Wait until the render of that number is complete."""
        with self.changed:
            done = self.changed.wait_for(lambda: self.has_status("idle", lambda number: number == seq), LIMIT)
            assert done, f"waited {LIMIT:g} s for render {seq}: {[c for c, _ in self.received]}"


class PanelDriver(PanelClient):
    """A page whose user moves sliders and presses buttons; it answers the kernel as docs/panel-protocol.md says.

    The test acts on one thread, and the answers to the kernel are made on its threads. As from a real page, the panel
    receives all messages with a sequence number one after the other, in ascending order of this number.
    """

    def __init__(self, panel: fx.Panel) -> None:
        super().__init__(panel)
        self.seq, self.revision, self.values, self.editor = 0, 0, {}, {}
        self.errors: list[str] = []
        self._lock = threading.RLock()  # of all of the above and below; it is not held while the panel runs
        self._unsent: deque[Callable[[], None]] = deque()
        self._is_sending = False
        self.send(type="ready", client="page", position=0.0)
        self.wait_for_render(0)

    def receive(self, content, buffers):
        for message in content["messages"] if content["type"] == "batch" else [content]:
            if message["type"] == "editor":
                self.editor = message
            elif message["type"] == "status" and message["state"] == "error":
                self.errors.append(message["message"])
            elif message["type"] == "values":
                self._follow(message)
        super().receive(content, buffers)

    def _follow(self, message: dict[str, Any]) -> None:
        with self._lock:
            if message["seq"] < self.seq:
                return
            self.values = {**self.values, **message["values"]}
            self.revision = message["revision"]
            if message["request_params"]:
                self._enqueue_values(self.revision)
        self._send_queue()

    def send_values(self, revision: int | None = None, **values) -> int:
        """Change values, whose paths have `__` in place of dots, and send all; return the sequence number."""
        with self._lock:
            self.values = {**self.values, **{path.replace("__", "."): value for path, value in values.items()}}
            seq = self._enqueue_values(self.revision if revision is None else revision)
        self._send_queue()
        return seq

    def _enqueue_values(self, revision: int) -> int:
        self.seq += 1
        params = {"seq": self.seq, "values": self.values, "position": 0.0, "device": "cpu", "client": "page"}
        self._unsent.append(lambda: setattr(self.panel, "params", {**params, "revision": revision}))
        return self.seq

    def _send_queue(self) -> None:
        """Send the messages of the queue; if another thread, or a caller of this one, is sending, it sends them."""
        while True:
            with self._lock:
                if self._is_sending or not self._unsent:
                    return
                self._is_sending, send = True, self._unsent.popleft()
            try:
                send()
            finally:
                with self._lock:
                    self._is_sending = False

    def set_values(self, **values) -> None:
        """Send changed values, and wait for their render."""
        self.wait_for_render(self.send_values(**values))

    def wait_for_render(self, seq: int) -> None:
        """Wait until that render is complete, or one after it, for which the kernel may have asked."""
        self.wait_until(lambda: self.has_status("idle", lambda number: number >= seq), f"render {seq}")

    def wait_for_error(self, seq: int) -> None:
        """Wait until that render has failed."""
        self.wait_until(lambda: self.has_status("error", lambda number: number == seq), f"the error of {seq}")

    def command(self, name: str, **fields) -> None:
        """Send a command, and wait for the status of its render."""
        with self._lock:
            self.seq += 1
            message = {"type": "command", "name": name, "client": "page", "seq": self.seq, "position": 0.0, **fields}
            self._unsent.append(lambda: self.send(**message))
        self._send_queue()
        self.wait_until(
            lambda: any(c["type"] == "status" and c["seq"] >= message["seq"] for c, _ in list(self.received)), name
        )

    def query(self, name: str, **fields) -> None:
        """Send a query."""
        self.send(type="query", name=name, client="page", **fields)

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        wait_until(lambda: bool(condition()), what)
