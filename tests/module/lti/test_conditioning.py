"""The warning about coefficients that float64 does not hold, against exact responses of the designs."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 192_000.0


def messages(run):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    assert all(warning.category is fx.BadCoefficientsWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def analog_level(made, hertz):
    """Return the level in dB of SciPy's analog design at the prewarped frequencies, which is exact."""
    warped = np.tan(np.pi * np.array([made.cutoff, *hertz]) / RATE)
    z, p, k = signal.butter(made.order, warped[0], made.kind, analog=True, output="zpk")
    return 20 * np.log10(np.abs(signal.freqs_zpk(z, p, k, warped[1:])[1]))


@pytest.mark.parametrize("kind", ["lowpass", "highpass"])
@pytest.mark.parametrize("cutoff", [0.0003, 0.001, 0.002, 0.01, 1.0])
def test_the_warning_states_the_error_of_the_design(cutoff, kind):
    made = fx.Butterworth(cutoff, 8, kind)
    hertz = cutoff * np.geomspace(0.3, 3.0, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = made.magnitude_db(hertz, RATE).numpy()
    expected = analog_level(made, hertz)
    loud = expected > -40
    largest = np.abs(found - expected)[loud].max()
    said = messages(lambda: made.response([cutoff], RATE))
    if largest > 1:
        assert len(said) == 1
        assert said[0].startswith("Butterworth at a sample rate of 192000 Hz: the response of its sections is off by")
        stated = re.search(r"off by (more than 60|[\d.]+) dB at", said[0]).group(1)
        assert stated == "more than 60" or 0.2 * largest < float(stated) < 1.5 * largest
        assert len(messages(lambda: made.sos(RATE))) == len(messages(lambda: made.export("json", RATE))) == 1
    elif largest < 0.05:
        assert not said


@pytest.mark.parametrize("cutoff", [0.001, 0.002, 0.01])
@pytest.mark.parametrize("family", [fx.Butterworth, fx.Bessel, fx.Chebyshev1, fx.LinkwitzRiley])
def test_the_gain_of_a_low_pass_at_0_hz_is_exact(family, cutoff):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = family(cutoff, order=8).magnitude_db(0.0, RATE).item()
    assert level == pytest.approx(-1.0 if family is fx.Chebyshev1 else 0.0, abs=1e-12)


BADLY_CONDITIONED = {
    "a section of SciPy": (
        lambda: fx.SOS(signal.butter(8, 0.001, fs=RATE, output="sos")),
        r"rounding of its coeff.* dB",
    ),
    "a cookbook section": (lambda: fx.LowPass(0.0001), "more than 60 dB at 0 Hz"),
    "two equal poles": (lambda: fx.ZPK([], [1 - 1e-9] * 2), "ZPK.*off by more than 60 dB at 0 Hz"),
    "one stage of a chain": (lambda: fx.LowPass(9e3) | fx.Butterworth(0.001, 8), "^Butterworth.*off by"),
    "a denominator": (lambda: fx.TransferFunction(*signal.butter(8, 0.005)), r"conditioned .*\(denominator\).* dB at"),
}


@pytest.mark.parametrize("case", BADLY_CONDITIONED)
def test_badly_conditioned_filters(case):
    make, text = BADLY_CONDITIONED[case]
    (said,) = messages(lambda: make().response([0.0, 100.0], RATE))
    assert re.search(text, said)


WELL_CONDITIONED = {
    "order 24 at 1 Hz": lambda: fx.Butterworth(1.0, 24),
    "an integrator": lambda: fx.SOS([[1.0, 0, 0, 1, -1, 0]]),
    "two integrators": lambda: fx.SOS([[1.0, 0, 0, 1, -2, 1]]),
    "an integrator as polynomials": lambda: fx.TransferFunction([1.0], [1.0, -1.0]),
    "a resonator on the circle": lambda: fx.SOS([[1.0, 0, 0, 1, -2 * np.cos(0.1), 1]]),
    "an unstable filter": lambda: fx.SOS([[1.0, 0, 0, 1, -2.1, 1.1]]),
    "a narrow notch": lambda: fx.Notch(60.0, q=10_000.0),
    "a leaky integrator": lambda: fx.ZPK([], [1 - 1e-12]),
    "polynomials of SciPy": lambda: fx.TransferFunction(*signal.butter(5, 0.1, "highpass")),
    "a recursive mean": lambda: fx.TransferFunction([1.0, *[0] * 7, -1.0], [1.0, -1.0]),
    "a bank": fx.OctaveBank,
    "a long filter": lambda: fx.FIR(np.hanning(200)),
}


@pytest.mark.parametrize("case", WELL_CONDITIONED)
def test_filters_without_a_warning(case):
    made = WELL_CONDITIONED[case]()
    assert not messages(lambda: made.response([0.0, 60.0, 100.0], RATE))
    assert not messages(lambda: made.sos(RATE))


def test_the_bound_holds_for_sections_changed_in_their_last_place():
    """A change of a whole unit in the last place is at most twice the bound, which is for half of one."""
    sos = signal.butter(6, 0.004, fs=RATE, output="sos")
    (said,) = messages(lambda: fx.SOS(sos).response([0.0], RATE))
    bound = float(re.search(r"response by ([\d.]+) dB", said).group(1))
    hertz = torch.tensor([0.0, *(0.004 * np.geomspace(0.3, 1.2, 40))], dtype=torch.float64)
    rng = np.random.default_rng(0)
    changed = [np.where(sos == 1, 1, np.nextafter(sos, rng.choice([-9, 9], sos.shape))) for _ in range(200)]
    levels = fx.engine.frequency_response(torch.tensor(np.stack([sos, *changed])), hertz, RATE).abs().log10() * 20
    largest = (levels[1:] - levels[0]).abs().max().item()
    assert 0.1 * bound < largest < 2 * bound


def test_sections_from_the_roots_of_polynomials():
    b, a = signal.butter(10, 0.02)
    said = messages(lambda: fx.TransferFunction(b, a).sos(48_000))
    assert len(said) == 2
    assert (
        "its second-order sections, computed from the roots of the polynomials, differ from its response by" in said[1]
    )


def test_a_card_has_a_note_and_issues_no_warning():
    made = fx.Butterworth(0.001, 8, sample_rate=RATE)
    pages = []
    assert not messages(lambda: pages.append(made._repr_mimebundle_(include={"text/html"})[0]["text/html"]))
    assert "Butterworth: the response of its sections is off by 1.3 dB at 0.00102 Hz" in pages[0]


def test_filtering_issues_no_warning_and_gradients_remain():
    made = fx.Butterworth(torch.tensor(0.001, dtype=torch.float64, requires_grad=True), 4)
    assert not messages(lambda: made(torch.randn(1, 100), sample_rate=RATE))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = made.response([0.002], RATE).abs()
    assert torch.autograd.grad(level, made.cutoff)[0].isfinite()


def test_the_warning_points_to_the_line_that_asked():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fx.Butterworth(0.001, 8).magnitude_db([0.001], RATE)
    assert caught[0].filename == __file__


def test_inaccurate_sections_of_a_sum_are_reported():
    """Four octaves from 1 Hz at 48 kHz: 24 poles within 1e-3 of z = 1. Those of a bank are accurate; see its tests."""
    octaves = fx.Sum(*(fx.Butterworth((edge, 2 * edge), 3, "bandpass") for edge in (1.0, 2.0, 4.0, 8.0)))
    with pytest.warns(fx.BadCoefficientsWarning, match="computed from the zeros of the sum, differ from its"):
        octaves.sos(48_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fx.OctaveBank(low=1, high=8).sos(48_000)
        (fx.LowPass(20.0) + fx.HighPass(30.0)).sos(48_000)
