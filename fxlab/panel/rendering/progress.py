"""`Progress`: reports the progress of a long render to the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fxlab.panel.streaming.outbox import Outbox

REPORT_AFTER = 0.3  # seconds of work after which the page is informed
REPORT_INTERVAL = 0.1  # seconds between two reports


class Progress:
    """The reporter of the progress of the current render; short renders are not reported."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._seq = 0
        self._next_report = 0.0

    def start(self, seq: int) -> None:
        """Start reporting on the render of request `seq`; the first report is sent 0.3 s later at the earliest."""
        self._seq, self._next_report = seq, time.monotonic() + REPORT_AFTER

    def report(self, fraction: float | None) -> None:
        """Report that `fraction` of the render, from 0 to 1, is done; None if this is unknown.

        Nothing is sent within 0.3 s after `start`, or within 0.1 s after the last report.
        """
        now = time.monotonic()
        if now >= self._next_report:
            self._next_report = now + REPORT_INTERVAL
            self._outbox.send(self._outbox.status(self._seq, "rendering", progress=fraction))

    @contextmanager
    def report_indeterminate(self) -> Iterator[None]:
        """Report once that the render is still running, if the code in the context runs until a report is due."""
        running = True

        def report_if_running() -> None:
            with self._lock:
                if running:
                    self.report(None)

        timer = threading.Timer(max(0.0, self._next_report - time.monotonic()) + 0.001, report_if_running)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            with self._lock:  # no report may follow the status that ends the render
                running = False
            timer.cancel()
