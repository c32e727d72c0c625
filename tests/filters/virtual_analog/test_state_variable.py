"""StateVariable against SciPy's bilinear transform, and against Simper's loop over samples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal
from torch import Tensor

import fxlab as fx
from tests.support.signals import noise
from tests.support.voltage_simulation import state_variable

RATE = 48_000
KINDS = fx.StateVariable.declarations["kind"].choices
PROTOTYPES = {  # numerators in s for a corner of 1, with k = 1 / q
    "lowpass": lambda k: [0, 0, 1],
    "highpass": lambda k: [1, 0, 0],
    "bandpass": lambda k: [0, k, 0],
    "notch": lambda k: [1, 0, 1],
    "allpass": lambda k: [1, -k, 1],
    "peak": lambda k: [-1, 0, 1],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cutoff", "q"), [(20.0, 0.7071), (1000.0, 0.1), (1000.0, 30.0), (20_000.0, 2.0)])
def test_sections_match_scipys_bilinear_transform_of_the_prototype(kind, cutoff, q):
    module = fx.StateVariable(cutoff, q, kind=kind)
    fs = 1 / (2 * np.tan(np.pi * cutoff / RATE))  # prewarped: the corner is exact
    b, a = signal.bilinear(PROTOTYPES[kind](1 / q), [1, 1 / q, 1], fs)
    np.testing.assert_allclose(module.sos(RATE)[0], np.concatenate([b, a]), rtol=0, atol=1e-13)
    hertz = np.geomspace(10, 23_000, 40)
    s = 1j * np.tan(np.pi * hertz / RATE) * 2 * fs
    analog = np.polyval(PROTOTYPES[kind](1 / q), s) / np.polyval([1, 1 / q, 1], s)
    np.testing.assert_allclose(module.response(hertz, RATE), analog, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("lowpass", fx.LowPass(900.0, 3.0)),
        ("highpass", fx.HighPass(900.0, 3.0)),
        ("bandpass", fx.BandPass(900.0, 3.0)),
        ("notch", fx.Notch(900.0, 3.0)),
        ("allpass", fx.AllPass(900.0, 3.0)),
    ],
)
def test_constant_parameters_match_the_cookbook_filter(kind, other):
    module, x = fx.StateVariable(900.0, 3.0, kind=kind), noise(2, 500)
    torch.testing.assert_close(module.sos(RATE), other.sos(RATE), rtol=0, atol=1e-13)
    torch.testing.assert_close(module(x, RATE), other(x, RATE), rtol=0, atol=1e-11)


def test_peak_is_lowpass_minus_highpass_with_a_gain_of_2_q():
    peak, low, high = (fx.StateVariable(700.0, 5.0, kind=kind) for kind in ("peak", "lowpass", "highpass"))
    hertz = [0.0, 700.0, 24_000.0]
    assert peak.response(hertz, RATE).abs().tolist() == pytest.approx([1.0, 10.0, 1.0], rel=1e-9)
    torch.testing.assert_close(peak.response(hertz, RATE), low.response(hertz, RATE) - high.response(hertz, RATE))


@pytest.mark.parametrize(("rate", "cutoff", "q"), list(itertools.product([8e3, 768e3], [5.0, 0.49], [0.1, 1000.0])))
def test_extreme_parameters_match_the_loop(rate, cutoff, q):
    corner = cutoff if cutoff > 1 else cutoff * rate
    x = noise(1, 3000)
    for kind in KINDS:
        module = fx.StateVariable(corner, q, kind=kind)
        expected = state_variable(x[0], corner, q, kind, rate)
        y = module(x, rate)[0]
        torch.testing.assert_close(y, expected, rtol=0, atol=1e-9 * float(expected.abs().max()))
        assert module.is_stable(rate)
        torch.testing.assert_close(module(x.float(), rate)[0].double(), y, rtol=0, atol=1e-5 * float(y.abs().max()))


# -- modulation -----------------------------------------------------------------------------------------------------


def lfo(time: int, hertz: float = 440.0) -> Tensor:
    """Return a corner frequency that oscillates between 100 Hz and 10 kHz."""
    return 1000.0 * 10 ** torch.sin(2 * torch.pi * hertz * torch.arange(time, dtype=torch.float64) / RATE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("q", [0.2, 0.7071, 50.0])
def test_audio_rate_modulation_matches_the_loop(kind, q):
    x, cutoff = noise(2, 4800), lfo(4800)
    y = fx.StateVariable(q=q, kind=kind).modulated(x, cutoff, RATE)
    for channel in range(2):
        expected = state_variable(x[channel], cutoff, q, kind, RATE)
        torch.testing.assert_close(y[channel], expected, rtol=0, atol=1e-9 * float(expected.abs().max()))


def test_modulation_of_q_and_of_each_channel():
    x = noise(2, 900)
    cutoff = torch.stack([lfo(900), lfo(900, 3000.0)])
    q = torch.linspace(0.2, 40.0, 900, dtype=torch.float64)
    y = fx.StateVariable().modulated(x, cutoff, RATE, q=q)
    for channel in range(2):
        expected = state_variable(x[channel], cutoff[channel], q, "lowpass", RATE)
        torch.testing.assert_close(y[channel], expected, rtol=0, atol=1e-9 * float(expected.abs().max()))


def test_energy_of_the_integrators_never_grows_without_input():
    cutoff = 5.0 * 4700 ** torch.rand(2000, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    module, energies = fx.StateVariable(q=1e6), []
    state = torch.tensor([[1.0, -0.5]], dtype=torch.float64)
    for block in cutoff.split(7):
        _, state = module.modulated_block(torch.zeros(1, len(block), dtype=torch.float64), state, block, RATE)
        energies.append(float(state.square().sum()))
    assert all(after <= before * (1 + 1e-12) for before, after in itertools.pairwise(energies))
    loud = fx.StateVariable(q=0.7071).modulated(noise(1, RATE), lfo(RATE), RATE)
    assert bool(torch.isfinite(loud).all())
    assert float(loud.square().mean()) < 1.0  # a low-pass reduces the power of white noise, here 1


def test_modulation_with_constant_values_equals_no_modulation():
    x = noise(3, 2, 700)
    for kind in KINDS:
        module = fx.StateVariable([300.0, 900.0, 20_000.0], 2.0, kind=kind)
        expected = module(x, RATE)
        torch.testing.assert_close(module.modulated(x, sample_rate=RATE), expected, rtol=0, atol=1e-11)
        corners = torch.tensor([300.0, 900.0, 20_000.0]).reshape(3, 1, 1).expand(3, 1, 70)
        other = fx.StateVariable(q=2.0, kind=kind).modulated(x, corners, RATE, hop_length=10)
        torch.testing.assert_close(other, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("hop", [1, 7, 100])
def test_modulated_blocks_equal_one_call(hop):
    x, module = noise(2, 1000), fx.StateVariable(q=8.0, kind="notch")
    cutoff = lfo(-(-1000 // hop) * hop)[::hop]
    expected = module.modulated(x, cutoff, RATE, hop_length=hop)
    state, parts = None, []
    for start in range(0, 1000, 3 * hop):
        block, corners = x[:, start : start + 3 * hop], cutoff[start // hop :][:3]
        y, state = module.modulated_block(block, state, corners, RATE, hop_length=hop)
        parts.append(y)
    torch.testing.assert_close(torch.cat(parts, -1), expected, rtol=0, atol=1e-11)


def test_changing_the_corner_between_blocks_of_a_stream_equals_modulation():
    x, corners = noise(1, 300), [200.0, 8000.0, 500.0]
    module = fx.StateVariable(q=3.0)
    stream, parts = module.stream(RATE), []
    for block, corner in zip(x.split(100, -1), corners, strict=True):
        module.cutoff = corner
        parts.append(stream(block))
    modulated = module.modulated(x, torch.tensor(corners), RATE, hop_length=100)
    torch.testing.assert_close(torch.cat(parts, -1), modulated, rtol=0, atol=1e-11)


def test_gradients_by_input_corner_and_q():
    x, cutoff, q = noise(2, 12), lfo(12, 3000.0), noise(12).abs() + 0.3

    def run(x: Tensor, cutoff: Tensor, q: Tensor) -> Tensor:
        return fx.StateVariable(kind="allpass").modulated(x, 1000.0 * cutoff, RATE, q=q)

    leaves = [x.requires_grad_(), (cutoff / 1000.0).requires_grad_(), q.requires_grad_()]
    assert torch.autograd.gradcheck(run, leaves)
    assert torch.autograd.gradgradcheck(run, leaves, fast_mode=True)


# -- inputs and errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", [0, 1, 2])
def test_short_inputs(time):
    x = noise(2, time)
    y = fx.StateVariable().modulated(x, torch.full((time,), 500.0), RATE)
    torch.testing.assert_close(y, fx.StateVariable(500.0)(x, RATE), rtol=0, atol=1e-15)
    assert fx.StateVariable().modulated(x.half(), torch.full((time,), 500.0), RATE).dtype == torch.float16


def test_signal_in_signal_out_and_inputs_are_not_modified():
    sound, sweep = fx.noise(duration=0.1, seed=1), torch.linspace(100, 5000, 4410)
    original = sweep.clone()
    y = fx.StateVariable().modulated(sound, sweep)
    assert isinstance(y, fx.Signal)
    assert y.sample_rate == sound.sample_rate
    assert torch.equal(sweep, original)
    with pytest.raises(fx.SignalError, match="leave it out"):
        fx.StateVariable().modulated(sound, sweep, 48_000.0 if sound.sample_rate != 48_000 else 8000.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cutoff": torch.full((100,), 24_000.0)}, "cutoff is 24000 Hz; it must be above 0 Hz and below half"),
        ({"cutoff": torch.full((100,), torch.nan)}, "cutoff is nan"),
        ({"cutoff": torch.full((99,), 100.0)}, r"cutoff has shape \(99,\); 100 samples in hops of 1 need 100 values"),
        ({"cutoff": torch.full((100,), 100.0), "hop_length": 7}, r"100 samples in hops of 7 need 15 values"),
        ({"cutoff": torch.full((3, 100), 100.0)}, r"broadcast against \(2,\)"),
        ({"cutoff": torch.full((5, 2, 100), 100.0)}, r"broadcast against \(2,\)"),
        ({"cutoff": "high"}, "must be a tensor of numbers"),
        ({"q": torch.zeros(100)}, "q is 0; it must be above 0"),
        ({"Q": torch.ones(100)}, "has no parameter 'Q'"),
        ({"kind": torch.ones(100)}, "kind cannot be modulated"),
        ({"hop_length": 0}, "hop_length is 0"),
    ],
)
def test_invalid_modulations_raise(arguments, message):
    with pytest.raises(fx.ParameterError, match=f"^StateVariable.*{message}"):
        fx.StateVariable().modulated(noise(2, 100), sample_rate=RATE, **arguments)


@pytest.mark.parametrize(("low", "high"), [(50.0, 1000.0), (20.0, 15_000.0)])
def test_a_corner_that_jumps_between_blocks_does_not_click(low, high):
    """The docs of `Stream` recommend it for this: a section in direct form overshoots eight to sixty times."""
    x = torch.sin(2 * torch.pi * 300 / RATE * torch.arange(RATE // 2, dtype=torch.float64))[None]

    def peak(module):
        stream, blocks = module.stream(RATE), []
        for number, block in enumerate(x.split(64, -1)):
            module.cutoff = low if number % 2 else high
            blocks.append(stream(block))
        return torch.cat(blocks, -1).abs().max()

    assert peak(fx.StateVariable(low)) < 1.2
    assert peak(fx.LowPass(low)) > 5.0
