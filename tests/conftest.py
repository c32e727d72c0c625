"""What all tests share: the same random numbers on every run, no clock in hypothesis, and who runs beside whom."""

import pytest
import torch
from hypothesis import settings

settings.register_profile("fxlab", max_examples=20, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("fxlab")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers a file's tests stay together, and all that share the browser are one worker's."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group("browser" if folder == "browser" else str(item.path)))


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)
