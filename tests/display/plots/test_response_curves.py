import math

import numpy as np
import pytest
import torch
from scipy import signal as scipy_signal

from fxlab.display.plots.bode import decibel_axis, frequency_axis
from fxlab.display.plots.response_curves import MOST_EXAMPLES, corners, measure
from fxlab.display.plots.spectrum import band_levels, tone_spectrum
from fxlab.errors import ParameterError
from fxlab.filters import HighPass, LowPass, Peak, ZeroPhase
from fxlab.module import LTI, Chain, Mix, Param, Recursive


class Resonator(Recursive):
    radius = Param(0.9, low=0.1, high=2.0)

    def design(self, sample_rate):
        zero, one = torch.zeros_like(self.radius), torch.ones_like(self.radius)
        return torch.stack([one, zero, zero, one, -1.6 * self.radius, self.radius**2], -1).unsqueeze(-2)


def test_the_curves_are_scipys():
    module = HighPass(cutoff=200.0, q=2.0) | Peak(frequency=3000.0, gain_db=-9.0, q=4.0)
    found = measure(module, 48_000.0)
    sos = module.sos(48_000).numpy()
    _, wanted = scipy_signal.sosfreqz(sos, found.frequency, fs=48_000)
    assert found.db[0] == pytest.approx(20 * np.log10(np.abs(wanted)), abs=1e-9)
    turned = found.phase[0] - np.degrees(np.unwrap(np.angle(wanted)))
    assert turned == pytest.approx(np.full(len(turned), 360 * round(turned[0] / 360)), abs=1e-6)
    _, delay = scipy_signal.group_delay(scipy_signal.sos2tf(sos), found.frequency, fs=48_000)
    assert found.delay[0] == pytest.approx(delay, rel=2e-4, abs=1e-6)  # SciPy's loses digits near a zero at 0 Hz
    zeros, poles, _ = scipy_signal.sos2zpk(sos)
    assert np.sort_complex(found.poles[0]) == pytest.approx(np.sort_complex(poles))
    assert np.sort_complex(found.zeros[0]) == pytest.approx(np.sort_complex(zeros), abs=1e-6)


def test_the_stages_of_a_chain_add_up_to_it_in_db():
    module = HighPass(cutoff=100.0) | Peak(frequency=1000.0, gain_db=6.0) | LowPass(cutoff=8000.0)
    found = measure(module, 44_100.0)
    assert [number for number, _ in found.stages] == [0, 1, 2]
    total = sum(db for _, db in found.stages)
    audible = found.db > -150
    assert total[audible] == pytest.approx(found.db[audible], abs=1e-9)


def test_corners_lie_on_the_grid_and_the_magnitude_there_is_3_db_down():
    module = LowPass(cutoff=777.7)
    found = measure(module, 44_100.0)
    assert corners(module) == [777.7]
    place = np.searchsorted(found.frequency, 777.7)
    assert found.frequency[place] == pytest.approx(777.7, abs=1e-9)
    assert found.db[0, place] == pytest.approx(-10 * math.log10(2), abs=1e-9)


@pytest.mark.parametrize("q", [1.0, 100.0, 3000.0])
def test_a_sharp_resonance_is_not_missed_between_the_points(q):
    found = measure(LowPass(cutoff=4321.0, q=q), 44_100.0)
    assert found.db.max() == pytest.approx(20 * math.log10(q / math.sqrt(1 - 1 / (4 * q**2))), abs=0.3)


def test_a_pole_without_a_parameter_that_names_it_is_not_missed_either():
    found = measure(Resonator(radius=0.99999), 44_100.0)
    _, h = scipy_signal.sosfreqz(Resonator(radius=0.99999).sos(44_100).numpy(), 1 << 22)
    assert found.db.max() == pytest.approx(20 * np.log10(np.abs(h).max()), abs=0.3)


def test_a_low_corner_and_a_low_rate_move_the_axis():
    assert measure(HighPass(cutoff=5.0), 48_000.0).frequency[0] <= 1.0
    slow = measure(LowPass(cutoff=2.0), 10.0)
    assert slow.frequency[-1] == 5.0
    assert len(frequency_axis(10.0, slow.frequency, 430).ticks) >= 3


def test_a_batch_gives_one_curve_each_as_far_as_they_can_be_told_apart():
    cutoff = torch.logspace(2, 4, 12, dtype=torch.float64)
    found = measure(LowPass(cutoff=cutoff), 44_100.0)
    assert found.examples == 12
    assert found.db.shape[0] == found.poles.shape[0] == MOST_EXAMPLES
    for number in range(MOST_EXAMPLES):
        at_corner = np.interp(cutoff[number].item(), found.frequency, found.db[number])
        assert at_corner == pytest.approx(-3.01, abs=0.02)
    pairs = measure(LowPass(cutoff=cutoff.reshape(6, 2)), 44_100.0)
    assert pairs.db == pytest.approx(found.db[:, :])


class Wire(LTI):
    """A delay of one and a half samples, whose transfer function is no ratio of polynomials."""

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


def test_a_module_without_roots_has_its_curves():
    found = measure(Wire(), 44_100.0)
    assert found.poles is None
    assert found.zeros is None
    assert found.unstable == ""
    assert found.db == pytest.approx(0.0, abs=1e-9)
    assert found.delay == pytest.approx(1.5)
    assert found.phase[0] == pytest.approx(-360 * 1.5 * found.frequency / 44_100)


@pytest.mark.parametrize(
    ("radius", "words"),
    [(0.999999, ""), (1.02, "unstable: a pole at radius 1.02"), (1.0, "unstable: a pole on the unit circle")],
)
def test_instability_is_said(radius, words):
    assert measure(Resonator(radius=radius), 44_100.0).unstable == words


def test_what_runs_backwards_is_as_stable_as_what_it_runs():
    for made in (ZeroPhase(LowPass()), ZeroPhase(LowPass()) | HighPass(), Mix(ZeroPhase(LowPass()), 0.5)):
        found = measure(made, 44_100.0)
        assert found.unstable == ""
        assert found.margin.min() > 0
    assert np.abs(measure(ZeroPhase(LowPass()), 44_100.0).poles).max() > 1
    assert measure(ZeroPhase(Resonator(radius=1.5)), 44_100.0).unstable == "unstable: a pole at radius 1.5"


def test_the_unstable_example_is_named():
    found = measure(Resonator(radius=torch.tensor([0.5, 1.5], dtype=torch.float64)), 44_100.0)
    assert found.unstable == "example 1 is unstable: a pole at radius 1.5"


def test_what_a_module_refuses_is_passed_on():
    with pytest.raises(ParameterError, match="below half the sample rate"):
        measure(LowPass(cutoff=30_000.0), 44_100.0)
    with pytest.raises(ParameterError, match="below half the sample rate"):
        measure(Chain(LowPass(cutoff=30_000.0), HighPass()), 44_100.0)


@pytest.mark.parametrize(
    ("module", "low", "high"),
    [(LowPass(), -66, 6), (Peak(gain_db=6.0), -12, 12), (Peak(), -12, 12), (Peak(gain_db=60.0), -6, 66)],
)
def test_the_decibel_axis_holds_the_curve_0_db_and_not_more_than_is_of_use(module, low, high):
    axis = decibel_axis([measure(module, 44_100.0).db])
    assert (axis.low, axis.high) == (low, high)
    assert 3 <= len(axis.ticks) <= 8


def test_a_tone_stands_in_the_long_term_spectrum_at_its_level():
    rate = 44_100
    time = np.arange(rate) / rate
    for frequency, amplitude in ((100.0, 0.5), (997.0, 1.0), (12_345.0, 0.1)):
        tone = amplitude * np.sin(2 * np.pi * frequency * time)[None]
        grid = np.array([frequency / 4, frequency, min(frequency * 4, 20_000)])
        below, at, above = band_levels(tone, rate, grid)
        assert at == pytest.approx(20 * math.log10(amplitude), abs=0.3)
        assert max(below, above) < at - 50


def test_pink_noise_is_level_in_bands_of_an_octaves_part():
    from fxlab.signal import noise

    sound = noise("pink", duration=20.0)
    levels = band_levels(sound.numpy(), 44_100.0, np.geomspace(100, 10_000, 15))
    assert np.ptp(levels) < 1.5
    one_octave = band_levels(sound.numpy(), 44_100.0, np.array([1000.0]), per_octave=1.0)
    assert one_octave[0] - np.mean(levels) == pytest.approx(10 * math.log10(6), abs=0.7)


def test_harmonics_of_whole_periods_do_not_leak():
    period, count = 200, 50
    phase = 2 * np.pi * np.arange(period * count) / period
    levels = tone_spectrum(np.sin(phase) + 0.01 * np.sin(3 * phase))
    assert levels[count] == pytest.approx(0.0, abs=1e-6)
    assert levels[3 * count] == pytest.approx(-40.0, abs=1e-6)
    assert levels[2 * count] < -190
