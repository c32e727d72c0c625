"""The number of PyTorch threads: one for tests with thousands of calls on short sounds, two where threads matter."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Give PyTorch one thread in all tests of the folder whose conftest imports this fixture."""
    yield from _with_threads(1)


@pytest.fixture(autouse=True, scope="module")
def two_threads() -> Iterator[None]:
    """Give PyTorch two threads in all tests of the file that imports this fixture."""
    yield from _with_threads(2)


def _with_threads(count: int) -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(count)
    yield
    torch.set_num_threads(threads)
