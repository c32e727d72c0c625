"""LinkwitzRiley: Butterworth twice, and two halves that are as loud as the whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

F = np.geomspace(5, 23_900, 300)


@pytest.mark.parametrize("kind", ["lowpass", "highpass"])
@pytest.mark.parametrize("order", [2, 4, 6, 8, 24])
@pytest.mark.parametrize(("cutoff", "rate"), [(20.0, 48_000.0), (1000.0, 48_000.0), (340_000.0, 768_000.0)])
def test_it_is_scipys_butterworth_twice(order, kind, cutoff, rate):
    sos = signal.butter(order // 2, cutoff, kind, fs=rate, output="sos")
    _, once = signal.freqz_sos(sos, worN=F, fs=rate)
    found = fx.LinkwitzRiley(cutoff, order, kind).response(F, rate).numpy()
    np.testing.assert_allclose(found, once**2, atol=1e-9)


@pytest.mark.parametrize("order", range(2, 26, 2))
def test_the_halves_together_are_as_loud_as_the_whole(order):
    low, high = (fx.LinkwitzRiley(700.0, order, kind) for kind in ("lowpass", "highpass"))
    sign = 1 if order % 4 == 0 else -1
    both = low.response(F, 48_000) + sign * high.response(F, 48_000)
    np.testing.assert_allclose(both.abs().numpy(), 1.0, atol=1e-9)
    turns = (torch.angle(low.response(F, 48_000) / high.response(F, 48_000)) / torch.pi).abs().numpy()
    np.testing.assert_allclose(turns, 0.0 if sign > 0 else 1.0, atol=1e-6)
    np.testing.assert_allclose(20 * np.log10(low.response([700.0], 48_000).abs().item()), -20 * np.log10(2), atol=1e-9)


def test_an_order_that_cannot_be_halved_is_refused():
    with pytest.raises(fx.ParameterError, match="order is 3; it must be a whole multiple of 2 of at least 2"):
        fx.LinkwitzRiley(order=3)
    with pytest.raises(fx.ParameterError, match="multiple"):
        fx.Count(4, low=1, high=24, multiple=2)
