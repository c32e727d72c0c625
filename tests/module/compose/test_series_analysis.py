"""`SeriesAnalysis`: what is computed for all stages in one call equals the stages one by one."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch

import fxlab as fx
from fxlab.module.parameters.design_cache import cache_designs

RATE = 44_100
GRID = torch.linspace(0, RATE / 2, 257, dtype=torch.float64)


def make_chain() -> fx.Chain:
    """Return a chain of sections, taps, a stage with batch dimensions, and a stage that occurs twice."""
    twice = fx.Peak(frequency=800.0, gain_db=4.0, q=3.0)
    batch = fx.LowShelf(cutoff=torch.tensor([100.0, 200.0], dtype=torch.float64), gain_db=6.0)
    return fx.Chain(fx.Butterworth(cutoff=5000.0, order=5), twice, fx.FIR(taps=[0.5, 0.3, 0.2]), batch, twice)


def test_the_response_is_the_product_over_the_stages() -> None:
    chain = make_chain()
    parts = [stage.response(GRID, RATE) for stage in chain]  # type: ignore[operator]
    expected = parts[0]
    for part in parts[1:]:
        expected = expected * part
    torch.testing.assert_close(chain.response(GRID, RATE), expected, rtol=1e-12, atol=1e-14)
    with cache_designs():
        torch.testing.assert_close(chain.response(GRID, RATE), expected, rtol=1e-12, atol=1e-14)


def test_gradients_reach_every_stage() -> None:
    chain = fx.LowPass(cutoff=torch.nn.Parameter(torch.tensor(900.0))) | fx.Peak(
        gain_db=torch.nn.Parameter(torch.tensor(3.0))
    )
    chain.response(GRID, RATE).abs().sum().backward()
    for value in chain.parameters():
        assert value.grad is not None
        assert float(value.grad.abs()) > 0


@pytest.mark.parametrize(
    "chain",
    [
        fx.Chain(*(fx.Peak(frequency=31.25 * 2**k, gain_db=12.0, q=4.0) for k in range(10))),
        fx.LowPass(cutoff=30.0) | fx.LowPass(cutoff=30.0) | fx.LowPass(cutoff=30.0),
        fx.HighPass(cutoff=20.0) | fx.FIR(taps=[0.0] * 500 + [1.0]),
    ],
)
def test_the_impulse_response_has_decayed_after_the_memory(chain: fx.Chain) -> None:
    memory = chain.memory(RATE, tolerance=1e-5)
    assert memory is not None
    impulse = torch.zeros(1, memory + 30_000, dtype=torch.float64)
    impulse[0, 0] = 1.0
    after = chain(impulse, sample_rate=RATE)[0].abs()
    assert float(after[memory:].sum()) <= 1e-5 * max(1.0, float(after.sum()))


def test_a_valid_value_is_checked_once_and_an_invalid_one_always(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = fx.LowPass(cutoff=1000.0) | fx.LowPass(cutoff=2000.0)
    seen: list[float] = []
    plain = type(chain[0])._check
    monkeypatch.setattr(type(chain[0]), "_check", lambda self, rate: (seen.append(rate), plain(self, rate))[1])
    for context in (cache_designs(), nullcontext()):
        with context:
            for _ in range(3):
                chain.response(GRID, RATE)
            assert seen.count(RATE) == 2
            for _ in range(2):
                with pytest.raises(fx.ParameterError, match="cutoff"):
                    chain.response([10.0], 3000)
