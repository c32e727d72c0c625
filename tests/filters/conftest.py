"""Run all tests of this folder with one thread; see tests/support/threads.py."""

from tests.support.threads import one_thread

__all__ = ["one_thread"]
