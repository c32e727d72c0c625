"""`Stream`: the state is carried, parameters may change between blocks, latency is flushed, misuse raises."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from tests.support.signals import run_in_blocks
from tests.support.teacher_modules import FrameDelay, FrameDelayGain

RATE = 48_000.0


LATE = {
    "alone": lambda: FrameDelay(8),
    "before a filter": lambda: FrameDelay(8) | fx.LowPass(),
    "after a filter": lambda: fx.LowPass() | FrameDelay(8),
    "twice": lambda: FrameDelay(8) | fx.Peak(gain_db=6.0) | FrameDelay(5) | fx.HighPass() | fx.LowPass(),
    "beside a filter": lambda: FrameDelay(8) + fx.LowPass(),
    "beside a later one": lambda: fx.HighPass() + FrameDelay(8) + (FrameDelay(5) | FrameDelay(3)),
    "mixed": lambda: fx.Mix(FrameDelay(8), 0.3),
    "mixed, in a sum, in a chain": lambda: (
        fx.HighPass() | fx.Mix(FrameDelay(8) | fx.LowPass(), 0.3) + FrameDelay(7) | fx.LowPass()
    ),
}


@pytest.mark.parametrize("name", LATE)
@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 60), max_size=6))
def test_modules_with_latency_output_every_sample_in_step(name, cuts):
    made, x = LATE[name](), torch.randn(2, 60, dtype=torch.float64)
    torch.testing.assert_close(run_in_blocks(made, x, cuts, RATE), made(x, sample_rate=RATE), rtol=1e-10, atol=1e-12)


def test_the_flushed_samples_use_the_values_of_their_example():
    x = torch.randn(3, 2, 21, dtype=torch.float64)
    gain = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    for made in (
        FrameDelayGain(gain=gain),
        fx.Mix(FrameDelayGain(gain=gain), gain / 4),
        FrameDelayGain(gain=gain) | fx.LowPass(gain * 500),
    ):
        torch.testing.assert_close(
            run_in_blocks(made, x, [5, 6], RATE), made(x, sample_rate=RATE), rtol=1e-10, atol=1e-12
        )


def test_branches_that_end_at_different_lengths_raise():
    class Cut(fx.Module):
        def forward(self, x, sample_rate):
            return x[..., :-3]

        def forward_block(self, x, state, sample_rate):
            return x[..., :-3], None

    stream = (Cut() + fx.LowPass()).stream(RATE)
    stream(torch.zeros(1, 10))
    with pytest.raises(fx.FxlabError, match="its branches end after different numbers of samples"):
        stream.flush()


def test_a_parameter_may_change_between_blocks_and_the_state_is_kept():
    x = torch.ones(1, 400, dtype=torch.float64)
    made = fx.LowPass(200.0)
    stream = made.stream(RATE)
    first = stream(x[:, :200])
    made.cutoff = 250.0
    second = stream(x[:, 200:])
    assert (second[0, 0] - first[0, -1]).abs() < 0.03  # no click
    torch.testing.assert_close(first, fx.LowPass(200.0)(x[:, :200], sample_rate=RATE))
    assert not torch.allclose(second, fx.LowPass(200.0)(x, sample_rate=RATE)[:, 200:])


def test_streams_of_one_module_are_independent():
    made, x = fx.LowPass(), torch.randn(1, 40, dtype=torch.float64)
    one, other = made.stream(RATE), made.stream(RATE)
    one(torch.randn(1, 7, dtype=torch.float64))
    assert torch.equal(other(x), made(x, sample_rate=RATE))


def test_gradients_pass_through_the_blocks():
    cutoff = torch.tensor(500.0, dtype=torch.float64, requires_grad=True)
    x = torch.randn(1, 60, dtype=torch.float64)
    for made in (fx.LowPass(cutoff), fx.HighPass(cutoff) | fx.LowPass(cutoff * 2)):
        y = run_in_blocks(made, x, [20, 33], RATE)
        streamed = torch.autograd.grad(y.square().sum(), cutoff, retain_graph=True)
        whole = torch.autograd.grad(made(x, sample_rate=RATE).square().sum(), cutoff)
        torch.testing.assert_close(streamed, whole)


def test_a_stream_uses_the_sample_rate_of_the_module_by_default():
    x = torch.randn(1, 20)
    assert torch.equal(fx.LowPass(sample_rate=RATE).stream()(x), fx.LowPass()(x, sample_rate=RATE))


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (torch.zeros(1, 8), r"shape \(1, 8\), torch.float32 on cpu follows one of shape \(2, …\)"),
        (torch.zeros(2, 8, dtype=torch.float64), r"torch.float64 on cpu follows one of .*torch.float32"),
        (torch.zeros(8), r"only the time may differ within a stream"),
    ],
)
def test_a_block_unlike_the_first_raises_and_the_stream_continues(second, says):
    stream = fx.LowPass().stream(RATE)
    stream(torch.zeros(2, 8))
    with pytest.raises(fx.SignalError, match=says):
        stream(second)
    assert stream(torch.zeros(2, 3)).shape == (2, 3)


def test_a_flushed_stream_cannot_continue():
    stream = FrameDelay(8).stream(RATE)
    stream(torch.ones(1, 3))
    assert stream.flush().shape == (1, 3)
    with pytest.raises(fx.SignalError, match=r"FrameDelay: this stream has ended with flush\(\); start a new one"):
        stream(torch.ones(1, 3))
    assert stream.flush().shape[-1] == 0  # everything was output by the first flush
    assert fx.LowPass().stream(RATE).flush().shape[-1] == 0


def test_a_stream_does_not_take_a_signal():
    with pytest.raises(fx.SignalError, match=r"LowPass: a stream takes tensors; write stream\(signal.samples\)"):
        fx.LowPass().stream(RATE)(fx.Signal(torch.zeros(1, 4), RATE))


def test_a_stream_keeps_no_samples_of_a_block():
    stream = (fx.LowPass() + fx.Mix(fx.HighPass(), 0.5)).stream(RATE)
    stream(torch.zeros(1, 1000))
    held = list(tensors_in(list(vars(stream).values())))
    assert held
    assert sum(value.untyped_storage().nbytes() for value in held) <= 4 * 2 * 8  # two delays of two sections


def tensors_in(value):
    """Yield the tensors in nested lists and tuples."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors_in(part)


def test_the_sample_rate_is_given_by_position_or_by_keyword_everywhere():
    made, x = fx.LowPass(), torch.randn(1, 64, dtype=torch.float64)
    assert torch.equal(made.stream(sample_rate=RATE)(x), made.stream(RATE)(x))
    assert torch.equal(made(x, RATE), made(x, sample_rate=RATE))
    questions = [made.sos, made.poles, made.zeros, made.margin, made.noise_gain, made.impulse_response]
    for ask in questions:
        assert torch.equal(ask(RATE), ask(sample_rate=RATE))
    assert made.is_stable(RATE) is made.is_stable(sample_rate=RATE) is True
    assert made.export("c", RATE) == made.export(format="c", sample_rate=RATE)
    assert made.memory(RATE, tolerance=1e-3) == made.memory(sample_rate=RATE, tolerance=1e-3)
    assert torch.equal(made.response([100.0], RATE), made.response([100.0], sample_rate=RATE))
    bank = fx.Crossover()
    assert torch.equal(bank.split(x, RATE), bank.split(x, sample_rate=RATE))
    assert fx.thd(made, 100.0, RATE).thd_db == fx.thd(made, 100.0, sample_rate=RATE).thd_db


def test_a_bank_measures_levels_at_the_signals_rate_only():
    sound = fx.Signal(torch.randn(1, 64), RATE)
    assert torch.equal(fx.Crossover().levels_db(sound), fx.Crossover().levels_db(sound, RATE))
    with pytest.raises(
        fx.SignalError, match=r"Crossover: the signal runs at 48000 Hz, but sample_rate=44100 was given"
    ):
        fx.Crossover().levels_db(sound, 44_100)


def test_a_copy_does_not_share_a_state_into_which_a_module_writes():
    class Echo(fx.Module):
        def forward_block(self, x, state, sample_rate):
            state = defaultdict(partial(torch.zeros, x.shape[:-1])) if state is None else state
            samples = [state["past"].mul_(0.9).add_(each).clone() for each in x.unbind(-1)]
            return torch.stack(samples, -1), state

        def forward(self, x, sample_rate):
            return self.forward_block(x, None, sample_rate)[0]

    stream, x = Echo().stream(8000), torch.randn(1, 20)
    stream(x)
    other = stream.copy()
    assert torch.equal(stream(x), other(x))
