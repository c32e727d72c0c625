"""`PCEN`: its gradients in float32 are those of float64."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx


@pytest.mark.parametrize("level", [1e-6, 1.0, 100.0])
@pytest.mark.parametrize("eps", [1e-9, 1e-6])
def test_the_gradients_in_float32_are_those_of_float64(level, eps):
    x = level * torch.rand(4, 200, generator=torch.Generator().manual_seed(0))
    found = []
    for dtype in (torch.float32, torch.float64):
        pcen = fx.PCEN(eps=eps).learn()
        y = pcen(x.to(dtype), sample_rate=62.5)
        y.sum().backward()
        found.append([y.detach().double(), *(value.grad.double() for value in pcen.parameters())])
    for single, double in zip(*found, strict=True):
        torch.testing.assert_close(single, double, rtol=1e-4, atol=0.0)
