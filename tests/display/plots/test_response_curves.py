import math

import numpy as np
import pytest
import torch
from scipy import signal as scipy_signal

from fxlab.display.plots.bode import decibel_axis, log_frequency_axis
from fxlab.display.plots.response_curves import MAX_EXAMPLES, compute_curves, corner_frequencies
from fxlab.display.plots.spectrum import band_levels, tone_spectrum
from fxlab.errors import ParameterError
from fxlab.filters import HighPass, LowPass, Peak, ZeroPhase
from fxlab.module import LTI, Chain, Mix, Param, Recursive


class Resonator(Recursive):
    radius = Param(0.9, low=0.1, high=2.0)

    def design(self, sample_rate):
        zero, one = torch.zeros_like(self.radius), torch.ones_like(self.radius)
        return torch.stack([one, zero, zero, one, -1.6 * self.radius, self.radius**2], -1).unsqueeze(-2)


def test_the_curves_equal_scipys():
    module = HighPass(cutoff=200.0, q=2.0) | Peak(frequency=3000.0, gain_db=-9.0, q=4.0)
    curves = compute_curves(module, 48_000.0)
    sos = module.sos(48_000).numpy()
    _, expected = scipy_signal.sosfreqz(sos, curves.frequency, fs=48_000)
    assert curves.db[0] == pytest.approx(20 * np.log10(np.abs(expected)), abs=1e-9)
    difference = curves.phase[0] - np.degrees(np.unwrap(np.angle(expected)))
    assert difference == pytest.approx(np.full(len(difference), 360 * round(difference[0] / 360)), abs=1e-6)
    _, delay = scipy_signal.group_delay(scipy_signal.sos2tf(sos), curves.frequency, fs=48_000)
    assert curves.delay[0] == pytest.approx(delay, rel=2e-4, abs=1e-6)  # SciPy loses digits near a zero at 0 Hz
    zeros, poles, _ = scipy_signal.sos2zpk(sos)
    assert np.sort_complex(curves.poles[0]) == pytest.approx(np.sort_complex(poles))
    assert np.sort_complex(curves.zeros[0]) == pytest.approx(np.sort_complex(zeros), abs=1e-6)


def test_the_stages_of_a_chain_add_up_in_db():
    module = HighPass(cutoff=100.0) | Peak(frequency=1000.0, gain_db=6.0) | LowPass(cutoff=8000.0)
    curves = compute_curves(module, 44_100.0)
    assert [number for number, _ in curves.stages] == [0, 1, 2]
    total = sum(db for _, db in curves.stages)
    audible = curves.db > -150
    assert total[audible] == pytest.approx(curves.db[audible], abs=1e-9)


def test_corners_lie_on_the_grid_and_the_magnitude_there_is_3_db_down():
    module = LowPass(cutoff=777.7)
    curves = compute_curves(module, 44_100.0)
    assert corner_frequencies(module) == [777.7]
    index = np.searchsorted(curves.frequency, 777.7)
    assert curves.frequency[index] == pytest.approx(777.7, abs=1e-9)
    assert curves.db[0, index] == pytest.approx(-10 * math.log10(2), abs=1e-9)


@pytest.mark.parametrize("q", [1.0, 100.0, 3000.0])
def test_the_grid_resolves_a_sharp_resonance(q):
    curves = compute_curves(LowPass(cutoff=4321.0, q=q), 44_100.0)
    assert curves.db.max() == pytest.approx(20 * math.log10(q / math.sqrt(1 - 1 / (4 * q**2))), abs=0.3)


def test_the_grid_resolves_a_pole_without_a_frequency_parameter():
    curves = compute_curves(Resonator(radius=0.99999), 44_100.0)
    _, h = scipy_signal.sosfreqz(Resonator(radius=0.99999).sos(44_100).numpy(), 1 << 22)
    assert curves.db.max() == pytest.approx(20 * np.log10(np.abs(h).max()), abs=0.3)


def test_a_low_corner_or_sample_rate_extends_the_axis():
    assert compute_curves(HighPass(cutoff=5.0), 48_000.0).frequency[0] <= 1.0
    slow = compute_curves(LowPass(cutoff=2.0), 10.0)
    assert slow.frequency[-1] == 5.0
    assert len(log_frequency_axis(10.0, slow.frequency, 430).ticks) >= 3


def test_a_batch_gives_one_curve_per_example_up_to_a_maximum():
    cutoff = torch.logspace(2, 4, 12, dtype=torch.float64)
    curves = compute_curves(LowPass(cutoff=cutoff), 44_100.0)
    assert curves.examples == 12
    assert curves.db.shape[0] == curves.poles.shape[0] == MAX_EXAMPLES
    for number in range(MAX_EXAMPLES):
        at_corner = np.interp(cutoff[number].item(), curves.frequency, curves.db[number])
        assert at_corner == pytest.approx(-3.01, abs=0.02)
    pairs = compute_curves(LowPass(cutoff=cutoff.reshape(6, 2)), 44_100.0)
    assert pairs.db == pytest.approx(curves.db[:, :])


class Wire(LTI):
    """A delay of one and a half samples, whose transfer function is not rational."""

    def forward(self, x, sample_rate):
        raise ParameterError("Wire has only a response.")

    def _response(self, frequencies, rate):
        return torch.polar(torch.ones_like(frequencies), -2 * math.pi * 1.5 * frequencies / rate)

    def _group_delay(self, frequencies, rate):
        return torch.full_like(frequencies, 1.5)

    def _roots(self, rate):
        raise ParameterError("Wire has no roots.")

    def _sos(self, rate):
        raise ParameterError("Wire has no sections.")


def test_a_module_without_roots_has_curves():
    curves = compute_curves(Wire(), 44_100.0)
    assert curves.poles is None
    assert curves.zeros is None
    assert curves.unstable == ""
    assert curves.db == pytest.approx(0.0, abs=1e-9)
    assert curves.delay == pytest.approx(1.5)
    assert curves.phase[0] == pytest.approx(-360 * 1.5 * curves.frequency / 44_100)


@pytest.mark.parametrize(
    ("radius", "text"),
    [(0.999999, ""), (1.02, "unstable: a pole at radius 1.02"), (1.0, "unstable: a pole on the unit circle")],
)
def test_instability_is_described(radius, text):
    assert compute_curves(Resonator(radius=radius), 44_100.0).unstable == text


def test_zero_phase_is_as_stable_as_the_filter_that_it_runs():
    for made in (ZeroPhase(LowPass()), ZeroPhase(LowPass()) | HighPass(), Mix(ZeroPhase(LowPass()), 0.5)):
        curves = compute_curves(made, 44_100.0)
        assert curves.unstable == ""
        assert curves.margin.min() > 0
    assert np.abs(compute_curves(ZeroPhase(LowPass()), 44_100.0).poles).max() > 1
    assert compute_curves(ZeroPhase(Resonator(radius=1.5)), 44_100.0).unstable == "unstable: a pole at radius 1.5"


def test_the_unstable_example_is_named():
    curves = compute_curves(Resonator(radius=torch.tensor([0.5, 1.5], dtype=torch.float64)), 44_100.0)
    assert curves.unstable == "example 1 is unstable: a pole at radius 1.5"


def test_errors_of_the_module_are_raised():
    with pytest.raises(ParameterError, match="below half the sample rate"):
        compute_curves(LowPass(cutoff=30_000.0), 44_100.0)
    with pytest.raises(ParameterError, match="below half the sample rate"):
        compute_curves(Chain(LowPass(cutoff=30_000.0), HighPass()), 44_100.0)


@pytest.mark.parametrize(
    ("module", "low", "high"),
    [(LowPass(), -66, 6), (Peak(gain_db=6.0), -12, 12), (Peak(), -12, 12), (Peak(gain_db=60.0), -6, 66)],
)
def test_the_decibel_axis_includes_the_curve_and_0_db(module, low, high):
    axis = decibel_axis([compute_curves(module, 44_100.0).db])
    assert (axis.low, axis.high) == (low, high)
    assert 3 <= len(axis.ticks) <= 8


def test_a_tone_appears_in_the_long_term_spectrum_at_its_level():
    rate = 44_100
    time = np.arange(rate) / rate
    for frequency, amplitude in ((100.0, 0.5), (997.0, 1.0), (12_345.0, 0.1)):
        tone = amplitude * np.sin(2 * np.pi * frequency * time)[None]
        grid = np.array([frequency / 4, frequency, min(frequency * 4, 20_000)])
        below, at, above = band_levels(tone, rate, grid)
        assert at == pytest.approx(20 * math.log10(amplitude), abs=0.3)
        assert max(below, above) < at - 50


def test_pink_noise_is_flat_in_fractional_octave_bands():
    from fxlab.signal import noise

    signal = noise("pink", duration=20.0)
    levels = band_levels(signal.numpy(), 44_100.0, np.geomspace(100, 10_000, 15))
    assert np.ptp(levels) < 1.5
    one_octave = band_levels(signal.numpy(), 44_100.0, np.array([1000.0]), per_octave=1.0)
    assert one_octave[0] - np.mean(levels) == pytest.approx(10 * math.log10(6), abs=0.7)


def test_harmonics_of_complete_periods_do_not_leak():
    period, count = 200, 50
    phase = 2 * np.pi * np.arange(period * count) / period
    levels = tone_spectrum(np.sin(phase) + 0.01 * np.sin(3 * phase))
    assert levels[count] == pytest.approx(0.0, abs=1e-6)
    assert levels[3 * count] == pytest.approx(-40.0, abs=1e-6)
    assert levels[2 * count] < -190
