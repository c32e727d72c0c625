"""`Progress`: tells the page how far a render is, where it takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fxlab.panel.streaming.outbox import Outbox

SLOW = 0.3  # seconds of work after which the page is told of it
EVERY = 0.1  # seconds between what it is told


class Progress:
    """Of one render at a time: `begin` it, `tell` how far it is; nothing is said of one that is quick."""

    def __init__(self, line: Outbox) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._seq = 0
        self._next = 0.0

    def begin(self, seq: int) -> None:
        """The render of `seq` begins now."""
        self._seq, self._next = seq, time.monotonic() + SLOW

    def tell(self, done: float | None) -> None:
        """It is `done` from 0 to 1; None where nobody knows."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            self._line.say(self._line.status(self._seq, "rendering", progress=done))

    @contextmanager
    def unknown(self) -> Iterator[None]:
        """What is done inside says nothing of how far it is: when it takes long the page is told so, by the clock."""
        running = True

        def late() -> None:
            with self._lock:
                if running:
                    self.tell(None)

        timer = threading.Timer(max(0.0, self._next - time.monotonic()) + 0.001, late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            with self._lock:  # nothing of this may follow the answer
                running = False
            timer.cancel()
