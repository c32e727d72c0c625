"""Waiting for a condition, with a limit that a busy machine does not reach."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT = 120.0  # seconds; only a test that fails waits that long


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str], seconds: float = LIMIT) -> None:
    """Poll until `condition` holds.

    Args:
        condition: Called after 20 ms, and then at intervals that grow to 80 ms, because each call costs processor time.
        what: The event that is waited for, for the error message.
        seconds: The longest time to wait.

    Raises:
        AssertionError: `condition` did not hold within `seconds`.
    """
    end, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(pause)
        pause = min(1.2 * pause, 0.08)
    raise AssertionError(f"waited {seconds:g} s for {what if isinstance(what, str) else what()}")
