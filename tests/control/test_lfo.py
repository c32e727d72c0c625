"""The LFO: its waves against SciPy's, its rate by tempo, its random shapes, and its gradients."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
import torch

import fxlab as fx

RATE = 1000
TIME = np.arange(3000) / RATE


def evaluate(lfo: fx.LFO, scale: str = "linear") -> np.ndarray:
    return lfo.evaluate(torch.arange(3000), RATE, scale).numpy()


@pytest.mark.parametrize(
    ("shape", "reference"),
    [
        ("sine", np.sin),
        ("triangle", lambda phase: scipy.signal.sawtooth(phase + np.pi / 2, 0.5)),
        ("square", scipy.signal.square),
        ("sawtooth", scipy.signal.sawtooth),
    ],
)
@pytest.mark.parametrize("phase", [0.3, 37.0, -91.0])
def test_its_waves_are_those_of_scipy(shape, reference, phase):
    wave = reference(2 * np.pi * 2.37 * TIME + np.deg2rad(phase))
    np.testing.assert_allclose(evaluate(fx.LFO(2.37, -5.0, 3.0, shape, phase)), -1.0 + 4.0 * wave, atol=1e-9)


def test_on_a_logarithmic_scale_it_moves_by_octaves():
    octaves = np.log2(evaluate(fx.LFO(1.0, 100.0, 1600.0), "log") / 100.0)
    np.testing.assert_allclose(octaves, 2.0 + 2.0 * np.sin(2 * np.pi * TIME), atol=1e-9)


def test_a_low_above_high_turns_the_wave_upside_down():
    falling, rising = (evaluate(fx.LFO(1.0, *ends, "sawtooth")) for ends in ((4.0, 1.0), (1.0, 4.0)))
    np.testing.assert_allclose(falling, 5.0 - rising, atol=1e-12)


@pytest.mark.parametrize(("note", "cycles"), [("1/4", 2.0), ("1/8", 4.0), ("1/8T", 6.0), ("1/4.", 4 / 3), ("1/1", 0.5)])
def test_a_tempo_of_120_has_two_quarter_notes_per_second(note, cycles):
    by_tempo = evaluate(fx.LFO(clock="tempo", tempo_bpm=120.0, note=note))
    np.testing.assert_allclose(by_tempo, evaluate(fx.LFO(cycles)), atol=1e-9)


@pytest.mark.parametrize("shape", ["sample and hold", "smooth random"])
def test_random_shapes_depend_only_on_the_seed_and_are_uniform(shape):
    values = evaluate(fx.LFO(250.0, 0.0, 1.0, shape, seed=3))
    np.testing.assert_array_equal(values, evaluate(fx.LFO(250.0, 0.0, 1.0, shape, seed=3)))
    assert np.abs(values - evaluate(fx.LFO(250.0, 0.0, 1.0, shape, seed=4))).max() > 0.5
    held = values[::4]  # 750 values: the standard error of their mean is 0.011
    assert held.mean() == pytest.approx(0.5, abs=0.04)
    assert held.std() == pytest.approx(12**-0.5, abs=0.03)
    late = fx.LFO(250.0, 0.0, 1.0, shape, seed=3).evaluate(torch.tensor([1234]), RATE)
    assert late.item() == values[1234]  # any moment can be computed by itself


def test_each_channel_may_have_a_phase():
    x = torch.ones(1, 2, 400, dtype=torch.float64)
    gain = 20 * fx.Gain(fx.LFO(5.0, -12.0, 0.0, phase=torch.tensor([[0.0, 90.0]])))(x, sample_rate=RATE).log10()
    torch.testing.assert_close(gain[0, 1, :-50], gain[0, 0, 50:], rtol=0, atol=1e-9)


@pytest.mark.parametrize("shape", ["sine", "smooth random"])
def test_gradients_reach_all_its_parameters(shape):
    x = torch.randn(1, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def run(rate, low, high, phase):
        return fx.LowPass(cutoff=fx.LFO(rate, low, high, shape, phase, hop=4))(x, sample_rate=RATE)

    values = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (40.3, 50.0, 300.0, 30.0)]
    assert torch.autograd.gradcheck(run, values)


def test_gradients_reach_its_tempo():
    def run(tempo):
        return fx.LFO(clock="tempo", tempo_bpm=tempo).evaluate(torch.arange(50), RATE)

    assert torch.autograd.gradcheck(run, [torch.tensor(100.0, dtype=torch.float64, requires_grad=True)])


def test_a_seed_beyond_the_random_numbers_is_refused():
    assert evaluate(fx.LFO(250.0, 0.0, 1.0, "smooth random", seed=10**9)).max() <= 1.0
    with pytest.raises(fx.ParameterError, match=r"seed is .*; it must be .* at least 0 and at most 1000000000"):
        fx.LFO(250.0, 0.0, 1.0, "smooth random", seed=2**70)
