"""`Chain`: equal to its stages one after the other, with neighboring sections in one call of the engine; flat."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from torch import nn

import fxlab as fx
from fxlab.engine.recursion.prepared_sections import PreparedSections
from fxlab.module.compose import section_runs
from tests.support.specimens import same_modules
from tests.support.teacher_modules import Smooth, Tremolo

RATE = 48_000.0


def any_stage(draw: st.DrawFn) -> fx.Module:
    cutoff, q = draw(st.floats(30, 15_000)), draw(st.floats(0.2, 10))
    return draw(
        st.sampled_from(
            [fx.LowPass(cutoff, q), fx.HighPass(cutoff, q), fx.Peak(cutoff, draw(st.floats(-18, 18)), q), Smooth(0.8)]
        )
    )


@st.composite
def stages(draw: st.DrawFn) -> list[fx.Module]:
    return [any_stage(draw) for _ in range(draw(st.integers(0, 5)))]


@pytest.fixture
def engine_calls(monkeypatch):
    """Record the number of sections of each call of the engine, which still runs them."""
    calls: list[int] = []
    original = section_runs.sosfilt

    def counting(x, sos, state=None):
        calls.append(sos.shape[-2])
        return original(x, sos, state)

    monkeypatch.setattr(section_runs, "sosfilt", counting)
    monkeypatch.setattr("fxlab.module.lti.recursive.sosfilt", counting)
    for method in ("__call__", "filter_finite"):
        monkeypatch.setattr(PreparedSections, method, lambda self, x, state=None: counting(x, self.sos, state))
    return calls


@settings(max_examples=15)
@given(parts=stages())
def test_a_chain_equals_its_stages_one_after_the_other(parts):
    x = torch.randn(2, 200, dtype=torch.float64)
    expected = x
    for part in parts:
        expected = part(expected, sample_rate=RATE)
    made = fx.Chain(*parts)
    y = made(x, sample_rate=RATE)
    torch.testing.assert_close(y, expected, rtol=1e-9, atol=1e-11 * (1 + float(expected.abs().max())))
    assert len(made) == len(parts)
    assert list(made) == parts


@settings(max_examples=15)
@given(parts=stages())
def test_its_analysis_agrees_with_the_product_of_the_polynomials(parts):
    made = fx.Chain(*parts)
    b, a, zeros, poles = np.ones(1), np.ones(1), [], []
    for part in parts:
        top, bottom = np.split(part.sos(RATE)[0].numpy(), 2)
        b, a = np.convolve(b, top), np.convolve(a, bottom)
        zeros.extend(part.zeros(RATE).tolist())
        poles.extend(part.poles(RATE).tolist())
    f = np.array([200.0, 1500.0, 9000.0, 21_000.0])
    _, expected = signal.freqz(b, a, f, fs=RATE)
    np.testing.assert_allclose(made.response(f, RATE).numpy(), expected, rtol=1e-4, atol=1e-6)
    assert made.zeros(RATE).tolist() == zeros
    assert made.poles(RATE).tolist() == poles
    assert made.is_stable(RATE)
    np.testing.assert_allclose(
        np.concatenate(signal.sos2tf(made.sos(RATE).numpy())),
        np.concatenate([np.pad(p, (0, 2 * max(1, len(parts)) + 1 - len(p))) for p in (b, a)]),
        atol=1e-12,
    )
    delay = sum((part.group_delay(f, RATE) for part in parts), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(made.group_delay(f, RATE), delay)


def test_an_empty_chain_passes_its_input_on():
    x = torch.randn(2, 9)
    assert torch.equal(fx.Chain()(x, sample_rate=RATE), x)
    assert fx.Chain().response([0.0, 100.0], RATE).tolist() == [1.0, 1.0]
    assert fx.Chain().phase([0.0, 100.0], RATE).tolist() == [0.0, 0.0]
    assert fx.Chain().poles(RATE).tolist() == fx.Chain().zeros(RATE).tolist() == []
    assert fx.Chain().sos(RATE).tolist() == [[1, 0, 0, 1, 0, 0]]
    assert fx.Chain().is_stable(RATE)
    assert repr(fx.Chain()) == "Chain()"


# -- one call of the engine -----------------------------------------------------------------------------------------


def test_neighboring_sections_run_in_one_call(engine_calls):
    made = fx.HighPass() | fx.Peak() | Smooth() | torch.tanh | fx.LowPass() | fx.LowPass()
    made(torch.randn(1, 30), sample_rate=RATE)
    assert engine_calls == [3, 2]
    engine_calls.clear()
    stream = made[:3].stream(RATE)
    stream(torch.randn(1, 30))
    assert engine_calls == [3]


@pytest.mark.parametrize(
    "register",
    [
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
    ],
)
def test_a_stage_with_a_hook_runs_separately_so_that_the_hook_is_called(register, engine_calls):
    made = fx.HighPass() | fx.Peak(gain_db=3.0) | fx.LowPass() | fx.LowPass()
    x = torch.randn(1, 30, dtype=torch.float64, requires_grad=True)
    together = made(x, sample_rate=RATE)
    seen = []
    handle = getattr(made[1], register)(lambda *args: seen.append(args[0]))
    engine_calls.clear()
    apart = made(x, sample_rate=RATE)
    apart.sum().backward()
    assert seen == [made[1]]
    assert engine_calls == [1, 1, 2]
    torch.testing.assert_close(apart, together, rtol=1e-12, atol=1e-13)
    handle.remove()
    engine_calls.clear()
    made(x, sample_rate=RATE)
    assert engine_calls == [4]


def test_a_hook_that_is_added_to_an_unchanged_chain_is_called(engine_calls):
    made = fx.HighPass() | fx.Peak(gain_db=3.0) | fx.LowPass()
    x, seen = torch.randn(1, 30), []
    for _ in range(2):
        made(x, sample_rate=RATE)
    handle = made.register_forward_hook(lambda *_: seen.append("chain"))
    made(x, sample_rate=RATE)
    handle.remove()
    made[1].register_forward_hook(lambda *_: seen.append("stage"))
    made(x, sample_rate=RATE)
    assert seen == ["chain", "stage"]
    assert engine_calls == [3, 3, 3, 1, 1, 1]


def test_a_hook_may_change_the_output_of_a_stage():
    made = fx.HighPass() | fx.LowPass()
    made[0].register_forward_hook(lambda module, args, output: 0 * output)
    assert made(torch.randn(1, 30), sample_rate=RATE).abs().max() == 0


def test_an_overridden_forward_of_a_stage_is_called():
    class Doubled(fx.LowPass):
        def forward(self, x, sample_rate):
            return 2 * super().forward(x, sample_rate)

    class Blocks(fx.LowPass):
        def forward_block(self, x, state, sample_rate):
            y, state = super().forward_block(x, state, sample_rate)
            return 3 * y, state

    x = torch.randn(1, 30, dtype=torch.float64)
    plain = (fx.HighPass() | fx.LowPass() | fx.HighPass())(x, sample_rate=RATE)
    torch.testing.assert_close((fx.HighPass() | Doubled() | fx.HighPass())(x, sample_rate=RATE), 2 * plain)
    torch.testing.assert_close((fx.HighPass() | Blocks() | fx.HighPass()).stream(RATE)(x), 3 * plain)


def test_a_forward_that_replaces_that_of_one_stage_is_called():
    x, made = torch.randn(1, 30, dtype=torch.float64), fx.HighPass() | fx.LowPass()
    for _ in range(3):
        made(x, sample_rate=RATE)
    made[1].forward = lambda x, sample_rate: 5 * x
    torch.testing.assert_close(made(x, sample_rate=RATE), 5 * made[0](x, sample_rate=RATE))


def test_float32_is_accurate_through_many_sections():
    made = fx.Chain(*[fx.Peak(30.0 * 1.6**k, 6.0, 2.0) for k in range(14)])
    x = torch.randn(1, 4000, dtype=torch.float64)
    exact, single = made(x, sample_rate=RATE), made(x.float(), sample_rate=RATE).double()
    assert 20 * torch.log10((single - exact).norm() / exact.norm()) < -110


# -- a list of stages -----------------------------------------------------------------------------------------------


def test_a_chain_is_flat_and_can_be_sliced():
    a, b, c = fx.LowPass(1.0), fx.LowPass(2.0), fx.LowPass(3.0)
    made = fx.Chain(a, fx.Chain(b, fx.Chain(c)))
    assert list(made) == [a, b, c]
    assert made[0] is a
    assert made[-1] is c
    assert isinstance(made[1:], fx.Chain)
    assert list(made[1:]) == [b, c]
    assert fx.Chain(a, b, sample_rate=RATE)[:1].sample_rate == RATE
    assert bool(fx.Chain())
    with pytest.raises(IndexError, match=r"Chain has 3 stages; there is no stage 3"):
        made[3]
    with pytest.raises(IndexError, match=r"Chain has 1 stage; there is no stage 1"):
        fx.Chain(fx.Gain(1.0))[1]


def test_a_chain_with_a_sample_rate_stays_a_stage_of_its_own():
    inner = fx.Chain(fx.LowPass(), fx.HighPass(), sample_rate=RATE)
    outer = inner | fx.Peak()
    assert outer[0] is inner
    assert outer(torch.zeros(1, 3)).shape == (1, 3)
    assert repr(inner) == "Chain(LowPass(), HighPass(), sample_rate=48000.0)"


def test_parameter_paths_begin_with_the_index_of_the_stage():
    made = fx.HighPass() | fx.Mix(fx.LowPass())
    assert [path for path, _, _ in made.walk()] == [
        "0.cutoff",
        "0.q",
        "1.mix",
        "1.align",
        "1.module.cutoff",
        "1.module.q",
    ]
    assert sorted(made.state_dict()) == sorted(path for path, _, _ in made.walk() if path != "1.align")
    other = fx.HighPass(50.0) | fx.Mix(fx.LowPass(60.0), 0.5)
    made.load_state_dict(other.state_dict(), strict=True)
    assert same_modules(made, other)


def test_a_network_as_a_stage():
    net = nn.Conv1d(1, 1, 5, padding=2)
    made = fx.HighPass() | net | fx.LowPass()
    x = torch.randn(1, 1, 40)
    expected = fx.LowPass()(net(fx.HighPass()(x, sample_rate=RATE)), sample_rate=RATE)
    torch.testing.assert_close(made(x, sample_rate=RATE), expected)
    assert {id(p) for p in net.parameters()} <= {id(p) for p in made.parameters()}


# -- without a response -------------------------------------------------------------------------------------------


def test_a_stage_without_a_response_leaves_the_chain_without_one():
    class Linear(fx.Module):
        """It is linear, but does not say what its response is."""

        def forward(self, x, sample_rate):
            return 2 * x

    for odd in (Tremolo(), Linear()):
        made = fx.LowPass() | odd | fx.HighPass()
        assert not made.has_response
        for ask in ("response", "group_delay", "phase", "phase_delay"):
            with pytest.raises(fx.ParameterError) as caught:
                getattr(made, ask)([100.0], RATE)
            for word in ("Chain", "stage 1", repr(odd), "not linear and time-invariant", "one by one"):
                assert word in str(caught.value)
        for ask in ("sos", "poles", "zeros", "is_stable", "impulse_response", "step_response"):
            with pytest.raises(fx.ParameterError, match="stage 1"):
                getattr(made, ask)(RATE)
        assert (fx.LowPass() | fx.HighPass()).has_response
        assert made[2].response([100.0], RATE).shape == (1,)
        nested = fx.Mix(made) | fx.LowPass()
        assert not nested.has_response
        with pytest.raises(fx.ParameterError, match="Chain: stage 0"):
            nested.response([100.0], RATE)


def test_changing_the_stages_while_streaming_raises():
    made = fx.LowPass() | fx.HighPass()
    stream = made.stream(RATE)
    stream(torch.zeros(1, 8))
    made[0].register_forward_hook(lambda *args: None)
    with pytest.raises(fx.FxlabError, match=r"its stages changed .* so the state does not fit; start a new stream"):
        stream(torch.zeros(1, 8))
