"""What q sets in the filters with a band: SciPy's `iirnotch` and `iirpeak`, the cookbook's BW, measured widths."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import optimize, signal

import fxlab as fx
from fxlab.panel.controls.spec import stages

RATES = [8000.0, 44_100.0, 192_000.0]
WIDTHS = fx.Notch.declarations["width"].choices
BANDS = [fx.BandPass, fx.Notch, fx.AllPass, fx.Peak]
GRID = [
    (rate, share * rate, q)
    for rate, share, q in itertools.product(RATES, [1e-4, 0.03, 0.2, 0.34, 0.49], [0.5, 1.0, 10.0, 1000.0])
    if 2 * share < q
]


def edges(module, rate):
    """Return the two frequencies at which the band of a filter ends, found by bisection on its response."""
    center = module.frequency

    def beyond(hertz):
        response = module.response(hertz, rate)
        if isinstance(module, fx.AllPass):  # -90 degrees and -270 degrees: the real part is 0
            return response.real.item()
        if isinstance(module, fx.Peak):
            return abs(20 * math.log10(response.abs().item())) - abs(module.gain_db) / 2
        return response.abs().item() ** 2 - 0.5

    lower = optimize.brentq(beyond, 1e-9, center, xtol=1e-10)
    return lower, optimize.brentq(beyond, center, rate / 2 * (1 - 1e-12), xtol=1e-10)


def measured_width(kind, hertz, q, width, rate):
    module = kind(hertz, q=q, width=width)
    if kind is fx.Peak:
        module.gain_db = 9.0
    lower, upper = edges(module, rate)
    return upper - lower, math.log2(upper / lower)


@pytest.mark.parametrize(("rate", "hertz", "q"), GRID)
def test_exact_width_equals_iirnotch_and_iirpeak(rate, hertz, q):
    for kind, design in ((fx.Notch, signal.iirnotch), (fx.BandPass, signal.iirpeak)):
        expected = np.concatenate(design(hertz, q, rate))
        np.testing.assert_allclose(kind(hertz, q, width="exact").sos(rate)[0].numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", BANDS)
@pytest.mark.parametrize(("hertz", "q"), [(100.0, 0.7), (1000.0, 3.0), (15_000.0, 10.0), (21_900.0, 90.0)])
def test_exact_width_is_the_frequency_divided_by_q(kind, hertz, q):
    hz, _ = measured_width(kind, hertz, q, "exact", 44_100.0)
    assert hz == pytest.approx(hertz / q, rel=1e-9)


@pytest.mark.parametrize("kind", BANDS)
def test_the_cookbooks_band_narrows_towards_half_the_sample_rate(kind):
    hz, _ = measured_width(kind, 15_000.0, 10.0, "cookbook", 44_100.0)
    assert hz == pytest.approx(591.9, abs=0.1)
    w = 2 * math.pi * 15_000 / 44_100
    assert hz == pytest.approx(44_100 / math.pi * math.atan(math.sin(w) / 20), rel=1e-9)  # as the docs of Band say
    hz, _ = measured_width(kind, 100.0, 10.0, "cookbook", 44_100.0)
    assert hz == pytest.approx(10.0, rel=1e-4)


@pytest.mark.parametrize(("share", "octaves", "tolerance"), [
    (1e-3, 0.1, 1e-5), (1e-3, 3.0, 1e-3), (0.1, 1.0, 0.013), (0.2, 1.0, 0.013), (0.3, 1.0, 0.013), (0.3, 1 / 3, 0.002),
    (1 / 3, 1.0, 0.045), (1 / 3, 1 / 3, 0.006),
])  # fmt: skip
def test_a_width_in_octaves_is_kept_as_closely_as_documented(share, octaves, tolerance):
    rate = 48_000.0
    for kind in BANDS:
        module = kind.spanning(share * rate, octaves)
        assert module.width == "octaves"
        _, found = measured_width(kind, share * rate, module.q, "octaves", rate)
        assert found == pytest.approx(octaves, rel=tolerance)


@pytest.mark.parametrize(("rate", "hertz"), [(44_100.0, 30.0), (44_100.0, 15_000.0), (96_000.0, 6000.0)])
@pytest.mark.parametrize("octaves", [0.05, 1.0, 4.0])
def test_octaves_are_the_cookbooks_formula_for_bandwidths(rate, hertz, octaves):
    w = 2 * np.pi * hertz / rate
    alpha = np.sin(w) * np.sinh(np.log(2) / 2 * octaves * w / np.sin(w))
    a = np.array([1 + alpha, -2 * np.cos(w), 1 - alpha])
    found = fx.Notch.spanning(hertz, octaves).sos(rate)[0].numpy()
    np.testing.assert_allclose(found, np.concatenate([[1, a[1], 1], a]) / a[0], rtol=1e-12, atol=1e-14)
    gain = 10 ** (6 / 40)
    b, c = np.array([1 + alpha * gain, a[1], 1 - alpha * gain]), np.array([1 + alpha / gain, a[1], 1 - alpha / gain])
    found = fx.Peak.spanning(hertz, octaves, gain_db=6.0).sos(rate)[0].numpy()
    np.testing.assert_allclose(found, np.concatenate([b, c]) / c[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_skirts_of_a_band_pass_stay_where_they_are(width):
    levels = [fx.BandPass(3000.0, q, "skirt", width).magnitude_db([1.0, 23_999.0], 48_000) for q in (1.0, 8.0)]
    torch.testing.assert_close(*levels, rtol=0, atol=0.2)
    peak = fx.BandPass(100.0, 8.0, "skirt", width).response(100.0, 48_000).abs()
    assert peak.item() == pytest.approx(8.0, rel=1e-3)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", BANDS)
def test_gradients_are_exact(kind, width):
    x = torch.randn(2, 3, 12, dtype=torch.float64)

    def run(frequency, q):
        extra = {"gain_db": 4.0} if kind is fx.Peak else {}
        return kind(frequency=1000 * frequency, q=q, width=width, **extra)(x, sample_rate=8000.0)

    leaves = [torch.tensor([0.4, 3.1]).double(), torch.tensor([[2.0, 0.9, 30.0]]).double()]
    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves], fast_mode=True)
    octaves = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda o: kind.spanning(1000.0, o).sos(8000.0), octaves)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", ["bandpass", "notch", "allpass"])
def test_a_state_variable_filter_has_the_same_widths(kind, width):
    other = {"bandpass": fx.BandPass, "notch": fx.Notch, "allpass": fx.AllPass}[kind]
    for hertz, q in ((50.0, 0.6), (9000.0, 4.0), (20_000.0, 30.0)):
        module = fx.StateVariable(hertz, q, kind, width)
        torch.testing.assert_close(module.sos(48_000), other(hertz, q, width=width).sos(48_000), rtol=0, atol=1e-12)
        x = torch.randn(2, 400, dtype=torch.float64)
        torch.testing.assert_close(module(x, 48_000), module.modulated(x, torch.full((400,), hertz), 48_000))
        torch.testing.assert_close(module(x, 48_000), other(hertz, q, width=width)(x, 48_000), rtol=0, atol=1e-9)


def test_the_width_belongs_to_the_kinds_with_a_band():
    for kind in ("lowpass", "highpass", "peak"):
        plain, exact = (fx.StateVariable(20_000.0, 0.5, kind, width) for width in ("cookbook", "exact"))
        assert torch.equal(plain.sos(44_100), exact.sos(44_100))
        assert "width" not in exact.in_use()


def test_panel_shows_the_choice_and_a_dictionary_keeps_it():
    for module in (
        *(kind(900.0, width="exact") for kind in BANDS),
        fx.StateVariable(900.0, kind="notch", width="exact"),
    ):
        assert "width='exact'" in repr(module)
        back = fx.Module.from_dict(module.to_dict())
        assert repr(back) == repr(module)
        assert torch.equal(back.sos(48_000), module.sos(48_000))
        params = {param["name"]: param for param in stages(module, 48_000.0)[0]["params"]}
        assert params["width"]["kind"] == "choice"
        assert params["width"]["choices"] == ["cookbook", "exact", "octaves"]
        assert params["width"]["value"] == "exact"
    assert params["width"]["shown_when"] == {"path": "kind", "values": ["bandpass", "notch", "allpass"]}
    old = {"type": "Notch", "params": {"frequency": 900.0, "q": 2.0}}  # written before there was a choice
    assert fx.Module.from_dict(old).width == "cookbook"


def test_a_band_wider_than_half_the_sample_rate_raises():
    message = (
        r"q is 0.5 and frequency 20000 Hz; with width='exact' the band is frequency / q = 40000 Hz wide, and it must "
        r"be narrower than half the sample rate \(22050 Hz\): raise q above 0.907, or choose width='cookbook'"
    )
    for kind in BANDS:
        with pytest.raises(fx.ParameterError, match=message):
            kind(20_000.0, q=torch.tensor([2.0, 0.5]), width="exact").sos(44_100)
        kind(20_000.0, q=0.91, width="exact", sample_rate=44_100)
    with pytest.raises(fx.ParameterError, match="has no finite coefficients so near half the sample rate"):
        fx.Notch(22_049.999, 0.1, width="octaves").sos(44_100)
    moving = fx.StateVariable(1000.0, 0.9, "notch", "exact")
    x = torch.zeros(2, 1, 4)
    with pytest.raises(
        fx.ParameterError, match=r"q is 0\.9 and cutoff 21000 Hz; with width='exact' the band is cutoff"
    ):
        moving.modulated(x, torch.tensor([100.0, 200.0, 21_000.0, 300.0]), 44_100)
    with pytest.raises(fx.ParameterError, match=r"raise q above 0\.907"):
        moving.modulated(x, torch.tensor(20_000.0), 44_100, q=torch.tensor([[[1.0] * 4], [[1.0, 1.0, 0.9, 1.0]]]))
    for lfo in (
        {"frequency": fx.LFO(2.0, 100.0, 20_000.0), "q": 0.9},
        {"frequency": 20_000.0, "q": fx.LFO(2.0, 0.9, 5.0)},
    ):
        with pytest.raises(fx.ParameterError, match=r"raise q above 0\.907"):
            fx.Notch(**lfo, width="exact")(x, sample_rate=44_100)
    with pytest.raises(fx.ParameterError, match="q follows from octaves"):
        fx.Peak.spanning(1000.0, 1.0, q=2.0)
    for octaves in (0.0, -1.0, 101.0, math.inf, math.nan, True, "wide", torch.tensor([1.0, 0.0])):
        with pytest.raises(fx.ParameterError, match=r"Peak: octaves is .* it must be a number of octaves above 0"):
            fx.Peak.spanning(1000.0, octaves)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("hertz", "q"), [(1e-3, 1.0), (1000.0, 1000.0), (1000.0, 0.05), (23_000.0, 1.1)])
def test_extreme_bands_stay_finite_and_stable(width, hertz, q):
    for kind in BANDS:
        module = kind(hertz, q=q, width=width)
        assert module.is_stable(48_000)
        for dtype in (torch.float64, torch.float32):
            y = module(torch.randn(1, 500, dtype=dtype), 48_000)
            assert y.isfinite().all()
            assert y.dtype == dtype
        assert module(torch.zeros(2, 0), 48_000).shape == (2, 0)
