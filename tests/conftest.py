"""What all tests share: the same random numbers on every run, no clock in hypothesis, and who runs beside whom."""

import os
from typing import Any

import pytest
import torch
from hypothesis import settings

settings.register_profile("fxlab", max_examples=20, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("fxlab")


def pytest_configure() -> None:
    """Beside others a worker computes on one core: PyTorch's threads spin while they wait, and they would all wait."""
    if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
        torch.set_num_threads(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With several workers one begins with the browser, the others with the rest, and who is done helps the other."""
    from xdist.scheduler import LoadFileScheduling

    class ByRoom(LoadFileScheduling):
        def _assign_work_unit(self, node: Any) -> None:
            browsing = node.gateway.id == "gw0"
            own = (file for file in self.workqueue if file.startswith("tests/browser/") == browsing)
            if (file := next(own, None)) is not None:
                self.workqueue.move_to_end(file, last=False)
            super()._assign_work_unit(node)

    return ByRoom(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)
