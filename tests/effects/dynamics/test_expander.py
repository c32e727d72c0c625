"""An expander and a gate: their curves, their times, and when the gate opens and closes."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def constant(level: float, samples: int = RATE) -> torch.Tensor:
    return torch.full((1, samples), 10 ** (level / 20), dtype=torch.float64)


@pytest.mark.parametrize(("level", "reduction"), [(-20.0, 0.0), (-40.0, 0.0), (-45.0, 10.0), (-80.0, 50.0)])
def test_the_static_curve_of_an_expander(level, reduction):
    expander = fx.Expander(-40.0, 3.0, knee_db=0.0, range_db=50.0)
    assert expander.gain_reduction_db(constant(level), sample_rate=RATE)[0, -1].item() == pytest.approx(
        reduction, abs=0.01
    )


def test_the_times_of_an_expander_are_those_of_its_gain():
    x = torch.cat([constant(-60.0), constant(-20.0)], -1)
    expander = fx.Expander(-40.0, 2.0, attack_ms=10.0, release_ms=50.0, knee_db=0.0)
    reduction = expander.gain_reduction_db(x, sample_rate=RATE)[0]
    assert reduction[round(0.05 * RATE) - 1].item() == pytest.approx(20.0 * (1 - math.exp(-1)), rel=0.01)
    assert reduction[RATE + round(0.01 * RATE) - 1].item() == pytest.approx(20.0 * math.exp(-1), rel=0.01)


def gate_by_loop(levels: list[float], threshold: float, hysteresis: float, hold: int) -> list[bool]:
    """Return whether the gate is open after each sample."""
    is_open, quiet, result = False, 0, []
    for level in levels:
        quiet = 0 if level >= threshold - hysteresis else quiet + 1
        if level > threshold:
            is_open = True
        elif quiet >= max(1, hold):
            is_open = False
        result.append(is_open)
    return result


@pytest.mark.parametrize("hold", [0, 1, 5])
def test_a_gate_equals_a_loop_over_the_samples(hold):
    levels = (torch.randn(400, generator=torch.Generator().manual_seed(hold)).cumsum(0) * 2 - 40).clamp(-100, 0)
    x = (10 ** (levels / 20)).double()[None]
    gate = fx.Gate(-40.0, 6.0, attack_ms=0.0, hold_ms=float(hold), release_ms=0.0, range_db=60.0)
    reduction = gate.gain_reduction_db(x, sample_rate=1000)[0]
    assert (reduction == 0).tolist() == gate_by_loop(levels.tolist(), -40.0, 6.0, hold)
    assert set(reduction.tolist()) <= {0.0, 60.0}
    stream = gate.stream(1000)
    blocks = torch.cat([stream(block) for block in x.split([1, 7, 100, 292], -1)], -1)
    torch.testing.assert_close(blocks, gate(x, sample_rate=1000))


def test_each_value_of_a_gate_applies_to_the_one_channel():
    x = 0.01 * torch.randn(1, 500, generator=torch.Generator().manual_seed(1))
    for name, values in (("hysteresis_db", [1.0, 12.0]), ("threshold_db", [-45.0, -35.0])):
        alone = [fx.Gate(hold_ms=0.0, **{name: value})(x, sample_rate=48_000) for value in values]
        assert not torch.equal(*alone)
        both = fx.Gate(hold_ms=0.0, **{name: values})(x, sample_rate=48_000)
        torch.testing.assert_close(both, torch.cat(alone))


def test_a_gate_removes_noise_between_sounds():
    noise = fx.noise(duration=1.0, sample_rate=RATE, level_db=-60.0, seed=1).samples
    gated = fx.Gate(-40.0, range_db=40.0)(noise, sample_rate=RATE)
    closed = slice(RATE // 2, None)
    torch.testing.assert_close(gated[:, closed], 0.01 * noise[:, closed], rtol=0.1, atol=0)


def test_gradients_reach_the_expander():
    x = 0.05 * torch.randn(1, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def run(*values):
        return fx.Expander(*values)(x, sample_rate=1000)

    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-20.0, 2.0, 5.0, 50.0, 6.0, 60.0)]
    assert torch.autograd.gradcheck(run, values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fx.Expander(ratio=0.5), "ratio is 0.5; it must be at least 1"),
        (lambda: fx.Gate(hold_ms=-1.0), "hold_ms is -1 ms"),
        (lambda: fx.Gate(hysteresis_db=-1.0), "hysteresis_db is -1 dB"),
    ],
)
def test_invalid_values_are_refused(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()
