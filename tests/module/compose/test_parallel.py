"""`Sum` and `Mix`: output and analysis equal the sum of the branches, also for low corner frequencies."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import polynomial as poly
from scipy import signal

import fxlab as fx
from fxlab.module.lti.sum_zeros import transmission_zeros
from tests.support.teacher_modules import Smooth, Tremolo

RATE = 48_000.0
GRID = torch.tensor([0.0, 40.0, 500.0, 3000.0, 12_000.0, 24_000.0], dtype=torch.float64)


class Sections(fx.Recursive):
    """A filter of given sections, for sums that no public filter has."""

    def __init__(self, *rows):
        super().__init__()
        self.rows = [list(row) for row in rows]

    def design(self, sample_rate):
        return torch.tensor(self.rows, dtype=torch.float64)


@st.composite
def branches(draw: st.DrawFn) -> list[fx.Module]:
    def one() -> fx.Module:
        cutoff, q = draw(st.floats(1500, 15_000)), draw(st.floats(0.3, 5))
        return draw(
            st.sampled_from([fx.LowPass(cutoff, q), fx.HighPass(cutoff, q), fx.Peak(cutoff, 6.0, q), Smooth(0.6)])
        )

    return [one() if draw(st.booleans()) else fx.Chain(one(), one()) for _ in range(draw(st.integers(1, 3)))]


def weighted_polynomials(parts: list[fx.Module], weights: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return numerator and denominator of the weighted sum in powers of 1/z, multiplied out with NumPy."""
    tops, bottoms = zip(*(signal.sos2tf(part.sos(RATE).numpy()) for part in parts), strict=True)
    a = np.ones(1)
    for bottom in bottoms:
        a = poly.polymul(a, bottom)
    b = np.zeros(1)
    for number, top in enumerate(tops):
        product = weights[number] * top
        for other, bottom in enumerate(bottoms):
            product = poly.polymul(product, bottom) if other != number else product
        b = poly.polyadd(b, product)
    return b, a


def worst_distance(found: np.ndarray, expected: np.ndarray) -> float:
    """Match each root of one list with the nearest of the other, and return the distance of the worst pair."""
    assert len(found) == len(expected)
    left, worst = list(expected), 0.0
    for root in found:
        near = min(range(len(left)), key=lambda k: abs(left[k] - root))
        worst = max(worst, abs(left.pop(near) - root))
    return worst


@settings(max_examples=15)
@given(parts=branches(), mix=st.floats(0, 1))
def test_sum_and_mix_agree_with_their_polynomials(parts, mix):
    x = torch.randn(2, 150, dtype=torch.float64)
    whole = fx.Sum(*parts)
    wet = parts[0](x, sample_rate=RATE)
    blended = fx.Mix(parts[0], mix)
    expected_sum = sum(part(x, sample_rate=RATE) for part in parts)
    torch.testing.assert_close(whole(x, sample_rate=RATE), expected_sum, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(blended(x, sample_rate=RATE), (1 - mix) * x + mix * wet, rtol=1e-12, atol=1e-12)
    cases = [
        (whole, *weighted_polynomials(parts, [1.0] * len(parts))),
        (blended, *weighted_polynomials([fx.Chain(), parts[0]], [1 - mix, mix])),
    ]
    for made, b, a in cases:
        f = GRID.numpy()[1:-1]
        _, response = signal.freqz(b, a, f, fs=RATE)
        np.testing.assert_allclose(made.response(f, RATE).numpy(), response, rtol=1e-4, atol=1e-6)
        # The sections, run by SciPy, are the same system; the poles are those of the branches.
        unit = np.eye(1, 150)[0]
        h = made.impulse_response(RATE, duration=150 / RATE).numpy()
        np.testing.assert_allclose(signal.sosfilt(made.sos(RATE).numpy(), unit), h, atol=1e-8)
        assert made.is_stable(RATE)
        # Zeros and poles rebuild the response.
        z = np.exp(2j * np.pi * f / RATE)
        zeros, poles = made.zeros(RATE).numpy(), made.poles(RATE).numpy()
        ratio = np.prod(z[:, None] - zeros, -1) / np.prod(z[:, None] - poles, -1)
        shape = made.response(f, RATE).numpy() / ratio
        np.testing.assert_allclose(np.abs(shape), np.abs(shape[0]), rtol=1e-5)


def test_roots_are_accurate_for_low_corner_frequencies():
    """Multiplied out, the numerator keeps three digits, and its zeros lie on the wrong side of the unit circle."""
    made = fx.LowPass(20.0) + fx.HighPass(25.0) + fx.Peak(30.0, 6.0)
    rate = 192_000.0
    z = made.zeros(rate)
    # At a zero nothing comes through: evaluated at the zero itself, where |z| is not 1, from each section.
    for zero in z:
        total, size = 0.0, 0.0
        for branch in made:
            b0, b1, b2, a0, a1, a2 = (complex(v) for v in branch.sos(rate)[0])
            # Horner in d = z - 1 keeps the digits that powers of z lose.
            d = complex(zero) - 1
            top = b0 * d * d + (2 * b0 + b1) * d + (b0 + b1 + b2)
            bottom = a0 * d * d + (2 * a0 + a1) * d + (a0 + a1 + a2)
            total, size = total + top / bottom, size + abs(top / bottom)
        assert abs(total) < 1e-5 * size
    assert z.abs().max() < 1
    expected = torch.cat([branch.poles(rate) for branch in made])
    assert torch.equal(made.poles(rate), expected)


def test_low_pass_plus_high_pass_has_a_zero_at_the_common_corner():
    """At q = 1/2 they are 1 and s^2 over (s + 1)^2: the sum has zeros at +-j, and a pair that cancels two poles."""
    made = fx.LowPass(1000.0, 0.5) + fx.HighPass(1000.0, 0.5)
    w0 = math.tan(math.pi * 1000 / RATE)
    notch = made.response(1000.0, RATE).abs().item()
    assert notch == pytest.approx(0.0, abs=1e-12)
    angle = 2 * math.atan(w0)
    assert (
        worst_distance(
            made.zeros(RATE).numpy(), np.array([np.exp(1j * angle), np.exp(-1j * angle)] + [(1 - w0) / (1 + w0)] * 2)
        )
        < 1e-6
    )


def test_the_group_delay_at_a_zero_is_its_limit():
    for made in (fx.Mix(fx.HighPass()), fx.HighPass(500.0) + fx.HighPass(900.0)):
        at, near = made.group_delay([0.0, 0.01], RATE)
        assert at.item() == pytest.approx(near.item(), rel=1e-5)
    made = fx.LowPass(1000.0) + fx.LowPass(3000.0)
    at, near = made.group_delay([RATE / 2, RATE / 2 - 0.01], RATE)
    assert at.item() == pytest.approx(near.item(), rel=1e-5)


@pytest.mark.parametrize("kind", [fx.LowPass, fx.HighPass])
def test_a_mix_of_1_equals_the_module_and_of_0_the_input_exactly(kind):
    x = torch.randn(2, 300)
    inner = kind(300.0)
    assert torch.equal(fx.Mix(inner, 1.0)(x, sample_rate=RATE), inner(x, sample_rate=RATE))
    assert torch.equal(fx.Mix(inner, 0.0)(x, sample_rate=RATE), x)
    torch.testing.assert_close(fx.Mix(inner, 1.0).group_delay(GRID, RATE), inner.group_delay(GRID, RATE))
    torch.testing.assert_close(fx.Mix(inner, 1.0).phase(GRID, RATE), inner.phase(GRID, RATE), rtol=0, atol=1e-9)


# -- zeros ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "weights", "zeros", "gain", "delay"),
    [
        ([[], []], [0.25, 0.75], [], 1.0, 0),
        ([[], [0, 1, 0]], [0.5, 0.5], [-1.0], 0.5, 0),
        ([[], [0, 0, 1]], [1.0, -0.25], [0.5, -0.5], 1.0, 0),
        ([[0, 1, 0]], [2.0], [], 2.0, 1),
        ([[0, 1, 0], [0, 0, 1]], [1.0, 0.5], [-0.5], 1.0, 1),
        ([[1, 0, 0], [-1, 3, 0]], [1.0, 1.0], [], 3.0, 1),
        ([[1, 2, 0], [-1, -2, 0]], [1.0, 1.0], [], 0.0, 0),
    ],
)
def test_zeros_of_sums_of_finite_responses(rows, weights, zeros, gain, delay):
    """The sum may begin with a delay, or be 0."""
    parts = [fx.Chain() if not row else Sections([*row, 1, 0, 0]) for row in rows]
    pairs = [
        (torch.tensor(weight).double(), part.sos(RATE) if row else torch.zeros(0, 6).double())
        for weight, part, row in zip(weights, parts, rows, strict=True)
    ]
    poles = torch.cat([part.poles(RATE) for part in parts])
    found, size, lag = transmission_zeros(pairs, poles)
    assert size.item() == pytest.approx(gain)
    assert lag == delay
    away = found[found.abs() > 1e-6].numpy()
    assert worst_distance(away, np.array(zeros, dtype=complex)) < 1e-9
    whole = fx.Sum(
        *(fx.Mix(part, weight) if weight == 1 else part for part, weight in zip(parts, weights, strict=True))
    )
    if set(weights) == {1.0}:
        h = whole.impulse_response(RATE, duration=8 / RATE)
        np.testing.assert_allclose(signal.sosfilt(whole.sos(RATE).numpy(), np.eye(1, 8)[0]), h.numpy(), atol=1e-12)


def test_sections_of_a_delayed_sum_have_its_delay():
    made = Sections([0, 1, 0, 1, -0.5, 0]) + Sections([0, 0, 1, 1, 0.25, 0])
    h = made.impulse_response(RATE, duration=20 / RATE).numpy()
    assert h[:2].tolist() == [0.0, 1.0]
    np.testing.assert_allclose(signal.sosfilt(made.sos(RATE).numpy(), np.eye(1, 20)[0]), h, atol=1e-12)
    later = fx.Sum(Sections([0, 0, 1, 1, -0.5, 0]), Sections([0, 0, 1, 1, 0.25, 0]), Sections([0, 0, 2, 1, 0, 0]))
    h = later.impulse_response(RATE, duration=20 / RATE).numpy()
    np.testing.assert_allclose(signal.sosfilt(later.sos(RATE).numpy(), np.eye(1, 20)[0]), h, atol=1e-12)


# -- a list of branches ---------------------------------------------------------------------------------------------


def test_a_sum_is_flat():
    a, b, c = fx.LowPass(1.0), fx.LowPass(2.0), fx.LowPass(3.0)
    made = a + (b + c)
    assert list(made) == [a, b, c]
    assert made[-1] is c
    assert len(made) == 3
    assert repr(made) == "LowPass(cutoff=1.0) + LowPass(cutoff=2.0) + LowPass(cutoff=3.0)"
    assert repr((a | b) + c) == "(LowPass(cutoff=1.0) | LowPass(cutoff=2.0)) + LowPass(cutoff=3.0)"
    assert repr(a | b + c) == "LowPass(cutoff=1.0) | LowPass(cutoff=2.0) + LowPass(cutoff=3.0)"
    assert repr(fx.Sum(a)) == "Sum(LowPass(cutoff=1.0))"


def test_subclasses_of_mix_have_their_own_name():
    class DryWet(fx.Mix):
        pass

    assert repr(DryWet(fx.LowPass(), 0.5)) == "DryWet(LowPass(), mix=0.5)"
    assert repr(fx.Mix(fx.Mix(fx.LowPass(), 0.5))) == "Mix(Mix(LowPass(), mix=0.5))"


def test_a_function_as_a_branch_has_no_response():
    made = fx.Mix(torch.tanh, 0.5)
    x = torch.randn(1, 9)
    torch.testing.assert_close(made(x, sample_rate=RATE), 0.5 * x + 0.5 * torch.tanh(x))
    for odd in (made, fx.LowPass() + Tremolo()):
        assert not odd.has_response
        with pytest.raises(fx.ParameterError, match=r"not linear and time-invariant, so the (Sum|Mix) has no response"):
            odd.response(GRID, RATE)
        with pytest.raises(fx.ParameterError, match="not linear and time-invariant"):
            odd.is_stable(RATE)


def test_branches_of_different_lengths_raise_and_are_named():
    shorter = fx.wrap(lambda x: x[..., :-5])
    x = torch.randn(1, 64)
    with pytest.raises(fx.SignalError, match=r"Sum: .*has 59.*LowPass\(\) has 64.*Pad or cut"):
        fx.Sum(shorter, fx.LowPass())(x, sample_rate=RATE)
    with pytest.raises(fx.SignalError, match=r"Mix: .*the input has 64.*has 59"):
        fx.Mix(shorter, 0.5)(x, sample_rate=RATE)
