"""Sections in SciPy's pairing, order and scaling, row by row."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx
from tests.filters.classical.test_classical import BANDS, FAMILIES, KINDS

RATE = 48_000.0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_rows_are_scipys(family, kind):
    make, design, levels = FAMILIES[family]
    for order, edges, level in itertools.product([1, 2, 3, 5, 8, 13], [(200.0, 900.0), (6000.0, 18_000.0)], levels):
        at = edges if kind in BANDS else edges[0]
        made = make(at, order, kind, *level)
        found = made.sos(RATE, pairing="scipy")
        expected = design(order, *level, at, kind, fs=RATE, output="sos")
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=0)
        hertz = np.geomspace(20, 23_000, 40)
        ours, theirs = (signal.freqz_sos(sos.numpy(), hertz, fs=RATE)[1] for sos in (made.sos(RATE), found))
        np.testing.assert_allclose(ours, theirs, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", [1, 4, 7])
def test_zeros_and_poles_are_paired_as_in_scipys_zpk2sos(order, kind):
    z, p, k = signal.ellip(order, 1, 50, [0.1, 0.4] if kind in BANDS else 0.1, kind, output="zpk")
    found = fx.ZPK(z, p, k).sos(RATE, pairing="scipy")
    np.testing.assert_allclose(found, signal.zpk2sos(z, p, k), rtol=1e-12, atol=1e-15)


def test_other_filters_batches_and_delays():
    bessel = fx.Bessel(2000.0, 5, norm="mag").sos(RATE, pairing="scipy")
    np.testing.assert_allclose(bessel, signal.bessel(5, 2000.0, norm="mag", fs=RATE, output="sos"), rtol=1e-12)
    both = {"cutoff": torch.tensor([500.0, 900.0]), "ripple_db": torch.tensor([0.5, 1.0])}
    batch = fx.Chebyshev1(**both, order=4).sos(RATE, pairing="scipy")
    for rows, cutoff, ripple in zip(batch, *both.values(), strict=True):
        expected = signal.cheby1(4, ripple.item(), cutoff.item(), fs=RATE, output="sos")
        np.testing.assert_allclose(rows, expected, rtol=1e-12)
    hertz = [100.0, 3000.0, 20_000.0]
    for made in (
        fx.ZPK([], [0.5, 0.2, 0.1], 0.3),
        fx.LowPass(900.0) | fx.Peak(500.0, 6.0),
        fx.TransferFunction(*signal.butter(3, 0.2)),
        fx.FIR([0.5, 0.2, 0.1, 0.7]),
    ):
        rows = fx.SOS(made.sos(RATE, pairing="scipy"))
        torch.testing.assert_close(rows.response(hertz, RATE), made.response(hertz, RATE), rtol=1e-9, atol=1e-12)
    with pytest.raises(fx.ParameterError, match="Butterworth: pairing is 'nearest'; it must be 'fxlab' or 'scipy'"):
        fx.Butterworth().sos(RATE, pairing="nearest")


def test_a_family_of_ones_own_is_paired_from_its_roots():
    class Flat(fx.Butterworth):
        def _scipy_type(self):
            return None

    np.testing.assert_allclose(
        Flat(900.0, 4).sos(RATE, pairing="scipy"), signal.butter(4, 900.0, fs=RATE, output="sos"), rtol=1e-9, atol=1e-12
    )
