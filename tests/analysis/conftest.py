"""These tests run torch on one thread; see tests/support/threads.py."""

from tests.support.threads import one_thread

__all__ = ["one_thread"]
