"""What all tests share: the same random numbers on every run, and no clock in hypothesis."""

import pytest
import torch
from hypothesis import settings

settings.register_profile("fxlab", max_examples=20, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("fxlab")


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)
