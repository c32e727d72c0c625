"""The mailbox of the render worker: a slot for a request, whose newest wins, and a queue for what must not be lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fxlab.panel.rendering.request import Request
from fxlab.panel.streaming.send_queue import Ask

GATHER = 0.03  # seconds in which changes from elsewhere become one

Task = Callable[[], None]


class Mailbox:
    """What the worker is to do; filled from any thread with `changed` held, emptied by the worker's."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.request: Request | None = None
        self.dry = False
        """The request is to bring the input too."""
        self.ask: Ask | None = None
        self.tasks: list[Task] = []
        self.stopping = False
        self._soon: tuple[float, Task] | None = None

    def soon(self, task: Task) -> bool:
        """Have `task` done a moment later, once however often it is asked for; False where it waits already."""
        if self._soon is not None:
            return False
        self._soon = (time.monotonic() + GATHER, task)
        return True

    def take(self) -> tuple[list[Task], Request | None, bool]:
        """The tasks that wait; only where there are none the request, and whether it is to bring the input."""
        tasks, self.tasks = self.tasks, []
        if self._due:
            assert self._soon is not None
            tasks.append(self._soon[1])
            self._soon = None
        if tasks:
            return tasks, None, False
        request, self.request = self.request, None
        dry, self.dry = self.dry, False
        return tasks, request, dry

    def taken_ask(self) -> Ask | None:
        """What a page asked, once."""
        ask, self.ask = self.ask, None
        return ask

    def overtaken(self) -> bool:
        """Whether there is something newer to do."""
        return self.request is not None or bool(self.tasks) or self.stopping or self._due

    def called(self) -> bool:
        """The same, or a page asks for what lies before its playhead, which overtakes nothing."""
        return self.overtaken() or self.ask is not None

    def wait(self, called: Callable[[], bool], seconds: float) -> bool:
        """With `changed` held, wait until it is `called`; False where nothing came."""
        end = time.monotonic() + seconds
        while not called():
            left = (end if self._soon is None else min(end, self._soon[0])) - time.monotonic()
            if time.monotonic() >= end:
                return False
            self.changed.wait(max(left, 0.001))
        return True

    @property
    def _due(self) -> bool:
        return self._soon is not None and time.monotonic() >= self._soon[0]
