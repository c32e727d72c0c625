"""`compare`: the key figures of filters, against SciPy and closed forms, and its errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx

RATE = 48_000.0


def facts(module, rate=RATE):
    (found,) = fx.compare(module, sample_rate=rate).facts
    return found


@given(st.floats(30.0, 20_000.0), st.integers(1, 10), st.sampled_from(["lowpass", "highpass"]))
def test_butterworth_edge_is_its_cutoff(cutoff, order, kind):
    found = facts(fx.Butterworth(cutoff, order, kind))
    assert found.order == order
    assert found.edges_hz == pytest.approx((cutoff,), rel=1e-6)
    assert found.ripple_db == pytest.approx(0.0, abs=1e-6)
    assert found.stable
    assert found.sections == (order + 1) // 2


@given(st.floats(100.0, 3000.0), st.floats(1.2, 5.0), st.integers(1, 6))
def test_bandpass_has_two_edges_and_twice_the_poles(low, ratio, order):
    found = facts(fx.Butterworth((low, low * ratio), order, "bandpass"))
    assert found.order == 2 * order
    assert found.edges_hz == pytest.approx((low, low * ratio), rel=1e-6)


@given(st.integers(2, 9), st.floats(0.05, 2.9), st.floats(20.0, 80.0))
def test_elliptic_ripple_peak_and_edge(order, ripple, depth):
    found = facts(fx.Elliptic(2000.0, order, ripple_db=ripple, attenuation_db=depth))
    assert found.ripple_db == pytest.approx(ripple, abs=1e-6)
    assert found.peak_db == pytest.approx(0.0, abs=1e-6)
    sos = signal.ellip(order, ripple, depth, 2000.0, fs=RATE, output="sos")
    level = 20 * np.log10(abs(signal.freqz_sos(sos, [found.edges_hz[0]], fs=RATE)[1][0]))
    assert level == pytest.approx(-10 * math.log10(2), abs=1e-6)


def test_peak_delay_margin_and_noise_gain_match_formulas():
    peak = facts(fx.Peak(1000.0, 9.0, 3.0))
    assert (peak.peak_db, peak.peak_hz) == (pytest.approx(9.0, abs=1e-6), pytest.approx(1000.0, rel=1e-3))
    assert peak.edges_hz == ()
    shelf = facts(fx.LowShelf(200.0, gain_db=9.0))
    assert (shelf.peak_db, shelf.peak_hz) == (pytest.approx(9.0, abs=1e-6), 0.0)
    module = fx.LowPass(1000.0, q=2.0)
    found = facts(module)
    assert found.margin == pytest.approx(module.margin(RATE).item())
    impulse = np.zeros(20_000)
    impulse[0] = 1
    energy = np.sum(signal.sosfilt(module.sos(RATE).numpy(), impulse) ** 2)
    assert found.noise_gain_db == pytest.approx(10 * math.log10(energy), abs=1e-6)
    f = np.linspace(1, 5000, 20_000)
    b, a = (part.numpy() for part in module.ba(RATE))
    assert found.delay == pytest.approx(signal.group_delay((b, a), f, fs=RATE)[1].max(), rel=1e-5)
    assert (found.sections, found.multiplications) == (1, 5)


def test_notch_has_two_edges_at_its_bandwidth():
    f0, q = 1000.0, 5.0
    low, high = facts(fx.Notch(f0, q)).edges_hz
    warped = [math.tan(math.pi * f / RATE) for f in (low, f0, high)]
    # As for the analog notch, the center is the geometric mean of the edges.
    assert warped[0] * warped[2] == pytest.approx(warped[1] ** 2, rel=1e-9)


def test_unstable_filter_is_reported():
    class Unstable(fx.Recursive):
        radius = fx.Param(1.02, low=0.1, high=2.0)

        def design(self, sample_rate):
            zero, one = torch.zeros_like(self.radius), torch.ones_like(self.radius)
            return torch.stack([one, zero, zero, one, -1.6 * self.radius, self.radius**2], -1).unsqueeze(-2)

    found = facts(Unstable())
    assert not found.stable
    assert found.noise_gain_db == math.inf
    assert "unstable" in repr(fx.compare(Unstable(), fx.LowPass()))


def test_difference_of_two_filters_matches_their_gains():
    shelf, flat = fx.HighShelf(2000.0, 7.5), fx.HighShelf(2000.0, 0.0)
    found = fx.compare(shelf, flat, sample_rate=RATE)
    assert found.difference_db == pytest.approx(7.5, abs=0.3)
    bell = fx.compare(fx.Peak(800.0, 6.0, 4.0), fx.Peak(800.0, -5.0, 4.0), sample_rate=RATE)
    assert bell.difference_db == pytest.approx(11.0, abs=1e-6)
    assert bell.difference_hz == pytest.approx(800.0, rel=1e-3)
    assert fx.compare(shelf, shelf).difference_db == 0.0
    assert fx.compare(shelf, flat, bell.modules[0]).difference_db is None


@pytest.mark.parametrize("rate", [50.0, 400.0, 1000.0, 4000.0])
def test_a_module_without_response_is_measured_at_low_sample_rates(rate):
    cubic = fx.wrap(lambda x: x - x**3 / 1e6) | fx.Butterworth(rate / 10, 2)
    found = fx.compare(cubic, sample_rate=rate).facts[0]
    assert found.edges_hz == pytest.approx((rate / 10,), rel=0.01)
    assert found.peak_db == pytest.approx(0.0, abs=0.02)


def test_module_without_response_is_measured():
    clipped = fx.wrap(lambda x: x.clamp(-2, 2)) | fx.LowPass(1000.0)
    found = fx.compare(clipped, fx.LowPass(1000.0), sample_rate=RATE)
    assert found.measurements[0] is not None
    assert found.measurements[1] is None
    one, other = found.facts
    assert one.edges_hz == pytest.approx(other.edges_hz, rel=1e-3)
    assert one.order is None
    assert found.difference_db < 0.2


def test_chains_sums_mixes_and_batches_are_compared():
    batch = fx.LowPass(torch.tensor([100.0, 1000.0, 5000.0]))
    found = fx.compare(batch, fx.LowPass() | fx.HighPass(50.0), fx.LowPass() + fx.HighPass(), fx.Mix(fx.LowPass(), 0.3))
    assert [one.name for one in found.facts[:3]] == [f"{batch!r} [{number}]" for number in range(3)]
    assert found.owners == (0, 0, 0, 1, 2, 3)
    assert [one.edges_hz[0] for one in found.facts[:3]] == pytest.approx([100.0, 1000.0, 5000.0], rel=1e-3)


def test_sample_rate_comes_from_the_modules_or_is_assumed():
    assert fx.compare(fx.LowPass(sample_rate=8000), fx.HighPass()).sample_rate == 8000
    assumed = fx.compare(fx.LowPass(), fx.HighPass())
    assert (assumed.sample_rate, assumed.assumed) == (44_100.0, True)
    assert "44100 Hz, assumed" in repr(assumed)
    with pytest.raises(fx.SignalError, match=r"different sample rates \(8000, 16000 Hz\)"):
        fx.compare(fx.LowPass(sample_rate=8000), fx.HighPass(sample_rate=16_000))
    assert (
        fx.compare(fx.LowPass(sample_rate=8000), fx.HighPass(sample_rate=16_000), sample_rate=9000).sample_rate == 9000
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (fx.compare, "no modules were given"),
        (lambda: fx.compare(fx.LowPass(), 3), "argument 1 must be a Module, not int; wrap a callable"),
        (lambda: fx.compare([fx.LowPass()]), r"argument 0 must be a Module, not list; write compare\(\*filters\)"),
        (lambda: fx.compare(fx.LowPass(), names=["a", "b"]), "give one string per module, 1 in total"),
        (lambda: fx.compare(fx.LowPass(), fx.LowPass(), names="ab"), "give one string per module, 2 in total"),
        (lambda: fx.compare(fx.LowPass(30_000.0)), "below half the sample rate"),
    ],
)
def test_invalid_arguments_raise(call, words):
    with pytest.raises(fx.ParameterError, match=words):
        call()
