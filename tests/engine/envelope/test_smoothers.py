"""Smoothers and envelope followers against the loop that defines them, their gradients and their errors."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.engine import branching_smoother, decoupled_smoother, one_pole, smoothing_pole
from fxlab.engine.envelope.follow_envelope import COARSE_STRIDES
from fxlab.errors import EngineError

Follower = Callable[..., tuple[torch.Tensor, torch.Tensor]]


def decoupled_falling(*arguments: object) -> tuple[torch.Tensor, torch.Tensor]:
    return decoupled_smoother(*arguments, smooth=False)  # type: ignore[arg-type]


FORMS: list[Follower] = [branching_smoother, decoupled_smoother, decoupled_falling]
NAMES = ["branching", "decoupled", "decoupled falling"]
each_form = pytest.mark.parametrize("follower", FORMS, ids=NAMES)


def loop(form: Follower, x: np.ndarray, attack: float, release: float, state: tuple[float, ...]) -> list[float]:
    """Run the published recursions sample by sample in Python."""
    out = []
    if form is branching_smoother:
        (y,) = state
        for v in x.tolist():
            if v > y:
                y = attack * y + (1 - attack) * v
            else:
                y = release * y + (1 - release) * v
            out.append(y)
        return out
    peak, y = state
    for v in x.tolist():
        peak = max(v, release * peak + ((1 - release) * v if form is decoupled_smoother else 0.0))
        y = attack * y + (1 - attack) * peak
        out.append(y)
    return out


def silence(form: Follower) -> tuple[float, ...]:
    return (0.0,) if form is branching_smoother else (0.0, 0.0)


def burst(length: int, seed: int, kind: str = "voice") -> torch.Tensor:
    """Return a typical input of a detector, or one that is hard for it."""
    generator = torch.Generator().manual_seed(seed)
    time = torch.arange(length, dtype=torch.float64)
    noise = torch.randn(length, dtype=torch.float64, generator=generator)
    if kind == "voice":
        gate = (torch.sin(time * 0.0007) > 0).double() * 0.8 + 0.1
        return (gate * (0.6 * torch.sin(time * 0.05) + 0.2 * noise)).abs()
    if kind == "noise":
        return noise
    if kind == "square":
        return torch.sin(time * 0.01).sign()
    if kind == "ramp":
        return time / max(1, length) * 3 - 1
    if kind == "steps":
        return noise[:: max(1, length // 7)].repeat_interleave(max(1, length // 7))[:length]
    return torch.zeros(length, dtype=torch.float64)


def test_smoothing_pole_covers_63_percent_in_its_time() -> None:
    pole = smoothing_pole(10.0, 48_000)
    y, _ = one_pole(torch.ones(480, dtype=torch.float64), pole)
    assert y[-1].item() == pytest.approx(1 - 1 / math.e, rel=1e-9)
    assert smoothing_pole(0.0, 48_000) == 0.0
    times = torch.tensor([0.0, 10.0], dtype=torch.float64)
    torch.testing.assert_close(smoothing_pole(times, 48_000), torch.tensor([0.0, pole], dtype=torch.float64))


def test_smoothing_pole_of_times_in_float32_and_of_no_time() -> None:
    times = torch.tensor([0.0, 0.5, 5000.0], requires_grad=True)
    poles = smoothing_pole(times, 192_000)
    assert isinstance(poles, torch.Tensor)
    expected = torch.tensor([smoothing_pole(time, 192_000) for time in times.tolist()], dtype=torch.float64)
    torch.testing.assert_close(poles, expected, atol=1e-12, rtol=0)
    (slope,) = torch.autograd.grad(poles.sum(), times)  # the derivative of exp(-1 / u) is 0 at u = 0 from above
    torch.testing.assert_close(slope, (expected * 1000 / 192_000 / times.detach().clamp(min=1e-9) ** 2).float())


@pytest.mark.parametrize("length", [1, 2, 100, 3000, 300_000])
@pytest.mark.parametrize("pole", [0.0, 0.5, 0.99999, -0.7])
def test_one_pole_matches_scipy(length: int, pole: float) -> None:
    x = burst(length, 1, "noise").expand(2, -1)
    expected = scipy.signal.lfilter([1 - pole], [1, -pole], x.numpy())
    y, state = one_pole(x, pole)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(state.numpy()[:, 0], expected[:, -1], rtol=1e-10, atol=1e-12)
    single = one_pole(x.float(), pole)[0].double().numpy()
    error = np.sqrt(((single - expected) ** 2).mean() / (expected**2).mean())
    assert 20 * np.log10(error + 1e-20) < -120


def test_unstable_one_pole_grows_like_the_reference() -> None:
    x = torch.zeros(2, 3000, dtype=torch.float64)
    x[0, 10] = 1.0
    y, _ = one_pole(x, 1.5)
    expected = scipy.signal.lfilter([-0.5], [1, -1.5], x.numpy())
    np.testing.assert_allclose(y[:, :1000].numpy(), expected[:, :1000], rtol=1e-9)
    assert torch.equal(y[1], torch.zeros(3000, dtype=torch.float64))


@pytest.mark.slow
@each_form
@pytest.mark.parametrize("kind", ["voice", "noise", "square", "ramp", "steps", "zeros"])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(1.0, 100.0), (0.0, 1000.0), (100.0, 5.0), (0.05, 0.1)])
def test_followers_match_the_loop(follower: Follower, kind: str, attack_ms: float, release_ms: float) -> None:
    x = burst(20_000, 2, kind)
    attack, release = smoothing_pole(attack_ms, 44_100), smoothing_pole(release_ms, 44_100)
    y, state = follower(x, attack, release)
    expected = loop(follower, x.numpy(), attack, release, silence(follower))
    np.testing.assert_allclose(y.numpy(), expected, rtol=0, atol=1e-12)
    assert state[..., -1].item() == pytest.approx(expected[-1], abs=1e-12)
    single, _ = follower(x.float(), attack, release)
    expected = loop(follower, x.float().double().numpy(), attack, release, silence(follower))
    np.testing.assert_allclose(single.numpy(), expected, rtol=0, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    follower=st.sampled_from(FORMS),
    length=st.integers(0, 1500),
    kind=st.sampled_from(["voice", "noise", "square", "ramp", "steps", "zeros"]),
    attack=st.sampled_from([0.0, 0.3, 0.9, 0.999, 0.99999, 1.0]),
    release=st.sampled_from([0.0, 0.5, 0.95, 0.9999, 1.0]),
    start=st.floats(-2, 2),
    scale=st.sampled_from([1e-8, 1.0, 1e6]),
    seed=st.integers(0, 2**31),
)
def test_any_length_pole_and_state(
    follower: Follower,
    length: int,
    kind: str,
    attack: float,
    release: float,
    start: float,
    scale: float,
    seed: int,
) -> None:
    x = burst(length, seed, kind) * scale
    state = (start * scale,) * (1 if follower is branching_smoother else 2)
    y, _ = follower(x, attack, release, torch.tensor(state, dtype=torch.float64))
    expected = loop(follower, x.numpy(), attack, release, state)
    np.testing.assert_allclose(y.numpy(), expected, rtol=0, atol=1e-11 * scale * 5)


@each_form
def test_poles_for_each_row(follower: Follower) -> None:
    x = torch.stack([burst(4000, seed, "noise") for seed in range(6)]).reshape(2, 3, 4000)
    attack = torch.tensor([[0.1], [0.99]], dtype=torch.float64)
    release = torch.tensor([0.999, 0.5, 0.99], dtype=torch.float64)
    y, state = follower(x, attack, release)
    assert state.shape[:-1] == (2, 3)
    for i in range(2):
        for j in range(3):
            expected = loop(follower, x[i, j].numpy(), attack[i, 0].item(), release[j].item(), silence(follower))
            np.testing.assert_allclose(y[i, j].numpy(), expected, rtol=0, atol=1e-12)


@each_form
def test_blocks_equal_one_shot(follower: Follower) -> None:
    x = burst(30_000, 3).float().expand(2, -1)
    one_shot, last = follower(x, 0.99, 0.9999)
    sizes = torch.randint(0, 2000, (40,), generator=torch.Generator().manual_seed(4)).tolist()
    state, start, parts = None, 0, []
    for size in [*sizes, 30_000]:
        y, state = follower(x[:, start : start + size], 0.99, 0.9999, state)
        parts.append(y)
        start = min(start + size, 30_000)
    torch.testing.assert_close(torch.cat(parts, -1), one_shot, rtol=0, atol=1e-7)
    torch.testing.assert_close(state, last, rtol=1e-12, atol=1e-12)


@each_form
def test_nan_affects_only_later_samples_of_its_row(follower: Follower) -> None:
    x = torch.stack([burst(9000, seed) for seed in range(3)])
    clean, _ = follower(x, 0.9, 0.999)
    x[1, 5000] = math.nan
    y, _ = follower(x, 0.9, 0.999)
    torch.testing.assert_close(y[::2], clean[::2])
    torch.testing.assert_close(y[1, :5000], clean[1, :5000])
    expected = loop(follower, x[1].numpy(), 0.9, 0.999, silence(follower))
    np.testing.assert_allclose(y[1].numpy(), expected, atol=1e-12)


def gradient_case(follower: Follower, length: int, seed: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, length, dtype=torch.float64, generator=generator)
    attack = torch.tensor([0.6, 0.9], dtype=torch.float64)
    release = torch.tensor(0.8, dtype=torch.float64)
    state = torch.randn(2, 1 if follower is branching_smoother else 2, dtype=torch.float64, generator=generator)
    return tuple(value.requires_grad_() for value in (x, attack, release, state))


@pytest.mark.slow
@each_form
@pytest.mark.parametrize("length", [1, 7, 25])
def test_gradients(follower: Follower, length: int) -> None:
    def run(*inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return follower(*inputs)

    inputs = gradient_case(follower, length, 5)
    assert torch.autograd.gradcheck(run, inputs, eps=1e-7, check_forward_ad=True)
    if length < 20:
        assert torch.autograd.gradgradcheck(run, inputs, eps=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 25])
def test_one_pole_gradients(length: int) -> None:
    x, pole, _, state = gradient_case(branching_smoother, length, 6)
    assert torch.autograd.gradcheck(one_pole, (x, pole, state), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(one_pole, (x, pole, state))


def test_long_gradient_equals_that_of_the_loop() -> None:
    x = burst(1500, 7).requires_grad_()
    poles = torch.tensor([0.9, 0.99], dtype=torch.float64, requires_grad=True)
    weight = burst(1500, 8, "noise")
    y, values = torch.zeros((), dtype=torch.float64), []
    for v in x:
        pole = torch.where(v > y, poles[0], poles[1])
        y = pole * y + (1 - pole) * v
        values.append(y)
    expected = torch.autograd.grad((torch.stack(values) * weight).sum(), (x, poles))
    envelope, _ = branching_smoother(x, poles[0], poles[1])
    found = torch.autograd.grad((envelope * weight).sum(), (x, poles))
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)


def test_transforms_agree_with_plain_calls() -> None:
    x = torch.stack([burst(400, seed) for seed in range(3)])
    attack = torch.tensor([0.5, 0.8, 0.9], dtype=torch.float64)
    mapped, _ = torch.func.vmap(lambda row, pole: branching_smoother(row, pole, 0.99))(x, attack)
    torch.testing.assert_close(mapped, branching_smoother(x, attack, 0.99)[0])

    def energy(row: torch.Tensor, pole: torch.Tensor) -> torch.Tensor:
        return branching_smoother(row, pole, 0.99)[0].square().sum()

    slopes = torch.func.vmap(torch.func.grad(energy, argnums=1))(x, attack)
    for row, pole, slope in zip(x, attack, slopes, strict=True):
        torch.testing.assert_close(slope, torch.func.grad(energy, argnums=1)(row, pole))
    compiled = torch.compile(energy, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x[0], attack[0]), energy(x[0], attack[0]))


@each_form
def test_half_precision_and_autocast(follower: Follower) -> None:
    x = burst(3000, 9).half()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, state = follower(x, 0.9, 0.99)
    assert y.dtype == torch.float16
    assert state.dtype == torch.float64
    torch.testing.assert_close(y, follower(x.float(), 0.9, 0.99)[0].half())


def test_coarse_first_guesses_do_not_affect_the_result() -> None:
    """Follow a signal that is silent except at samples that the first guesses do not use."""
    x = torch.zeros(1 << 14, dtype=torch.float64)
    x[COARSE_STRIDES[0] - 1 :: COARSE_STRIDES[0]] = 1.0
    y, _ = branching_smoother(x, 0.99, 0.9999)
    np.testing.assert_allclose(y.numpy(), loop(branching_smoother, x.numpy(), 0.99, 0.9999, (0.0,)), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(4), 1.5, 0.5), r"attack_pole is 1\.5.*0 \(immediate\) to 1"),
        ((torch.zeros(4), 0.5, -0.1), r"release_pole is -0\.1"),
        ((torch.zeros(4), torch.tensor(2.0), 0.5), r"attack_pole contains 2"),
        ((torch.zeros(4), 0.5, torch.tensor(math.nan)), r"release_pole contains nan"),
        ((torch.zeros(2, 4), torch.zeros(3), 0.5), r"attack_pole has the shape \(3,\).*\(2,\)"),
        ((torch.zeros(4, dtype=torch.int32), 0.5, 0.5), "int32"),
        ((torch.tensor(1.0), 0.5, 0.5), "no dimensions"),
        ((torch.zeros(2, 4), 0.5, 0.5, torch.zeros(2, 3)), r"state has the shape \(2, 3\).*\(2, [12]\)"),
        ((torch.zeros(4), 0.5, 0.5, torch.zeros(1, device="meta")), "meta"),
    ],
)
@pytest.mark.parametrize("form", FORMS, ids=NAMES)
def test_errors_name_the_value(form: Follower, arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        form(*arguments)


@pytest.mark.parametrize(
    ("time_ms", "rate", "message"), [(-1.0, 48_000, "-1"), (1.0, 0, "sample_rate is 0"), (math.nan, 1, "nan")]
)
def test_smoothing_pole_errors(time_ms: float, rate: float, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        smoothing_pole(time_ms, rate)
