"""The ladder against its formula in s, and against a loop over samples that solves each by halving an interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import fxlab as fx
from tests.support.voltage_simulation import ladder

RATE = 48_000


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def close(y: Tensor, expected: Tensor, share: float = 1e-9) -> None:
    torch.testing.assert_close(y, expected, rtol=0, atol=share * max(1e-30, float(expected.abs().max())))


# -- linear ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0.0, 0.3, 2.0, 3.99])
@pytest.mark.parametrize("cutoff", [20.0, 1000.0, 20_000.0])
def test_the_response_is_the_analog_formula_on_warped_frequencies(k, cutoff):
    hertz = np.concatenate([[0.0], np.geomspace(10, 23_999, 60)])
    s = 1j * np.tan(np.pi * hertz / RATE) / np.tan(np.pi * cutoff / RATE)
    made = fx.Ladder(cutoff, k)
    np.testing.assert_allclose(made.response(hertz, RATE), 1 / ((1 + s) ** 4 + k), rtol=1e-10)
    assert made.response([RATE / 2], RATE).abs().item() == 0
    sections = fx.engine.frequency_response(made.sos(RATE), torch.tensor(hertz), RATE)
    np.testing.assert_allclose(sections, made.response(hertz, RATE), rtol=1e-7)
    by_sections = fx.engine.group_delay(made.sos(RATE), torch.tensor(hertz), RATE)
    np.testing.assert_allclose(made.group_delay(hertz, RATE), by_sections, rtol=1e-6, atol=1e-9)


def test_the_slope_the_corner_and_the_bass():
    made = fx.Ladder(200.0, 0.0)
    assert made.magnitude_db(200.0, 768_000).item() == pytest.approx(-20 * math.log10(4), abs=1e-9)
    octave = made.magnitude_db([6400.0, 12_800.0], 768_000)
    assert (octave[0] - octave[1]).item() == pytest.approx(24.08, abs=0.05)
    for k in (0.5, 2.0, 3.9):
        assert fx.Ladder(200.0, k).response(0.0, RATE).real.item() == pytest.approx(1 / (1 + k), rel=1e-12)


@pytest.mark.parametrize("k", [0.0, 1.0, 3.999, 4.001, 20.0])
def test_poles_and_the_edge_of_oscillation(k):
    made = fx.Ladder(3000.0, k)
    g = np.tan(np.pi * 3000.0 / RATE)
    s = np.roots([1, 4, 6, 4, 1 + k])
    expected = (1 + g * s) / (1 - g * s)
    found = made.poles(RATE).numpy()
    for pole in expected:
        assert np.abs(found - pole).min() < (1e-3 if k == 0 else 1e-9)  # NumPy's roots lose a fourfold one
    assert made.zeros(RATE).tolist() == [-1] * 4
    assert made.is_stable(RATE) == (k < 4)


@pytest.mark.parametrize("rate", [8e3, 768e3])
@pytest.mark.parametrize("cutoff", [5.0, 0.49])
@pytest.mark.parametrize("k", [0.0, 3.9])
def test_extremes_against_the_loop(rate, cutoff, k):
    corner, x = cutoff if cutoff > 1 else cutoff * rate, noise(1, 600)
    made = fx.Ladder(corner, k)
    close(made(x, rate)[0], ladder(x[0], corner, k, rate))
    close(made(x.float(), rate)[0].double(), made(x, rate)[0], 1e-5)


def test_an_oscillator_on_the_corner_against_the_loop():
    x, at = noise(2, 1200), torch.arange(1200, dtype=torch.float64) / RATE
    cutoff, k = 1000.0 * 10 ** torch.sin(2 * torch.pi * 440 * at), 2.0 + 1.9 * torch.sin(2 * torch.pi * 97 * at)
    y = fx.Ladder().modulated(x, cutoff, RATE, resonance=k)
    for channel in range(2):
        close(y[channel], ladder(x[channel], cutoff, k, RATE))


def test_gradients_where_four_poles_coincide():
    x = noise(1, 40)
    k = torch.zeros((), dtype=torch.float64, requires_grad=True)
    made = fx.Ladder(resonance=k)
    for asked in (made(x, RATE).square().sum(), made.response([300.0, 2000.0], RATE).abs().sum()):
        assert torch.isfinite(torch.autograd.grad(asked, k)[0])
    cutoff, k = torch.tensor([500.0, 9000.0]).double(), torch.tensor([0.1, 3.5]).double()
    hertz = [0.0, 100.0, 5000.0, 23_000.0]
    for ask in (fx.Ladder.response, fx.Ladder.group_delay, fx.Ladder.poles):
        asked = (hertz, RATE) if ask is not fx.Ladder.poles else (RATE,)
        leaves = (cutoff / 1000).requires_grad_(), k.requires_grad_()
        assert torch.autograd.gradcheck(
            lambda c, k, ask=ask, asked=asked: torch.view_as_real(ask(fx.Ladder(1000 * c, k), *asked) + 0j), leaves
        )


# -- with saturation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drive_db", [-24.0, 0.0, 36.0])
@pytest.mark.parametrize("k", [0.0, 1.0, 3.9, 4.5, 8.0])
@pytest.mark.parametrize("cutoff", [5.0, 700.0, 23_000.0])
def test_saturated_against_the_loop(cutoff, k, drive_db):
    x = 0.5 * noise(1, 300)
    y = fx.Ladder(cutoff, k, "tanh", drive_db)(x, RATE)
    close(y[0], ladder(x[0], cutoff, k, RATE, drive_db))


def test_everything_moves_and_saturates():
    x, at = noise(2, 500), torch.arange(500, dtype=torch.float64) / RATE
    cutoff = 1000.0 * 10 ** torch.sin(2 * torch.pi * 440 * at)
    k, drive_db = 2.0 + 2.0 * torch.sin(2 * torch.pi * 97 * at), 12.0 + 12.0 * torch.sin(2 * torch.pi * 1000 * at)
    made = fx.Ladder(saturation="tanh")
    y = made.modulated(x, cutoff, RATE, resonance=k, drive_db=drive_db)
    for channel in range(2):
        close(y[channel], ladder(x[channel], cutoff, k, RATE, drive_db))
    state, parts = None, []
    for block in torch.arange(500).split(123):
        part, state = made.modulated_block(
            x[:, block], state, cutoff[block], RATE, resonance=k[block], drive_db=drive_db[block]
        )
        parts.append(part)
    close(torch.cat(parts, -1), y)


def test_small_sounds_do_not_saturate_and_large_ones_are_bounded():
    x = noise(1, 2000)
    close(1e6 * fx.Ladder(saturation="tanh")(1e-6 * x, RATE), fx.Ladder()(x, RATE), 1e-8)
    for drive_db in (0.0, 20.0):
        y = fx.Ladder(2000.0, 0.0, "tanh", drive_db)(1e4 * x, RATE)
        assert float(y.abs().max()) <= 10 ** (-drive_db / 20)


def test_beyond_four_it_sings_at_its_corner():
    x = torch.zeros(1, RATE, dtype=torch.float64)
    x[0, 0] = 1.0
    y = fx.Ladder(1000.0, 4.4, "tanh")(x, RATE)[0, RATE // 2 :]
    spectrum = torch.fft.rfft(y * torch.hann_window(len(y), dtype=torch.float64)).abs()
    assert int(spectrum.argmax()) * RATE / len(y) == pytest.approx(1000.0, rel=0.01)
    assert 0.05 < float(y.abs().max()) < 1.0
    with pytest.raises(fx.ParameterError, match="saturates, so it has no response"):
        fx.Ladder(1000.0, 4.4, "tanh").poles(RATE)
    assert not (fx.Ladder(saturation="tanh") | fx.LowPass()).has_response


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


def test_examples_apart_blocks_alike_and_any_float():
    x = noise(3, 2, 400)
    made = fx.Ladder([200.0, 2000.0, 15_000.0], [0.0, 3.0, 5.0], "tanh", [0.0, 30.0, 10.0])
    y = made(x, RATE)
    for row in range(3):
        alone = fx.Ladder(made.cutoff[row], made.resonance[row], "tanh", made.drive_db[row])
        close(y[row], alone(x[row], RATE))
    stream = made.stream(RATE)
    close(torch.cat([stream(block) for block in x.split([1, 0, 57, 342], -1)], -1), y)
    for time in (0, 1, 2):
        close(made(x[..., :time], RATE), y[..., :time]) if time else made(x[..., :0], RATE)
    close(made(x.float(), RATE).double(), y, 1e-6)
    assert made(x.half(), RATE).dtype == torch.float16
