"""Ladder against its analog transfer function, and against a loop over samples that solves each one by bisection."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import fxlab as fx
from tests.support.signals import noise
from tests.support.voltage_simulation import ladder

RATE = 48_000


def assert_near(y: Tensor, expected: Tensor, tolerance: float = 1e-9) -> None:
    torch.testing.assert_close(y, expected, rtol=0, atol=tolerance * max(1e-30, float(expected.abs().max())))


# -- linear ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0.0, 0.3, 2.0, 3.99])
@pytest.mark.parametrize("cutoff", [20.0, 1000.0, 20_000.0])
def test_response_is_the_analog_response_at_warped_frequencies(k, cutoff):
    hertz = np.concatenate([[0.0], np.geomspace(10, 23_999, 60)])
    s = 1j * np.tan(np.pi * hertz / RATE) / np.tan(np.pi * cutoff / RATE)
    module = fx.Ladder(cutoff, k)
    np.testing.assert_allclose(module.response(hertz, RATE), 1 / ((1 + s) ** 4 + k), rtol=1e-10)
    assert module.response([RATE / 2], RATE).abs().item() == 0
    sections = fx.engine.frequency_response(module.sos(RATE), torch.tensor(hertz), RATE)
    np.testing.assert_allclose(sections, module.response(hertz, RATE), rtol=1e-7)
    by_sections = fx.engine.group_delay(module.sos(RATE), torch.tensor(hertz), RATE)
    np.testing.assert_allclose(module.group_delay(hertz, RATE), by_sections, rtol=1e-6, atol=1e-9)


def test_slope_corner_and_bass_gain():
    module = fx.Ladder(200.0, 0.0)
    assert module.magnitude_db(200.0, 768_000).item() == pytest.approx(-20 * math.log10(4), abs=1e-9)
    octave = module.magnitude_db([6400.0, 12_800.0], 768_000)
    assert (octave[0] - octave[1]).item() == pytest.approx(24.08, abs=0.05)
    for k in (0.5, 2.0, 3.9):
        assert fx.Ladder(200.0, k).response(0.0, RATE).real.item() == pytest.approx(1 / (1 + k), rel=1e-12)


@pytest.mark.parametrize("k", [0.0, 1.0, 3.999, 4.001, 20.0])
def test_poles_and_stability_limit(k):
    module = fx.Ladder(3000.0, k)
    g = np.tan(np.pi * 3000.0 / RATE)
    s = np.roots([1, 4, 6, 4, 1 + k])
    expected = (1 + g * s) / (1 - g * s)
    actual = module.poles(RATE).numpy()
    for pole in expected:
        assert np.abs(actual - pole).min() < (1e-3 if k == 0 else 1e-9)  # np.roots is inaccurate for a fourfold root
    assert module.zeros(RATE).tolist() == [-1] * 4
    assert module.is_stable(RATE) == (k < 4)


@pytest.mark.parametrize("rate", [8e3, 768e3])
@pytest.mark.parametrize("cutoff", [5.0, 0.49])
@pytest.mark.parametrize("k", [0.0, 3.9])
def test_extreme_parameters_match_the_loop(rate, cutoff, k):
    corner, x = cutoff if cutoff > 1 else cutoff * rate, noise(1, 600)
    module = fx.Ladder(corner, k)
    assert_near(module(x, rate)[0], ladder(x[0], corner, k, rate))
    assert_near(module(x.float(), rate)[0].double(), module(x, rate)[0], 1e-5)


def test_audio_rate_modulation_matches_the_loop():
    x, seconds = noise(2, 1200), torch.arange(1200, dtype=torch.float64) / RATE
    cutoff, k = (
        1000.0 * 10 ** torch.sin(2 * torch.pi * 440 * seconds),
        2.0 + 1.9 * torch.sin(2 * torch.pi * 97 * seconds),
    )
    y = fx.Ladder().modulated(x, cutoff, RATE, resonance=k)
    for channel in range(2):
        assert_near(y[channel], ladder(x[channel], cutoff, k, RATE))


def test_gradients_at_resonance_0_where_four_poles_coincide():
    x = noise(1, 40)
    k = torch.zeros((), dtype=torch.float64, requires_grad=True)
    module = fx.Ladder(resonance=k)
    for value in (module(x, RATE).square().sum(), module.response([300.0, 2000.0], RATE).abs().sum()):
        assert torch.isfinite(torch.autograd.grad(value, k)[0])
    cutoff, k = torch.tensor([500.0, 9000.0]).double(), torch.tensor([0.1, 3.5]).double()
    hertz = [0.0, 100.0, 5000.0, 23_000.0]
    for method in (fx.Ladder.response, fx.Ladder.group_delay, fx.Ladder.poles):
        args = (hertz, RATE) if method is not fx.Ladder.poles else (RATE,)
        leaves = (cutoff / 1000).requires_grad_(), k.requires_grad_()
        assert torch.autograd.gradcheck(
            lambda c, k, method=method, args=args: torch.view_as_real(method(fx.Ladder(1000 * c, k), *args) + 0j),
            leaves,
        )


# -- with saturation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drive_db", [-24.0, 0.0, 36.0])
@pytest.mark.parametrize("k", [0.0, 1.0, 3.9, 4.5, 8.0])
@pytest.mark.parametrize("cutoff", [5.0, 700.0, 23_000.0])
def test_saturation_matches_the_loop(cutoff, k, drive_db):
    x = 0.5 * noise(1, 300)
    y = fx.Ladder(cutoff, k, "tanh", drive_db)(x, RATE)
    assert_near(y[0], ladder(x[0], cutoff, k, RATE, drive_db))


def test_modulation_with_saturation_matches_the_loop_and_blocks():
    x, seconds = noise(2, 500), torch.arange(500, dtype=torch.float64) / RATE
    cutoff = 1000.0 * 10 ** torch.sin(2 * torch.pi * 440 * seconds)
    k, drive_db = (
        2.0 + 2.0 * torch.sin(2 * torch.pi * 97 * seconds),
        12.0 + 12.0 * torch.sin(2 * torch.pi * 1000 * seconds),
    )
    module = fx.Ladder(saturation="tanh")
    y = module.modulated(x, cutoff, RATE, resonance=k, drive_db=drive_db)
    for channel in range(2):
        assert_near(y[channel], ladder(x[channel], cutoff, k, RATE, drive_db))
    state, outputs = None, []
    for block in torch.arange(500).split(123):
        output, state = module.modulated_block(
            x[:, block], state, cutoff[block], RATE, resonance=k[block], drive_db=drive_db[block]
        )
        outputs.append(output)
    assert_near(torch.cat(outputs, -1), y)


def test_quiet_signals_do_not_saturate_and_loud_ones_are_bounded():
    x = noise(1, 2000)
    assert_near(1e6 * fx.Ladder(saturation="tanh")(1e-6 * x, RATE), fx.Ladder()(x, RATE), 1e-8)
    for drive_db in (0.0, 20.0):
        y = fx.Ladder(2000.0, 0.0, "tanh", drive_db)(1e4 * x, RATE)
        assert float(y.abs().max()) <= 10 ** (-drive_db / 20)


@pytest.mark.slow
def test_oscillates_at_its_corner_beyond_resonance_4():
    x = torch.zeros(1, RATE, dtype=torch.float64)
    x[0, 0] = 1.0
    y = fx.Ladder(1000.0, 4.4, "tanh")(x, RATE)[0, RATE // 2 :]
    spectrum = torch.fft.rfft(y * torch.hann_window(len(y), dtype=torch.float64)).abs()
    assert int(spectrum.argmax()) * RATE / len(y) == pytest.approx(1000.0, rel=0.01)
    assert 0.05 < float(y.abs().max()) < 1.0
    with pytest.raises(fx.ParameterError, match="saturates, so it has no response"):
        fx.Ladder(1000.0, 4.4, "tanh").poles(RATE)
    assert not (fx.Ladder(saturation="tanh") | fx.LowPass()).has_response


@pytest.mark.slow
@pytest.mark.parametrize("k", [0.7, 3.0])
def test_gradients_with_saturation(k):
    x = noise(2, 1, 15)

    def run(x: Tensor, cutoff: Tensor, k: Tensor, drive_db: Tensor) -> Tensor:
        return fx.Ladder(1000 * cutoff, k, "tanh", drive_db)(x, RATE)

    values = [torch.tensor([1.0, 9.0]), torch.tensor([k, 2 * k]), torch.tensor(12.0)]
    leaves = [x, *(value.double() for value in values)]
    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves])
    by_forward = torch.func.jacfwd(lambda k: run(x, leaves[1], k, leaves[3]))(leaves[2].detach())
    by_backward = torch.autograd.functional.jacobian(lambda k: run(x, leaves[1], k, leaves[3]), leaves[2].detach())
    torch.testing.assert_close(by_forward, by_backward, rtol=1e-8, atol=1e-12)


def test_saturated_batches_blocks_and_dtypes():
    x = noise(3, 2, 400)
    module = fx.Ladder([200.0, 2000.0, 15_000.0], [0.0, 3.0, 5.0], "tanh", [0.0, 30.0, 10.0])
    y = module(x, RATE)
    for row in range(3):
        single = fx.Ladder(module.cutoff[row], module.resonance[row], "tanh", module.drive_db[row])
        assert_near(y[row], single(x[row], RATE))
    stream = module.stream(RATE)
    assert_near(torch.cat([stream(block) for block in x.split([1, 0, 57, 342], -1)], -1), y)
    for time in (0, 1, 2):
        assert_near(module(x[..., :time], RATE), y[..., :time]) if time else module(x[..., :0], RATE)
    assert_near(module(x.float(), RATE).double(), y, 1e-6)
    assert module(x.half(), RATE).dtype == torch.float16
