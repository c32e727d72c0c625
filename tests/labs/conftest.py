"""A signal to play."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx


@pytest.fixture
def noise() -> fx.Signal:
    """Return one second of stereo noise at 8 kHz."""
    return fx.Signal(0.1 * torch.randn(2, 8000, generator=torch.Generator().manual_seed(3)), 8000)
