"""What a browser test needs and a machine may not have."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def left_out(message: str) -> NoReturn:
    """Leave the test out and say why; where CI=true promises a whole machine, fail."""
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(message)
    pytest.skip(f"LEFT OUT: {message}")
