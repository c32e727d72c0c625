"""BandPass, Notch, AllPass and the shelves: the analog prototypes under the cookbook, SciPy, torchaudio, textbooks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from torchaudio import functional as ta

import fxlab as fx
from tests.support import analog_prototypes as analog
from tests.support.grouped_cases import run_cases

RATES = [8000.0, 44_100.0, 48_000.0, 192_000.0]
KINDS = [fx.BandPass, fx.Notch, fx.AllPass, fx.LowShelf, fx.HighShelf]


def grid(rates, shares, qs):
    """Filters of every kind over rate, corner (as a share of the rate), q, and gain or what it keeps."""
    for rate, share, q in itertools.product(rates, shares, qs):
        at = share * rate
        for module in (fx.BandPass(at, q), fx.BandPass(at, q, "skirt"), fx.Notch(at, q), fx.AllPass(at, q)):
            yield module, rate
        for kind, gain_db in itertools.product((fx.LowShelf, fx.HighShelf), (-24.0, 9.0)):
            yield kind(at, gain_db, q), rate


GRID = list(grid([8000.0, 44_100.0, 192_000.0], [0.002, 0.07, 0.45], [0.1, 0.7071, 5.0]))
# Where digits are lost, if any are: 5 Hz at 192 and 768 kHz, close to half the rate, far from and far into resonance.
EXTREMES = list(grid([44_100.0, 192_000.0, 768_000.0], [5 / 192_000, 0.49, 0.499], [0.1, 1000.0]))


def decibel(value):
    return 20 * torch.log10(value.abs())


@run_cases(GRID)
def test_coefficients_are_the_bilinear_transform_of_the_analog_prototype(module, rate):
    np.testing.assert_allclose(module.sos(rate)[0].numpy(), analog.bilinear(module, rate), rtol=1e-9, atol=1e-13)


@run_cases(GRID + EXTREMES)
def test_the_response_is_the_prototypes_to_the_last_digits(module, rate):
    f = analog.points(module, rate)
    corner = analog.corner(module)
    # The corner's own rounding to the coefficients: an error of eps in them is eps / w0^2 in the response.
    tolerance = 1e-11 + 1e-15 / (np.pi * min(corner, rate / 2 - corner) / rate) ** 2
    if module.q > 100:
        tolerance *= module.q
    expected = analog.response(module, f, rate)
    found = module.response(f, rate).numpy()
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())
    assert module.is_stable(rate)


@run_cases(GRID)
def test_sound_equals_scipy_and_torchaudio(module, rate):
    x = torch.randn(2, 600, dtype=torch.float64)
    y = module(x, sample_rate=rate)
    expected = signal.sosfilt(module.sos(rate).numpy(), x.numpy())
    np.testing.assert_allclose(y.numpy(), expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    hertz, q = analog.corner(module), module.q
    other = {
        fx.BandPass: lambda: ta.bandpass_biquad(x, int(rate), hertz, q, const_skirt_gain=module.gain == "skirt"),
        fx.Notch: lambda: ta.bandreject_biquad(x, int(rate), hertz, q),
        fx.AllPass: lambda: ta.allpass_biquad(x, int(rate), hertz, q),
        fx.LowShelf: lambda: ta.bass_biquad(x, int(rate), module.gain_db, hertz, q),
        fx.HighShelf: lambda: ta.treble_biquad(x, int(rate), module.gain_db, hertz, q),
    }[type(module)]()
    if np.abs(expected).max() < 1:  # torchaudio's functions clamp their output to +-1
        torch.testing.assert_close(y, other, rtol=0, atol=1e-6)
    quiet = fx.Signal(x * 1e-3 / max(1.0, np.abs(expected).max()), rate)
    torch.testing.assert_close(
        module(quiet).samples, torch.from_numpy(expected) * (quiet.samples[0, 0] / x[0, 0]), rtol=0, atol=1e-9
    )


@given(share=st.floats(0.001, 0.48), q=st.floats(0.1, 20), rate=st.sampled_from(RATES))
def test_band_notch_and_all_pass_at_their_frequency_and_edges(share, q, rate):
    center = share * rate
    band, skirt, notch, turned = (
        fx.BandPass(center, q),
        fx.BandPass(center, q, gain="skirt"),
        fx.Notch(center, q),
        fx.AllPass(center, q),
    )
    assert band.response(center, rate).item() == pytest.approx(1.0, abs=1e-6)
    assert skirt.response(center, rate).abs().item() == pytest.approx(q, rel=1e-6)
    assert notch.response(center, rate).abs().item() < 1e-6 * max(1.0, q)
    assert turned.response(center, rate).item() == pytest.approx(-1.0, abs=1e-6 * max(1.0, q))
    half = 1 / (2 * q)
    edges = np.array([np.sqrt(half**2 + 1) - half, np.sqrt(half**2 + 1) + half])
    hertz = rate / np.pi * np.arctan(edges * np.tan(np.pi * share))
    for module in (band, notch):
        np.testing.assert_allclose(decibel(module.response(hertz, rate)).numpy(), -10 * np.log10(2), atol=1e-5)
    everywhere = np.linspace(0, rate / 2, 50)
    np.testing.assert_allclose(turned.response(everywhere, rate).abs().numpy(), 1, rtol=1e-9)
    # What passes the band and what passes the notch is all that there is.
    both = (band + notch).response(everywhere, rate).numpy()
    np.testing.assert_allclose(both, 1, atol=1e-9 * max(1.0, q))


@given(share=st.floats(0.001, 0.48), gain_db=st.floats(-24, 24), q=st.floats(0.1, 20), rate=st.sampled_from(RATES))
def test_shelves_reach_their_gain_at_one_end_and_half_of_it_in_the_middle(share, gain_db, q, rate):
    corner = share * rate
    for kind, low, high in ((fx.LowShelf, gain_db, 0.0), (fx.HighShelf, 0.0, gain_db)):
        ends = decibel(kind(corner, gain_db, q).response([0.0, rate / 2], rate)).tolist()
        assert ends == pytest.approx([low, high], abs=1e-4)
        middle = decibel(kind(corner, gain_db, q).response(corner, rate)).item()
        assert middle == pytest.approx(gain_db / 2, abs=1e-5)


@given(share=st.floats(0.001, 0.48), gain_db=st.floats(-24, 24), q=st.floats(0.3, 5))
def test_a_low_and_a_high_shelf_are_one_gain(share, gain_db, q):
    """The low shelf times the high shelf of the same corner lifts everything alike; cut undoes boost."""
    corner, rate = share * 48_000, 48_000
    everywhere = np.linspace(0, rate / 2, 40)
    both = fx.LowShelf(corner, gain_db, q) | fx.HighShelf(corner, gain_db, q)
    np.testing.assert_allclose(decibel(both.response(everywhere, rate)).numpy(), gain_db, atol=1e-5)
    undone = fx.LowShelf(corner, gain_db, q) | fx.LowShelf(corner, -gain_db, q)
    np.testing.assert_allclose(undone.response(everywhere, rate).numpy(), 1, atol=1e-6)


@pytest.mark.parametrize("gain_db", [-18.0, -3.0, 0.0, 6.0, 20.0])
def test_a_slope_of_one_is_the_steepest_without_a_bump(gain_db):
    everywhere = np.geomspace(20, 20_000, 400)
    for kind in (fx.LowShelf, fx.HighShelf):
        flat = decibel(kind.sloping(1000.0, gain_db, 1.0).response(everywhere, 192_000)).numpy()
        steps = np.diff(flat) * (1 if (kind is fx.HighShelf) == (gain_db >= 0) else -1)
        assert (steps >= -1e-9).all(), "rises or falls throughout"
        assert kind.sloping(1000.0, gain_db, 0.5).q < kind.sloping(1000.0, gain_db, 1.0).q == pytest.approx(0.5**0.5)


def test_a_slope_that_no_q_gives_is_refused():
    for slope in (0.0, -1.0, 3.0):
        with pytest.raises(fx.ParameterError, match=r"LowShelf: slope is .* at 20 dB it must be above 0 and below 2"):
            fx.LowShelf.sloping(200.0, 20.0, slope)


@pytest.mark.parametrize("gain_db", [1e6, -1e6, np.inf, np.nan, "6"])
def test_a_slope_at_a_gain_beyond_all_numbers_is_refused(gain_db):
    with pytest.raises(fx.ParameterError, match=r"HighShelf: gain_db is .*; for a slope .* dB from -12000 to 12000"):
        fx.HighShelf.sloping(200.0, gain_db, 0.9)
    with pytest.raises(fx.ParameterError, match=r"HighShelf: slope is 'steep'; it must be a number above 0"):
        fx.HighShelf.sloping(200.0, 6.0, "steep")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_to_every_parameter_are_exact(kind):
    x = torch.randn(2, 40, dtype=torch.float64)
    names = [name for name, declared in kind.declarations.items() if isinstance(declared, fx.Param)]
    values = [{"cutoff": 900.0, "frequency": 900.0, "gain_db": 5.0, "q": 0.9}[name] for name in names]

    def run(*given):
        module = kind()
        for name, value in zip(names, given, strict=True):
            setattr(module, name, value)
        return module(x, sample_rate=8000.0)

    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    assert torch.autograd.gradcheck(run, leaves)


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_a_batch_have_their_own_parameters(kind):
    x = torch.randn(3, 2, 200, dtype=torch.float64)
    name = "frequency" if "frequency" in kind.declarations else "cutoff"
    corners, qs = torch.tensor([200.0, 1000.0, 3000.0]), torch.tensor([0.5, 1.0, 4.0])
    together = kind(**{name: corners, "q": qs})(x, sample_rate=8000.0)
    for number in range(3):
        alone = kind(**{name: float(corners[number]), "q": float(qs[number])})(x[number], sample_rate=8000.0)
        torch.testing.assert_close(together[number], alone, rtol=0, atol=1e-9)
