"""Feedback delay lines against the loops that define them, their textbook properties, and their gradients."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.engine import feedback_comb, feedback_delay, schroeder_allpass
from fxlab.errors import EngineError
from tests.support.signals import noise

Result = tuple[torch.Tensor, torch.Tensor]


def comb_loop(x: list[float], delay: int, gain: float, line: list[float]) -> tuple[list[float], list[float]]:
    line_input = list(line)
    for v in x:
        line_input.append(v + gain * line_input[-delay])
    return line_input[delay:], line_input[-delay:]


def allpass_loop(x: list[float], delay: int, gain: float, line: list[float]) -> tuple[list[float], list[float]]:
    line_input, out = list(line), []
    for v in x:
        new = v + gain * line_input[-delay]
        out.append(line_input[-delay] - gain * new)
        line_input.append(new)
    return out, line_input[-delay:]


def echo_loop(
    x: list[float], delay: int, feedback: float, damping: float, state: list[float]
) -> tuple[list[float], list[float]]:
    echo, line_input, out = state[0], list(state[1:]), []
    for v in x:
        out.append(line_input[-delay])
        echo = damping * echo + (1 - damping) * feedback * line_input[-delay]
        line_input.append(v + echo)
    return out, [echo, *line_input[-delay:]]


def assert_equal_to_loops(found: Result, loops: list[tuple[list[float], list[float]]]) -> None:
    for row, (expected, state) in enumerate(loops):
        np.testing.assert_allclose(found[0][row].numpy(), expected, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(found[1][row].numpy(), state, rtol=1e-9, atol=1e-11)


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(0, 2500),
    delay=st.one_of(st.integers(1, 40), st.integers(41, 3000)),
    gain=st.floats(-0.99, 0.99),
    damping=st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.999, -0.5]),
    seed=st.integers(0, 2**31),
)
def test_delay_lines_match_their_loops(length: int, delay: int, gain: float, damping: float, seed: int) -> None:
    x, line = noise(2, length, seed=seed), noise(2, delay + 1, seed=seed + 1)
    rows = list(zip(x.tolist(), line.tolist(), strict=True))
    comb, allpass = (run(x, delay, gain, line[:, 1:]) for run in (feedback_comb, schroeder_allpass))
    echo = feedback_delay(x, delay, gain, damping, line)
    assert_equal_to_loops(comb, [comb_loop(r, delay, gain, s[1:]) for r, s in rows])
    assert_equal_to_loops(allpass, [allpass_loop(r, delay, gain, s[1:]) for r, s in rows])
    assert_equal_to_loops(echo, [echo_loop(r, delay, gain, damping, s) for r, s in rows])


@pytest.mark.parametrize("delay", [7, 100, 1116])
def test_long_signals_match_scipy(delay: int) -> None:
    x = noise(2, 100_000)
    a = np.zeros(delay + 1)
    a[0], a[-1] = 1.0, -0.84
    expected = scipy.signal.lfilter([1.0], a, x.numpy())
    np.testing.assert_allclose(feedback_comb(x, delay, 0.84)[0].numpy(), expected, atol=1e-10)
    single = feedback_comb(x.float(), delay, 0.84)[0].double().numpy()
    assert 10 * np.log10(((single - expected) ** 2).mean() / (expected**2).mean()) < -130
    damping = 0.2
    b = np.zeros(delay + 2)
    b[delay], b[delay + 1] = 1.0, -damping
    a = np.zeros(delay + 1)
    a[0] = 1.0
    a[1] -= damping
    a[delay] -= 0.84 * (1 - damping)
    expected = scipy.signal.lfilter(b, a, x.numpy())
    np.testing.assert_allclose(feedback_delay(x, delay, 0.84, damping)[0].numpy(), expected, atol=1e-9)


def test_allpass_has_unit_gain_at_every_frequency() -> None:
    impulse = torch.zeros(1 << 15, dtype=torch.float64)
    impulse[0] = 1.0
    y, _ = schroeder_allpass(impulse, 37, 0.7)
    magnitude = torch.fft.rfft(y).abs()
    torch.testing.assert_close(magnitude, torch.ones_like(magnitude), rtol=1e-9, atol=1e-9)


def test_comb_decays_by_60_db_in_its_reverberation_time() -> None:
    rate, delay, seconds = 48_000, 1200, 0.5
    gain = 10 ** (-3 * delay / rate / seconds)
    impulse = torch.zeros(rate, dtype=torch.float64)
    impulse[0] = 1.0
    y, _ = feedback_comb(impulse, delay, gain)
    assert 20 * math.log10(y[int(rate * seconds)].item()) == pytest.approx(-60, abs=1e-6)


def test_damping_attenuates_the_highs_of_later_echoes() -> None:
    impulse = torch.zeros(5000, dtype=torch.float64)
    impulse[0] = 1.0
    y, _ = feedback_delay(impulse, 1000, 1.0, 0.4)
    assert y[:1000].abs().max() == 0
    assert y[1000].item() == 1.0
    spectra = torch.fft.rfft(torch.stack([y[1000 * k : 1000 * k + 1000] for k in (1, 2, 3)])).abs()
    torch.testing.assert_close(spectra[:, 0], torch.ones(3, dtype=torch.float64))
    nyquist = (1 - 0.4) / (1 + 0.4)
    torch.testing.assert_close(spectra[:, -1], torch.tensor([1.0, nyquist, nyquist**2], dtype=torch.float64))


def test_gain_above_one_grows_and_affects_no_other_row() -> None:
    x = torch.zeros(3, 2000, dtype=torch.float64)
    x[0, 5] = x[1, 5] = 1.0
    gain = torch.tensor([2.0, 0.5, 1000.0], dtype=torch.float64)
    y, _ = feedback_comb(x, 3, gain)
    assert y[0, 305].item() == 2.0**100
    assert y[1, 305].item() == 0.5**100
    assert torch.equal(y[2], x[2])


def test_a_delay_for_each_row() -> None:
    x = noise(2, 4, 3000)
    delay = torch.tensor([[50], [61]]) + torch.tensor([0, 7, 100, 7])
    line = noise(2, 4, 161 + 1, seed=1)
    gain = torch.tensor([0.5, 0.6, 0.7, -0.8], dtype=torch.float64)
    for row in range(2):
        for column in range(4):
            samples, g, r = int(delay[row, column]), gain[column].item(), x[row, column].tolist()
            s = line[row, column, -samples:].tolist()
            pairs = [
                (feedback_comb(x, delay, gain, line[..., 1:]), comb_loop(r, samples, g, s)),
                (schroeder_allpass(x, delay, gain, line[..., 1:]), allpass_loop(r, samples, g, s)),
                (
                    feedback_delay(x, delay, gain, 0.3, line),
                    echo_loop(r, samples, g, 0.3, [line[row, column, 0].item(), *s]),
                ),
            ]
            for (y, state), (expected, last) in pairs:
                np.testing.assert_allclose(y[row, column].numpy(), expected, atol=1e-11)
                np.testing.assert_allclose(state[row, column, -samples:].numpy(), last[-samples:], atol=1e-11)


def test_one_signal_with_several_delays() -> None:
    x = noise(500)
    y, state = feedback_comb(x, [3, 10], 0.5)
    assert y.shape == (2, 500)
    assert state.shape == (2, 10)
    torch.testing.assert_close(y[1], feedback_comb(x, 10, 0.5)[0])


@pytest.mark.parametrize("delay", [5, 333, [40, 333]])
@pytest.mark.parametrize(
    "line",
    [
        lambda x, d, s: feedback_comb(x, d, 0.9, s),
        lambda x, d, s: schroeder_allpass(x, d, 0.6, s),
        lambda x, d, s: feedback_delay(x, d, 0.9, 0.25, s),
        lambda x, d, s: feedback_delay(x, d, 0.9, state=s),
    ],
)
def test_blocks_equal_one_shot(line: Callable[..., Result], delay: int | list[int]) -> None:
    x = noise(2, 9000).float()
    one_shot, last = line(x, delay, None)
    sizes = torch.randint(0, 900, (15,), generator=torch.Generator().manual_seed(1)).tolist()
    state, start, parts = None, 0, []
    for size in [*sizes, 9000]:
        y, state = line(x[:, start : start + size], delay, state)
        parts.append(y)
        start = min(start + size, 9000)
    torch.testing.assert_close(torch.cat(parts, -1), one_shot, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(state, last, rtol=1e-6, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("length", "delay"), [(7, 1), (9, 4), (3, 5), (7, [2, 4])])
def test_gradients_first_and_second_order(length: int, delay: int | list[int]) -> None:
    longest = delay if isinstance(delay, int) else max(delay)
    x, state = noise(2, length).requires_grad_(), noise(2, longest + 1, seed=1).requires_grad_()
    gain = torch.tensor([0.5, -0.7], dtype=torch.float64, requires_grad=True)
    damping = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)

    def comb(x: torch.Tensor, gain: torch.Tensor, state: torch.Tensor) -> Result:
        return feedback_comb(x, delay, gain, state[:, 1:])

    def allpass(x: torch.Tensor, gain: torch.Tensor, state: torch.Tensor) -> Result:
        return schroeder_allpass(x, delay, gain, state[:, 1:])

    def echo(x: torch.Tensor, gain: torch.Tensor, damping: torch.Tensor, state: torch.Tensor) -> Result:
        return feedback_delay(x, delay, gain, damping, state)

    for function, inputs in ((comb, (x, gain, state)), (allpass, (x, gain, state)), (echo, (x, gain, damping, state))):
        assert torch.autograd.gradcheck(function, inputs, check_forward_ad=True)
        assert torch.autograd.gradgradcheck(function, inputs)


def test_long_gradient_equals_the_transposed_filter() -> None:
    x = noise(1, 20_000).requires_grad_()
    weight = noise(1, 20_000, seed=1)
    (found,) = torch.autograd.grad((feedback_delay(x, 441, 0.8, 0.3)[0] * weight).sum(), x)
    expected, _ = feedback_delay(weight.flip(-1), 441, 0.8, 0.3)
    torch.testing.assert_close(found, expected.flip(-1), rtol=1e-9, atol=1e-10)


def test_transforms_agree_with_plain_calls() -> None:
    x, gain = noise(3, 400), torch.tensor([0.5, 0.6, 0.7], dtype=torch.float64)
    mapped, _ = torch.func.vmap(lambda row, g: feedback_delay(row, 30, g, 0.2))(x, gain)
    torch.testing.assert_close(mapped, feedback_delay(x, 30, gain, 0.2)[0])

    def energy(row: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        return feedback_delay(row, 30, g, 0.2)[0].square().sum() + schroeder_allpass(row, 20, g)[0].mean()

    slopes = torch.func.vmap(torch.func.grad(energy, argnums=1))(x, gain)
    for row, g, slope in zip(x, gain, slopes, strict=True):
        torch.testing.assert_close(slope, torch.func.grad(energy, argnums=1)(row, g))
    compiled = torch.compile(energy, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x[0], gain[0]), energy(x[0], gain[0]))


def test_half_precision_and_autocast() -> None:
    x = noise(2, 2000).half()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, state = feedback_delay(x, 100, 0.9, 0.2)
    assert y.dtype == torch.float16
    assert state.dtype == torch.float64
    torch.testing.assert_close(y, feedback_delay(x.float(), 100, 0.9, 0.2)[0].half())


def test_inputs_are_not_modified() -> None:
    x, state = noise(2, 500), noise(2, 101, seed=1)
    copies = x.clone(), state.clone()
    feedback_delay(x, 100, 0.9, 0.2, state)
    feedback_comb(x, 100, 0.9, state[:, 1:])
    assert torch.equal(x, copies[0])
    assert torch.equal(state, copies[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(4), 0, 0.5), "delay is 0.*1 sample"),
        ((torch.zeros(4), [3, -1], 0.5), r"delay is \[3, -1\]"),
        ((torch.zeros(4), [], 0.5), "delay is empty"),
        ((torch.zeros(4), torch.tensor(2.5), 0.5), "float32.*integers"),
        ((torch.zeros(4), True, 0.5), "bool.*integers"),
        ((torch.zeros(2, 4), [1, 2, 3], 0.5), r"delay has the shape \(3,\).*\(2,\)"),
        ((torch.zeros(2, 4), 2, torch.zeros(3)), r"gain has the shape \(3,\)"),
        ((torch.zeros(4), 2, 0.5, torch.zeros(3)), r"state has the shape \(3,\).*\(2,\)"),
        ((torch.zeros(4, dtype=torch.int16), 2, 0.5), "int16"),
        ((torch.zeros(4), 2, torch.zeros((), device="meta")), "meta"),
    ],
)
def test_errors_name_the_value(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        feedback_comb(*arguments)  # type: ignore[arg-type]
