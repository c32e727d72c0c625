"""Pages and panels whose threads are stopped at the end of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

import fxlab as fx
from fxlab.module import Module
from fxlab.signal import Signal
from tests.support.fake_page import Page

RATE = 8000


@pytest.fixture
def noise() -> Signal:
    """Two seconds of stereo at 8 kHz."""
    return Signal(0.2 * torch.randn(2, 2 * RATE, generator=torch.Generator().manual_seed(3)), RATE)


@pytest.fixture
def chain() -> fx.Chain:
    return fx.LowPass(cutoff=500.0) | fx.Peak(gain_db=6.0)


@pytest.fixture
def panel(chain: fx.Chain, noise: Signal) -> Iterator[fx.Panel]:
    """A panel of `chain` with `noise` as its signal."""
    shown = chain.panel(noise)
    yield shown
    shown.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []

    def open_page(module: Module, signal: Signal, **options: Any) -> Page:
        pages.append(Page(module, signal, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()
