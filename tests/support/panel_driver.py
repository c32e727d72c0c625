"""A page that acts: it moves sliders, commands, and answers what the kernel asks."""

from __future__ import annotations

import fxlab as fx
from tests.panel.test_panel import Line
from tests.support.browser.server import wait_until

RATE = 8000


class Hand(Line):
    """A page that moves, commands, and answers the kernel's asking as docs/panel-protocol.md has it."""

    def __init__(self, panel: fx.Panel) -> None:
        super().__init__(panel)
        self.seq, self.revision, self.values, self.desk = 0, 0, {}, {}
        self.errors: list[str] = []
        self.say(type="ready", client="page", position=0.0)
        self.settle(0)

    def carry(self, content, buffers):
        for message in content["messages"] if content["type"] == "batch" else [content]:
            if message["type"] == "editor":
                self.desk = message
            elif message["type"] == "status" and message["state"] == "error":
                self.errors.append(message["message"])
            elif message["type"] == "values" and message["seq"] >= self.seq:
                self.values |= message["values"]
                self.revision = message["revision"]
                if message["request_params"]:
                    self.move()
        super().carry(content, buffers)

    def move(self, revision: int | None = None, **values) -> int:
        self.values |= {path.replace("__", "."): value for path, value in values.items()}
        self.seq += 1
        self.panel.params = {
            **{"seq": self.seq, "values": dict(self.values), "position": 0.0, "device": "cpu", "client": "page"},
            "revision": self.revision if revision is None else revision,
        }
        return self.seq

    def settle(self, seq: int) -> None:
        """That render is done, or one after it, which the kernel may have asked for."""
        self.until(
            lambda: any(c["type"] == "status" and c["seq"] >= seq and c["state"] == "idle" for c, _ in self.sent),
            f"render {seq}",
        )

    def moved(self, **values) -> None:
        self.settle(self.move(**values))

    def command(self, name: str, **fields) -> None:
        self.seq += 1
        self.say(type="command", name=name, client="page", seq=self.seq, position=0.0, **fields)
        self.until(lambda: any(c["type"] == "status" and c["seq"] >= self.seq for c, _ in self.sent), name)

    def settle_fault(self, seq: int) -> None:
        """That render failed, and said so."""
        self.until(
            lambda: any(c["type"] == "status" and c["seq"] == seq and c["state"] == "error" for c, _ in self.sent),
            f"the fault of {seq}",
        )

    def ask(self, name: str, **fields) -> None:
        """A command that changes nothing that is heard, and so has no number."""
        self.say(type="query", name=name, client="page", **fields)

    def until(self, ready, what: str) -> None:
        wait_until(ready, 10, what)
