"""A stream that starts settled: its output is that of a stream that has had the first sample for a long time."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from tests.support.specimens import RATE, can_stream, specimens

SPECIMENS = specimens()
# What is not linear and time-invariant has no steady state that it knows.
UNSETTLED = {name for name, make in SPECIMENS.items() if not make().has_response} - {"MidSide"}
# These decay slowly: the constant input before the start must be long.
LEAD_SAMPLES = 30_000


def noise(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3), dtype=dtype)


def after_a_long_constant(module: fx.Module, x: torch.Tensor) -> torch.Tensor:
    before = x[..., :1].expand(*x.shape[:-1], LEAD_SAMPLES)
    return module(torch.cat([before, x], -1), sample_rate=RATE)[..., LEAD_SAMPLES:]


@pytest.mark.parametrize("name", sorted(n for n in SPECIMENS if n not in UNSETTLED and can_stream(SPECIMENS[n]())))
def test_the_output_is_that_after_a_long_constant(name):
    module, x = SPECIMENS[name](), noise(2, 300)
    if module.has_response and not module.margin(RATE).min() > 0:
        pytest.skip("a filter with poles on the unit circle does not settle")
    stream = module.stream(RATE, settled=True)
    y = torch.cat([stream(x[:, :0]), stream(x[:, :7]), stream(x[:, 7:]), stream.flush()], -1)
    torch.testing.assert_close(y, after_a_long_constant(module, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", sorted(n for n in UNSETTLED if can_stream(SPECIMENS[n]())))
def test_what_has_no_steady_state_says_so(name):
    module = SPECIMENS[name]()
    with pytest.raises(fx.FxlabError, match=f"{type(module).__name__} cannot start settled: "):
        module.stream(RATE, settled=True)(noise(2, 10))


NESTED = {
    "a chain in a sum in a mix": lambda: fx.Mix(
        fx.Sum(fx.HighPass(200.0) | fx.LowPass(2000.0) | fx.FIR([0.5, 0.3, 0.1]), fx.Gain(-3.0)), 0.4
    ),
    "kinds of state": lambda: (
        fx.StateVariable(500.0)
        | fx.TransferFunction([0.2, 0.1], [1.0, -0.5, 0.1])
        | fx.Crossover([300.0], gains_db=[3.0, -3.0])
        | fx.Comb(1.0, 0.5, "feedback")
        | fx.WindowedSinc(3000.0)
        | fx.HighPass(100.0)
        | fx.Peak(500.0, 6.0)
    ),
    "values per example and channel": lambda: (
        fx.LowPass(torch.tensor([300.0, 3000.0]))
        | fx.Gain(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        | fx.Comb(torch.tensor([1.0, 2.0]), torch.tensor([0.3, -0.3]), "feedback")
        | fx.Crossover([300.0], gains_db=torch.tensor([[3.0, -3.0], [0.0, 1.0]]))
        | fx.StateVariable(500.0, q=torch.tensor([0.5, 2.0]))
    ),
}


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_combinations(name, dtype):
    module, x = NESTED[name](), noise(2, 2, 200, dtype=dtype)
    stream = module.stream(RATE, settled=True)
    y = torch.cat([stream(x[..., :90]), stream(x[..., 90:])], -1)
    tolerance = 1e-8 if dtype == torch.float64 else 1e-4
    assert y.dtype == dtype
    torch.testing.assert_close(y, after_a_long_constant(module, x), rtol=tolerance, atol=tolerance)


def test_a_constant_passes_without_a_transient():
    x = torch.full((1, 100), 0.5)
    for module, level in ((fx.HighPass(50.0), 0.0), (fx.LowPass(50.0), 0.5)):
        y = module.stream(RATE, settled=True)(x)
        torch.testing.assert_close(y, torch.full_like(x, level), rtol=0, atol=1e-7)


def test_gradients_reach_the_parameters_and_the_first_sample():
    cutoff = torch.tensor(500.0, dtype=torch.float64, requires_grad=True)
    x = noise(1, 20).requires_grad_()

    def start(cutoff, x):
        return (fx.LowPass(cutoff) | fx.FIR([0.5, 0.5]) | fx.HighPass(cutoff * 0.1)).stream(RATE, settled=True)(x)

    assert torch.autograd.gradcheck(start, (cutoff, x), atol=1e-6)


def test_an_integrator_has_no_steady_state():
    integrator = fx.SOS([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]])
    with pytest.raises(fx.FxlabError, match=r"SOS cannot start settled: .* a pole at z = 1"):
        integrator.stream(RATE, settled=True)(noise(1, 10))
    with pytest.raises(fx.FxlabError, match="a pole at z = 1"):
        (fx.LowPass() | integrator).stream(RATE, settled=True)(noise(1, 10))
    blocked = fx.HighPass(100.0) | integrator
    torch.testing.assert_close(
        blocked.stream(RATE, settled=True)(torch.ones(1, 9)), torch.zeros(1, 9), rtol=0, atol=1e-12
    )


def test_a_moving_parameter_has_no_steady_state():
    module = fx.LowPass(fx.LFO(1.0, 500.0, 2000.0))
    with pytest.raises(fx.FxlabError, match="LowPass cannot start settled: cutoff moves"):
        module.stream(RATE, settled=True)(noise(1, 10))


def test_a_user_defines_the_steady_state_of_a_module():
    class Hold(fx.StatefulModule):
        def forward_block(self, x, state, sample_rate):
            row = torch.cat([x.new_zeros(*x.shape[:-1], 2) if state is None else state, x], -1)
            return row[..., :-2], row[..., -2:]

    x = noise(1, 6)
    with pytest.raises(fx.FxlabError, match=r"Hold cannot start settled: .* define settled_state\("):
        Hold().stream(RATE, settled=True)(x)
    Hold.settled_state = lambda self, x, sample_rate: x.expand(*x.shape[:-1], 2)
    y = (fx.LowPass(500.0) | Hold()).stream(RATE, settled=True)(x)
    assert torch.equal(y[:, :3], fx.LowPass(500.0).stream(RATE, settled=True)(x)[:, :1].expand(1, 3))
