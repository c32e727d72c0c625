"""One thread for all of it; see tests/threads.py."""

from tests.threads import one_thread

__all__ = ["one_thread"]
