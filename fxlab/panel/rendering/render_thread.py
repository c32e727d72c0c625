"""`RenderThread`: does what is in its mailbox, on a thread that lives while somebody calls."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future

from fxlab.panel.rendering.mailbox import Mailbox, Task
from fxlab.panel.rendering.memory import release_memory
from fxlab.panel.rendering.request import Request

IDLE = 10.0  # seconds without a call after which it ends: a page that vanishes cannot say so


class RenderThread(ABC):
    """A thread that whoever calls starts, and that ends when it is stopped, or when nobody called for long.

    What is called from elsewhere returns at once, but for `run`. One round after the other has the module and the
    signal to itself.
    """

    def __init__(self) -> None:
        self.mail = Mailbox()
        self._changed = self.mail.changed
        self._thread: threading.Thread | None = None
        self._work = threading.Lock()
        """Held by who touches the module and the signal: the thread, or what runs a task in its place."""
        self._deputy: int | None = None

    @abstractmethod
    def _round(self, tasks: list[Task], request: Request | None, dry: bool, *, called: bool) -> None:
        """Do this, on the thread, or what is left to do where nobody `called`; nothing may escape from it."""

    @abstractmethod
    def _starts(self) -> None:
        """The thread is about to start: nobody was there for a while."""

    @property
    @abstractmethod
    def _pause(self) -> float | None:
        """Seconds to wait for a call before there is something to do without one; None: nothing is left to do."""

    # -- called from the kernel's threads -----------------------------------------------------------------------

    def do(self, task: Task) -> None:
        """Run `task` on the thread before the next render; none is dropped, and they keep their order."""
        with self._changed:
            self.mail.tasks.append(task)
            self._wake()

    def soon(self, task: Task) -> None:
        """Run `task` on the thread a moment later, once however often it is asked for meanwhile."""
        with self._changed:
            if self.mail.soon(task):
                self._wake()

    def run(self, task: Callable[[], None]) -> None:
        """Run `task` on the thread where there is one, else in its place, and wait; what it raises is raised here."""
        if self.is_current:
            task()
            return
        if not self.alive:
            with self._work:  # a thread that is started meanwhile waits
                self._deputy = threading.get_ident()
                try:
                    task()
                finally:
                    self._deputy = None
            return
        future: Future[None] = Future()

        def report() -> None:
            try:
                task()
                future.set_result(None)
            except BaseException as error:
                future.set_exception(error)

        self.do(report)
        future.result()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread; a call starts another."""
        with self._changed:
            self.mail.stopping = True
            thread = self._thread
            self._changed.notify_all()
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(wait)

    @property
    def is_current(self) -> bool:
        """Whether this is the thread, or what runs a task in its place."""
        return threading.current_thread() is self._thread or self._deputy == threading.get_ident()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    # -- the thread ---------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if threading.current_thread() is not self._thread:  # what it asks of itself does not keep it alive
            self.mail.stopping = False
        if self._thread is None or not self._thread.is_alive():
            self._starts()
            self._thread = threading.Thread(target=self._live, name="fxlab-render", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _live(self) -> None:
        while True:
            with self._changed:
                pause = self._pause
                called = self.mail.wait(self.mail.called, IDLE if pause is None else pause)
                stopped = self.mail.stopping
                if stopped or not (called or pause is not None):
                    self._thread = None
                    break
                tasks, request, dry = self.mail.take()
            with self._work:
                self._round(tasks, request, dry, called=called)
        if stopped:  # after a rest it may soon go on, and would have to get it all again
            release_memory()
