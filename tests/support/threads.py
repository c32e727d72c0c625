"""A single PyTorch thread for tests with thousands of calls on short sounds, where more threads cost time."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Give PyTorch one thread in all tests of the folder whose conftest imports this fixture."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
