"""Skipping a browser test where the machine lacks what it needs."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_or_fail(message: str) -> NoReturn:
    """Skip the test with `message`; fail instead if the environment variable `CI` is true.

    In continuous integration everything is installed, so a test that is skipped there would be an error.
    """
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(message)
    pytest.skip(f"LEFT OUT: {message}")
