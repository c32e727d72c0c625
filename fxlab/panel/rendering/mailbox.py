"""`Mailbox`: the pending work of the render thread: the newest request and a queue of tasks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.streaming.audio_request import AudioRequest

COALESCE_SECONDS = 0.03  # seconds of delay, so that changes in quick succession are handled together

Task = Callable[[], None]


class Mailbox:
    """The pending work of the render thread. A new request replaces a request that is still pending.

    Any thread that holds `changed` may add work; the render thread removes it.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.request: RenderRequest | None = None
        self.dry = False
        """Whether the input is sent together with the render of the next request."""
        self.audio_request: AudioRequest | None = None
        self.tasks: list[Task] = []
        self.stopping = False
        self._delayed: tuple[float, Task] | None = None

    def add_delayed(self, task: Task) -> bool:
        """Schedule `task` to run after `COALESCE_SECONDS`, and return True.

        If a delayed task is already pending, drop `task` and return False.
        """
        if self._delayed is not None:
            return False
        self._delayed = (time.monotonic() + COALESCE_SECONDS, task)
        return True

    def take_work(self) -> tuple[list[Task], RenderRequest | None, bool]:
        """Remove and return the pending tasks, or if there are none, the pending request.

        A delayed task is pending from its time on.

        Returns:
            The tasks, the request, and whether the input is sent too. The request is None if there are tasks, or if no
            request is pending.
        """
        tasks, self.tasks = self.tasks, []
        if self._delayed_is_due:
            assert self._delayed is not None
            tasks.append(self._delayed[1])
            self._delayed = None
        if tasks:
            return tasks, None, False
        request, self.request = self.request, None
        dry, self.dry = self.dry, False
        return tasks, request, dry

    def take_audio_request(self) -> AudioRequest | None:
        """Remove and return the pending request of a page for more audio; None if there is none."""
        request, self.audio_request = self.audio_request, None
        return request

    def is_superseded(self) -> bool:
        """Return whether newer work than the current render is pending, or the thread is to be stopped."""
        return self.request is not None or bool(self.tasks) or self.stopping or self._delayed_is_due

    def has_work(self) -> bool:
        """Return whether any work is pending, including a request for more audio, which does not supersede a render."""
        return self.is_superseded() or self.audio_request is not None

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait, with `changed` held, until `condition` returns True; return False after a timeout of `seconds`."""
        end = time.monotonic() + seconds
        while not condition():
            timeout = (end if self._delayed is None else min(end, self._delayed[0])) - time.monotonic()
            if time.monotonic() >= end:
                return False
            self.changed.wait(max(timeout, 0.001))
        return True

    @property
    def _delayed_is_due(self) -> bool:
        return self._delayed is not None and time.monotonic() >= self._delayed[0]
