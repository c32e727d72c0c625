"""Filters whose parameters move, against a loop over the steps with SciPy's filters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import torch

import fxlab as fx

RATE = 44_100


def test_a_swept_low_pass_equals_a_loop_over_the_steps() -> None:
    x = torch.randn(2, 5000, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    y = fx.LowPass(cutoff=fx.LFO(5.0, 200.0, 4000.0), q=2.0)(x, RATE)
    state, outputs = np.zeros((1, 2, 2)), []
    for first in range(0, 5000, 16):
        position = 0.5 + 0.5 * math.sin(2 * math.pi * 5.0 * first / RATE)
        sos = fx.LowPass(cutoff=200.0 * 20.0**position, q=2.0).sos(sample_rate=RATE).numpy()
        block, state = scipy.signal.sosfilt(sos, x[:, first : first + 16].numpy(), zi=state)
        outputs.append(block)
    np.testing.assert_allclose(y.numpy(), np.concatenate(outputs, -1), atol=1e-12)


def test_a_stream_in_any_blocks_equals_one_call() -> None:
    x = torch.randn(2, 3000, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    module = fx.HighPass(100.0) | fx.LowPass(cutoff=fx.LFO(5.0, 200.0, 4000.0)) | fx.Gain(fx.Ramp(-20.0, 0.0, 0.05))
    stream, outputs, first = module.stream(RATE), [], 0
    for size in (1, 7, 16, 0, 100, 3, 873, 2000):
        outputs.append(stream(x[:, first : first + size]))
        first += size
    outputs.append(stream.flush())
    torch.testing.assert_close(torch.cat(outputs, -1), module(x, RATE), atol=1e-12, rtol=0)


def test_a_dictionary_and_a_repr_keep_the_control() -> None:
    module = fx.LowPass(cutoff=fx.LFO(0.5, 200.0, 4000.0, "triangle"))
    assert repr(module) == "LowPass(cutoff=LFO(rate_hz=0.5, low=200.0, high=4000.0, shape='triangle'))"
    assert repr(fx.Module.from_dict(module.to_dict())) == repr(module)
    module.cutoff = 500.0
    assert module.cutoff == 500.0
    assert list(module.state_dict()) == ["cutoff", "q"]


@pytest.mark.parametrize("assign", [False, True])
def test_a_state_is_loaded_into_a_control(assign: bool) -> None:
    module = fx.LowPass(cutoff=fx.LFO(0.5, 200.0, 4000.0))
    saved = fx.LowPass(cutoff=fx.LFO(0.25, 300.0, torch.tensor([4000.0, 5000.0])), q=2.0)
    assert module.load_state_dict(saved.state_dict(), assign=assign) == ([], [])
    assert repr(module) == repr(saved)


def test_gradients_reach_the_control() -> None:
    rate = torch.nn.Parameter(torch.tensor(5.0, dtype=torch.float64))
    x = torch.randn(1, 400, dtype=torch.float64, generator=torch.Generator().manual_seed(3))

    def energy(rate_hz: torch.Tensor) -> torch.Tensor:
        return fx.LowPass(cutoff=fx.LFO(rate_hz, 200.0, 4000.0))(x, RATE).square().sum()

    energy(rate).backward()
    with torch.no_grad():
        slope = (energy(rate + 1e-4) - energy(rate - 1e-4)) / 2e-4
    assert rate.grad is not None
    assert rate.grad.item() == pytest.approx(slope.item(), rel=1e-6)


def test_a_module_of_ones_own_reads_a_value_for_every_sample() -> None:
    class Level(fx.Module):
        level = fx.Param(1.0, low=0.0, high=1.0)

        def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
            return x * self.level

    y = Level(level=fx.Ramp(0.0, 1.0, 1.0))(torch.ones(1, 4), 4)
    assert y.tolist() == [[0.0, 0.25, 0.5, 0.75]]


@pytest.mark.parametrize(
    "module",
    [
        fx.StateVariable(cutoff=fx.LFO(5.0, 200.0, 4000.0), q=2.0),
        fx.Ladder(cutoff=fx.LFO(5.0, 200.0, 4000.0), resonance=fx.Ramp(0.0, 3.0, 0.1)),
        fx.Ladder(cutoff=fx.LFO(5.0, 200.0, 4000.0), saturation="tanh", drive_db=12.0),
    ],
    ids=["state variable", "ladder", "saturating ladder"],
)
def test_a_virtual_analog_filter_equals_its_modulated_form(module: fx.StateVariable) -> None:
    x = torch.randn(2, 1000, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    steps = torch.arange(0, 1000, 16)
    values = {
        name: control.evaluate(steps, RATE, module.declarations[name].scale)
        for name, control in module.controls().items()
    }
    y = module(x, RATE)
    torch.testing.assert_close(y, module.modulated(x, sample_rate=RATE, hop_length=16, **values), atol=1e-12, rtol=0)
    stream = module.stream(RATE)
    blocks = torch.cat([stream(x[:, :5]), stream(x[:, 5:507]), stream(x[:, 507:]), stream.flush()], -1)
    torch.testing.assert_close(blocks, y, atol=1e-12, rtol=0)


@pytest.mark.filterwarnings("ignore:.*jumps")
@pytest.mark.parametrize(("kind", "lowest", "highest"), [(fx.LowPass, 28.0, 30.0), (fx.StateVariable, -1.0, 0.1)])
def test_a_jump_clicks_in_a_direct_form_and_not_in_a_state_variable_filter(kind, lowest, highest) -> None:  # type: ignore[no-untyped-def]
    tone = fx.sine(100.0, duration=2.0, sample_rate=RATE, level_db=0.0).samples.double()
    y = kind(cutoff=fx.LFO(2.3, 60.0, 4000.0, "square", hop=1))(tone, RATE)
    peak_db = 20 * math.log10(y.abs().max().item())
    assert lowest < peak_db < highest
