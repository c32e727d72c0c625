"""A module with a state of its own: one call is its blocks joined, and a state that does not fit is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from tests.support.signals import run_in_blocks

RATE = 8000.0


class Echo(fx.StatefulModule):
    """Add one echo; the delay line is the state."""

    delay_ms = fx.Param(1.0, low=0.125, high=10.0, unit="ms")
    level = fx.Param(0.5, low=0.0, high=1.0)

    def state_shape(self, sample_rate):
        return (round(float(self.delay_ms.max()) * sample_rate / 1000),)

    def forward_block(self, x, state, sample_rate):
        line = torch.cat([state, x], -1)
        return x + self.level * line[..., : x.shape[-1]], line[..., x.shape[-1] :]


class RunningMean(fx.StatefulModule):
    """The mean of all samples so far: its state, a sum and a count, is no tensor."""

    def forward_block(self, x, state, sample_rate):
        total, count = (0.0, 0) if state is None else state
        sums = total + x.cumsum(-1)
        counts = count + torch.arange(1, x.shape[-1] + 1)
        return sums / counts, (sums[..., -1:] if x.shape[-1] else total, count + x.shape[-1])


class Late(fx.StatefulModule):
    """Pass the input on in whole frames of 8 samples, and flush the rest."""

    def forward_block(self, x, state, sample_rate):
        held = x if state is None else torch.cat([state, x], -1)
        ready = held.shape[-1] // 8 * 8
        return held[..., :ready], held[..., ready:]

    def flush_block(self, state, sample_rate):
        return state


KINDS = (Echo, RunningMean, Late, lambda: Echo() | fx.LowPass() | Late(), lambda: Late() + RunningMean())


@pytest.mark.parametrize("make", KINDS)
@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 50), max_size=5))
def test_blocks_joined_equal_one_call(make, cuts):
    x = torch.randn(2, 50, dtype=torch.float64)
    made = make()
    whole = made(x, sample_rate=RATE)
    assert whole.shape == x.shape
    torch.testing.assert_close(run_in_blocks(made, x, cuts, RATE), whole, rtol=1e-10, atol=1e-12)


def test_a_subclass_writes_forward_block_alone():
    assert fx.StatefulModule.is_abstract()
    with pytest.raises(fx.FxlabError, match=r"does not define forward_block\(self, x, state, sample_rate\)"):
        fx.StatefulModule()
    assert Echo()(torch.tensor([1.0] + [0.0] * 9), sample_rate=RATE).tolist() == [1.0] + [0.0] * 7 + [0.5, 0.0]
    assert Late()(torch.ones(1, 3), sample_rate=RATE).tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(20,), (2, 20), (3, 2, 20)])
def test_the_first_state_is_zeros_like_the_input(dtype, shape):
    seen = []

    class Watched(Echo):
        def forward_block(self, x, state, sample_rate):
            seen.append(state)
            return super().forward_block(x, state, sample_rate)

    Watched()(torch.ones(shape, dtype=dtype), sample_rate=RATE)
    assert seen[0].shape == (*shape[:-1], 8)
    assert seen[0].dtype == dtype
    assert not seen[0].any()


def test_examples_that_differ_keep_their_own_state():
    x = torch.randn(3, 2, 40, dtype=torch.float64)
    level = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)
    y = run_in_blocks(Echo(level=level), x, [3, 17], RATE)
    for number in range(3):
        torch.testing.assert_close(y[number], Echo(level=level[number].item())(x[number], sample_rate=RATE))


def test_a_state_of_another_shape_is_refused_and_names_both():
    made = Echo(delay_ms=1.0)
    stream = made.stream(RATE)
    stream(torch.zeros(1, 10))
    made.level = 0.7  # this changes no state
    stream(torch.zeros(1, 10))
    made.delay_ms = 2.0
    with pytest.raises(fx.SignalError, match=r"^Echo: between two blocks .* changed from \(8,\) to \(16,\), so"):
        stream(torch.zeros(1, 10))


@pytest.mark.parametrize(
    ("made", "change", "says"),
    [
        (fx.Butterworth(order=2), {"order": 6}, "Butterworth: .* the number of its sections changed from 1 to 3"),
        (fx.WindowedSinc(taps=11), {"taps": 21}, "WindowedSinc: .* the number of its taps changed from 11 to 21"),
        (fx.Comb(delay_ms=1.0), {"delay_ms": 2.0}, "Comb: .* its delay changed from 8 to 16 samples"),
        (fx.TransferFunction(), {"a": [1.0, 0.5]}, "TransferFunction: .* its order changed from 0 to 1"),
        (fx.Crossover([500.0]), {"cutoffs": [300.0, 900.0]}, "Crossover: .* the number of its bands or their order"),
        (fx.FixedPoint(fx.LowPass()), {"bits": 12}, "FixedPoint: .* its structure, its word length or the filter"),
    ],
)
def test_every_filter_refuses_a_state_that_does_not_fit(made, change, says):
    assert isinstance(made, fx.StatefulModule)
    stream = made.stream(RATE)
    stream(torch.zeros(1, 64))
    for name, value in change.items():
        setattr(made, name, value)
    with pytest.raises(fx.SignalError, match=says + ".*, so the state does not fit; start a new stream"):
        stream(torch.zeros(1, 64))
