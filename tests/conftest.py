"""What all tests share: the same random numbers on every run, no clock in hypothesis, and who runs beside whom."""

from typing import Any

import pytest
import torch
from hypothesis import settings

settings.register_profile("fxlab", max_examples=20, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("fxlab")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several workers a file's tests stay together, and all that share the browser are one worker's."""
    from xdist.scheduler import LoadFileScheduling

    class ByRoom(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)

    return ByRoom(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)
