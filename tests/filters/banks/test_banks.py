"""LogFilterBank, MelBank and GammatoneBank: their edges and responses against SciPy and torchaudio."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx
from fxlab.engine import sos_to_tf
from fxlab.filters.banks.gammatone_bank import bandwidth

RATE = 48_000.0
F = np.geomspace(10, 23_900, 300)
BANKS = {
    "log": lambda low=60.0, high=9000.0, **p: fx.LogFilterBank(low, high, 6, **p),
    "mel": lambda low=60.0, high=9000.0, **p: fx.MelBank(low, high, 6, **p),
    "slaney": lambda low=60.0, high=9000.0, **p: fx.MelBank(low, high, 6, "slaney", **p),
    "gammatone": lambda low=60.0, high=9000.0, **p: fx.GammatoneBank(low, high, 6, **p),
}


# -- evenly spaced banks --------------------------------------------------------------------------------------------


def test_log_edges_are_a_geometric_sequence():
    edges = fx.LogFilterBank(50.0, 12_800.0, 8).edges(RATE)
    np.testing.assert_allclose(edges[:, 0].numpy(), np.geomspace(50, 6400, 8), rtol=1e-12)
    torch.testing.assert_close(edges[1:, 0], edges[:-1, 1])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_each_band_matches_scipys_butterworth(order):
    for bank in (fx.LogFilterBank(order=order), fx.MelBank(order=order)):
        for actual, edges in zip(bank.band_responses(F, RATE).numpy(), bank.edges(RATE).tolist(), strict=True):
            sos = signal.butter(order, edges, "bandpass", fs=RATE, output="sos")
            np.testing.assert_allclose(actual, signal.freqz_sos(sos, worN=F, fs=RATE)[1], atol=1e-8)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize(
    ("bands", "low", "high", "points", "rate"), [(20, 50.0, 7600.0, 513, 16_000), (40, 80.0, 10_000.0, 257, 22_050)]
)
def test_mel_triangles_match_torchaudio(scale, bands, low, high, points, rate):
    from torchaudio.functional import melscale_fbanks

    expected = melscale_fbanks(points, low, high, bands, rate, None, scale)
    actual = fx.MelBank(low, high, bands, scale).triangles(points, rate)
    torch.testing.assert_close(actual.float(), expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_mel_bands_have_the_centers_of_the_triangles(scale):
    bank = fx.MelBank(50.0, 7600.0, 12, scale)
    grid = torch.linspace(0, 12_000, 24_001, dtype=torch.float64)
    triangles = bank.triangles(24_001, 24_000)
    np.testing.assert_allclose(grid[triangles.argmax(0)].numpy(), bank.centers(24_000).numpy(), atol=0.5)
    edges = bank.edges(24_000)
    torch.testing.assert_close(edges[1:, 0], edges[:-1, 1])
    assert (edges[1:, 0] > bank.centers(24_000)[:-1]).all()


# -- gammatones -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8000.0, 16_000.0, 48_000.0])
def test_each_band_matches_scipys_gammatone(rate):
    bank = fx.GammatoneBank(80.0, 3900.0, 9)
    b, a = sos_to_tf(torch.stack([band.sos() for band in bank.filters(rate)]))
    for number, center in enumerate(bank.centers(rate).tolist()):
        expected = signal.gammatone(center, "iir", fs=rate)
        np.testing.assert_allclose(a[number].numpy(), expected[1], rtol=1e-9)
        np.testing.assert_allclose(b[number, :5].numpy(), expected[0], rtol=1e-6, atol=1e-9 * abs(expected[0]).max())


@pytest.mark.slow
def test_gammatones_have_0_db_at_the_center_and_the_bandwidth_of_the_ear():
    bank = fx.GammatoneBank()
    centers = bank.centers(RATE)
    at_center = bank.band_responses(centers, RATE).diagonal().abs()
    np.testing.assert_allclose(at_center.numpy(), 1.0, atol=1e-12)
    # Glasberg and Moore: ERB = 24.7 (4.37 f / 1000 + 1) Hz, and there are 15.6 of them below 1 kHz.
    f = torch.tensor([100.0, 1000.0, 4000.0], dtype=torch.float64)
    np.testing.assert_allclose(bandwidth(f).numpy(), 24.7 * (4.37 * f.numpy() / 1000 + 1), rtol=1e-3)
    erb_rate = 21.4 * np.log10(0.00437 * centers.numpy() + 1)
    np.testing.assert_allclose(np.diff(erb_rate), np.diff(erb_rate).mean(), rtol=1e-3)
    # By definition the equivalent rectangular bandwidth is the integral of the power response over its peak.
    fine = torch.linspace(0, RATE / 2, 200_001, dtype=torch.float64)
    power = bank.band_responses(fine, RATE).abs().square().sum(-1) * (fine[1] - fine[0])
    np.testing.assert_allclose(power.numpy(), bandwidth(centers).numpy(), rtol=0.02)


# -- all banks ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", BANKS)
def test_gradients_by_edges_and_gains(name):
    x = torch.randn(1, 30, dtype=torch.float64)
    ends = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (300.0, 9000.0)]
    gains = torch.linspace(-3, 3, 6, dtype=torch.float64).requires_grad_()

    def run(low: torch.Tensor, high: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
        return BANKS[name](low, high, gains_db=gains).split(x, RATE)

    assert torch.autograd.gradcheck(run, (*ends, gains), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", BANKS)
def test_batch_equals_loop_over_examples(name):
    low = torch.tensor([[50.0], [100.0], [300.0]], dtype=torch.float64)
    high = torch.tensor([[8000.0, 3000.0]], dtype=torch.float64)
    bank = BANKS[name](low, high)
    x = torch.randn(3, 2, 100, dtype=torch.float64)
    actual = bank.split(x, RATE)
    assert actual.shape == (3, 2, 6, 100)
    assert bank.centers(RATE).shape == (3, 2, 6)
    for one, two in itertools.product(range(3), range(2)):
        single = BANKS[name](low[one, 0], high[0, two])
        torch.testing.assert_close(actual[one, two], single.split(x[one, two], RATE), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", BANKS)
def test_works_in_chain_and_sequential(name):
    bank = BANKS[name]()
    chain = bank | fx.LowPass(3000.0)
    np.testing.assert_allclose(
        chain.response(F, RATE).numpy(), (bank.response(F, RATE) * chain[1].response(F, RATE)).numpy(), atol=1e-12
    )
    sequential = torch.nn.Sequential(BANKS[name](sample_rate=RATE), fx.Peak(sample_rate=RATE))
    assert sequential(torch.randn(2, 100)).shape == (2, 100)


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (900.0, 800.0, "low is 900 Hz and high 800 Hz; low must lie below high"),
        (100.0, 24_000.0, "high is 24000 Hz"),
        (0.0, 1000.0, "low is 0 Hz"),
    ],
)
def test_invalid_parameters_raise(name, low, high, message):
    with pytest.raises(fx.ParameterError, match=message):
        BANKS[name](low, high, sample_rate=RATE)


def test_user_defined_bank():
    """A subclass of `Bank` needs only `design` and `layout`."""

    class Halves(fx.Bank):
        gains_db = fx.ArrayParam([0.0], shape=("bands",), doc="Gain of each band, or one for all.", unit="dB")

        def layout(self, sample_rate):
            return torch.tensor([[0.0, 500.0, 1000.0], [1000.0, 4000.0, sample_rate / 2]], dtype=torch.float64)

        def design(self, sample_rate):
            return torch.stack([fx.LowPass(1000.0).sos(sample_rate), fx.HighPass(1000.0).sos(sample_rate)])

    bank = Halves()
    assert bank.names(RATE) == ["500 Hz", "4 kHz"]
    assert bank.split(torch.randn(1, 50), RATE).shape == (1, 2, 50)
    assert "image/png" in bank._repr_mimebundle_()[0]
    assert bank.memory(RATE) < 2000
