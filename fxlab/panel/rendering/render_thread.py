"""`RenderThread`: runs the work in its mailbox on a thread that ends when it is not used."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future, wait

from fxlab.panel.rendering.mailbox import Mailbox, Task
from fxlab.panel.rendering.memory import release_memory
from fxlab.panel.rendering.request import RenderRequest

ALIVE_CHECK = 1.0  # seconds after which a caller that waits for a task checks whether the thread is alive
IDLE_TIMEOUT = 10.0  # seconds without work after which the thread ends: a page may disappear without a message


class RenderThread(ABC):
    """A thread that starts when work arrives, and ends when it is stopped or has had no work for some time.

    The methods that other threads call return at once, except `run`, and `stop` with a time to wait. Only one round of
    work at a time uses the module and the signal.
    """

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._changed = self.mailbox.changed
        self._thread: threading.Thread | None = None
        self._work_lock = threading.Lock()
        """Held while the module and the signal are used: by this thread, or by a caller that runs a task itself."""
        self._inline_thread_id: int | None = None
        """The identifier of the calling thread on which `run` executes a task; None if there is none."""

    @abstractmethod
    def _process(self, tasks: list[Task], request: RenderRequest | None, dry: bool, *, has_work: bool) -> None:
        """Process the given work on the thread, or idle work if `has_work` is False; must not raise an exception.

        The other arguments are the results of `Mailbox.take_work`.
        """

    @abstractmethod
    def _on_start(self) -> None:
        """Prepare for a new thread; called immediately before it starts."""

    @property
    @abstractmethod
    def _idle_delay(self) -> float | None:
        """Seconds without work after which idle work is due; None if there is no idle work."""

    # -- called from the kernel's threads -----------------------------------------------------------------------

    def submit(self, task: Task) -> None:
        """Have the thread run `task` before the next render; all tasks are run, in order."""
        with self._changed:
            self.mailbox.tasks.append(task)
            self._wake()

    def submit_delayed(self, task: Task) -> None:
        """Have the thread run `task` after a short delay; until then, further delayed tasks are dropped."""
        with self._changed:
            if self.mailbox.add_delayed(task):
                self._wake()

    def run(self, task: Task) -> None:
        """Run `task` on the thread if it is alive, otherwise on the calling thread, and wait for it.

        An exception that `task` raises is raised again.
        """
        if self.is_current:
            task()
            return
        if not self.is_alive:
            with self._work_lock:  # a thread that starts meanwhile waits for this lock
                self._inline_thread_id = threading.get_ident()
                try:
                    task()
                finally:
                    self._inline_thread_id = None
            return
        future: Future[None] = Future()

        def run_and_report() -> None:
            try:
                task()
                future.set_result(None)
            except BaseException as error:
                future.set_exception(error)

        self.submit(run_and_report)
        while not future.done():
            wait([future], ALIVE_CHECK)
            with self._changed:
                thread = self._thread
                if self.mailbox.tasks and (thread is None or not thread.is_alive()):  # it ended meanwhile
                    self._wake()
        future.result()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread, and wait up to `wait` seconds for its end; new work starts another thread."""
        with self._changed:
            self.mailbox.stopping = True
            thread = self._thread
            self._changed.notify_all()
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(wait)

    @property
    def is_current(self) -> bool:
        """Whether the caller runs on this thread, or in a task that `run` executes in the caller's thread."""
        return threading.current_thread() is self._thread or self._inline_thread_id == threading.get_ident()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread is not None and self._thread.is_alive()

    # -- the thread ---------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if threading.current_thread() is not self._thread:  # work that the thread submits does not keep it alive
            self.mailbox.stopping = False
        if self._thread is None or not self._thread.is_alive():
            self._on_start()
            self._thread = threading.Thread(target=self._run_loop, name="fxlab-render", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run_loop(self) -> None:
        while True:
            with self._changed:
                idle_delay = self._idle_delay
                timeout = IDLE_TIMEOUT if idle_delay is None else idle_delay
                has_work = self.mailbox.wait_for(self.mailbox.has_work, timeout)
                stopped = self.mailbox.stopping
                if stopped or not (has_work or idle_delay is not None):
                    self._thread = None
                    break
                tasks, request, dry = self.mailbox.take_work()
            with self._work_lock:
                self._process(tasks, request, dry, has_work=has_work)
        if stopped:  # after a timeout the page may soon come back, and the memory would have to be allocated again
            release_memory()
