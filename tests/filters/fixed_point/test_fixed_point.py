"""FixedPoint against textbook results: noise, limit cycles, overflow oscillations."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from fxlab.engine.fixed_point.word_format import OVERFLOWS, PRODUCTS, ROUNDINGS
from fxlab.filters.fixed_point.structures import STRUCTURES
from tests.support.section import RATE, Section, db, power


def quantized_noise(shape: tuple[int, ...], bits: int, level: float) -> torch.Tensor:
    """Return noise that rounding to `bits` does not change."""
    size = int(level * 2 ** (bits - 1))
    return torch.randint(-size, size + 1, shape).double() / 2 ** (bits - 1)


# -- noise ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 12, 16, 20])
def test_signal_to_noise_ratio_of_a_full_scale_sine_is_6_db_per_bit(bits):
    sine = fx.Signal(torch.sin(torch.arange(200_000, dtype=torch.float64) * 0.7071), RATE) * (1 - 2.0 ** (1 - bits))
    error = fx.FixedPoint(Section(), bits=bits).error(sine)
    assert db(power(sine.samples) / power(error.samples)) == pytest.approx(6.02 * bits + 1.76, abs=0.1)


@pytest.mark.parametrize("a1", [-0.90625, 0.515625, -0.984375])
@pytest.mark.parametrize("structure", ["direct1", "direct2", "transposed2", "cascade"])
def test_roundoff_noise_of_a_first_order_section(a1, structure):
    """The noise is q²/12 where the sum is rounded, times the noise gain 1 / (1 - a²)."""
    x = fx.Signal(quantized_noise((1, 200_000), 16, 0.01), RATE)
    error = fx.FixedPoint(Section(a1), structure=structure).error(x)
    assert power(error.samples) == pytest.approx((2.0**-15) ** 2 / 12 / (1 - a1**2), rel=0.1)


def test_rounding_each_product_adds_a_noise_source_per_product():
    module = fx.Chain(Section(-0.6015625, 0.703125))
    x = fx.Signal(quantized_noise((1, 200_000), 16, 0.1), RATE)
    noise = [power(fx.FixedPoint(module, products=how).error(x).samples) for how in ("exact", "rounded")]
    assert noise[0] == pytest.approx((2.0**-15) ** 2 / 12 * module.noise_gain(RATE).item(), rel=0.1)
    assert noise[1] / noise[0] == pytest.approx(2.0, rel=0.1)


def test_truncation_adds_an_offset_of_half_a_step_before_the_noise_gain():
    x = fx.Signal(quantized_noise((1, 100_000), 12, 0.2), RATE)
    error = fx.FixedPoint(Section(-0.75), bits=12, rounding="truncate").error(x).samples
    assert error.mean().item() * 2**11 == pytest.approx(-0.5 / (1 - 0.75), abs=0.02 + 0.5 / 4 / (1 - 0.75))
    assert abs(fx.FixedPoint(Section(-0.75), bits=12).error(x).samples.mean().item()) * 2**11 < 0.05


# -- limit cycles ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a1", [-0.5, 0.5, -0.9375, 0.875, -0.96875])
def test_the_dead_band_of_a_first_order_section(a1):
    """Oppenheim and Schafer: |y| ≤ 0.5 / (1 - |a|) steps; a negative a makes the sign alternate."""
    module = fx.FixedPoint(Section(a1), bits=10)
    cycle = module.limit_cycle(RATE, excitation=torch.tensor([0.75]))
    assert cycle.amplitude * 2**9 == math.floor(0.5 / (1 - abs(a1)))
    assert cycle.period == (1 if a1 < 0 else 2)
    module.rounding = "toward_zero"
    silent = module.limit_cycle(RATE, excitation=torch.tensor([0.75]))
    assert silent == (0.0, 0)
    assert math.copysign(1.0, silent.amplitude) == 1.0


@pytest.mark.parametrize(("a1", "a2"), [(-1.8, 0.9), (-1.9, 0.95), (-1.2, 0.8), (1.5, 0.75), (-1.0, 0.5)])
@pytest.mark.parametrize("bits", [8, 16])
def test_wrapping_overflow_oscillates_as_ebert_mazo_and_taylor_predict(a1, a2, bits):
    """Bell Syst. Tech. J. 48 (1969): outside |a1| + |a2| < 1, but not with saturating overflow."""
    module = fx.FixedPoint(Section(a1, a2), structure="direct1", bits=bits, overflow="wrap")
    assert module.is_stable(RATE)
    assert module.limit_cycle(RATE).amplitude > 0.5
    module.overflow = "saturate"
    assert module.limit_cycle(RATE).amplitude <= 25 * 2.0 ** (1 - bits)  # only the dead band remains


def test_the_amplitude_of_an_overflow_oscillation():
    """A constant oscillation c solves c = -(a1 + a2) c + 2, an alternating one solves c = (a1 - a2) c + 2."""
    steady = fx.FixedPoint(Section(1.5, 0.75), structure="direct1", overflow="wrap").limit_cycle(RATE)
    assert steady.amplitude == pytest.approx(2 / (1 + 1.5 + 0.75), abs=1e-3)
    module = fx.FixedPoint(Section(-1.2, 0.8), structure="direct1", overflow="wrap", rounding="toward_zero")
    alternating = module.limit_cycle(RATE)
    assert alternating.amplitude == pytest.approx(2 / (1 + 1.2 + 0.8), abs=1e-3)
    assert alternating.period == 2


@settings(max_examples=20, deadline=None)
@given(a1=st.floats(-0.95, 0.95), share=st.floats(-0.95, 0.95), seed=st.integers(0, 999))
def test_no_overflow_oscillation_inside_the_stable_square(a1, share, seed):
    module = fx.FixedPoint(
        Section(a1, share * (0.96 - abs(a1))), structure="direct1", overflow="wrap", rounding="toward_zero"
    )
    burst = torch.rand(50, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    assert module.limit_cycle(RATE, excitation=burst).amplitude < 0.01


def test_a_cycle_that_does_not_repeat_in_time_has_no_period():
    cycle = fx.FixedPoint(Section(-1.9, 0.95), bits=24, overflow="wrap", structure="direct1").limit_cycle(
        RATE, excitation=torch.tensor([0.9, -0.9, 0.9]), duration=0.001
    )
    assert cycle.period is None
    assert cycle.amplitude > 0


# -- all structures -------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    bits=st.integers(4, 32),
    coefficient_bits=st.integers(4, 32),
    structure=st.sampled_from(STRUCTURES),
    overflow=st.sampled_from(OVERFLOWS),
    rounding=st.sampled_from(ROUNDINGS),
    products=st.sampled_from(PRODUCTS),
    headroom=st.integers(0, 4),
    roots=st.lists(st.tuples(st.floats(0.0, 0.98), st.floats(0.0, math.pi)), min_size=1, max_size=3),
    cuts=st.lists(st.integers(0, 60), max_size=3),
)
def test_output_is_on_the_grid_and_streams_for_random_settings(
    bits, coefficient_bits, structure, overflow, rounding, products, headroom, roots, cuts
):
    module = fx.Chain(*(Section(-2 * r * math.cos(t), r * r) for r, t in roots))
    fixed = fx.FixedPoint(
        module,
        bits,
        coefficient_bits,
        structure,
        overflow,
        rounding,
        products,
        headroom,
    )
    x = 2 * torch.rand(2, 60, dtype=torch.float64) - 1
    y = fixed(x, sample_rate=RATE)
    steps = y * 2 ** (bits - 1)
    assert torch.equal(steps, steps.round())
    assert bool((y >= -1).all())
    assert bool((y < 1).all())
    stream = fixed.stream(RATE)
    edges = [0, *sorted(cuts), 60]
    assert torch.equal(torch.cat([stream(x[:, a:b]) for a, b in itertools.pairwise(edges)], -1), y)


def test_batch_equals_loop_over_examples_and_stream():
    cutoffs = [500.0, 2000.0, 7000.0]
    fixed = fx.FixedPoint(fx.LowPass(torch.tensor(cutoffs)), bits=10)
    x = torch.rand(3, 2, 200, dtype=torch.float64) - 0.5
    y = fixed(x, sample_rate=RATE)
    for number, cutoff in enumerate(cutoffs):
        assert torch.equal(y[number], fx.FixedPoint(fx.LowPass(cutoff), bits=10)(x[number], sample_rate=RATE))
    stream = fixed.stream(RATE)
    assert torch.equal(torch.cat([stream(x[..., :77]), stream(x[..., 77:])], -1), y)
    assert fixed.poles(RATE).shape == (3, 2)
    with pytest.raises(fx.ParameterError, match=r"limit_cycle analyzes one filter"):
        fixed.limit_cycle(RATE)
    with pytest.raises(fx.ParameterError, match=r"LowPass: cutoff has shape \(3,\)"):
        fixed(x[:2], sample_rate=RATE)


# -- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: fx.FixedPoint(torch.tanh), ["linear time-invariant", "tanh", "LowPass()"]),
        (lambda: fx.FixedPoint(fx.LowPass() | torch.tanh), ["linear time-invariant"]),
        (lambda: fx.FixedPoint(fx.FixedPoint(fx.LowPass())), ["FixedPoint(LowPass())"]),
        (lambda: fx.FixedPoint(fx.LowPass(), bits=1), ["FixedPoint: bits is 1", "at least 2 and at most 48"]),
        (lambda: fx.FixedPoint(fx.LowPass(), bits=64), ["bits is 64", "at most 48"]),
        (lambda: fx.FixedPoint(fx.LowPass(), bits=15.5), ["bits is 15.5", "whole number"]),
        (lambda: fx.FixedPoint(fx.LowPass(), coefficient_bits=0), ["coefficient_bits is 0"]),
        (lambda: fx.FixedPoint(fx.LowPass(), structure="latice"), ["structure is 'latice'", "'lattice'?"]),
        (lambda: fx.FixedPoint(fx.LowPass(), overflow="clip"), ["overflow is 'clip'", "'saturate', 'wrap'"]),
        (lambda: fx.FixedPoint(fx.LowPass(), headroom=-1), ["headroom is -1"]),
        (lambda: fx.FixedPoint(fx.LowPass()).limit_cycle(RATE, duration=0), ["duration is 0", "seconds above 0"]),
        (
            lambda: fx.FixedPoint(fx.LowPass()).limit_cycle(RATE, excitation=torch.zeros(2, 9)),
            ["one channel", "(time,)"],
        ),
        (
            lambda: fx.FixedPoint(Section(0.0, 1.0), structure="lattice")(torch.zeros(9), sample_rate=RATE),
            ["k[2] is 1", "between -1 and 1", "another structure"],
        ),
        (
            lambda: fx.FixedPoint(Section(-2.5, 0.9), structure="normalized_lattice").poles(RATE),
            ["k[1] is -1.31579", "on or outside the unit circle"],
        ),
    ],
)
def test_invalid_parameters_raise(make, words):
    with pytest.raises(fx.ParameterError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_invalid_excitation_raises():
    with pytest.raises(fx.SignalError, match="limit_cycle: 1 of 3 samples are NaN"):
        fx.FixedPoint(fx.LowPass()).limit_cycle(RATE, excitation=torch.tensor([0.5, math.nan, 0.0]))


def test_two_bits():
    for structure in STRUCTURES:
        module = fx.FixedPoint(fx.Peak(3000.0, 12.0), 2, 2, structure)
        y = module(torch.tensor([0.9, -0.9, 0.4, -0.2]), sample_rate=RATE)
        assert set(y.tolist()) <= {-1.0, -0.5, 0.0, 0.5}
        module.poles(RATE)


def test_changing_the_word_length_in_a_stream_raises():
    fixed = fx.FixedPoint(fx.LowPass())
    stream = fixed.stream(RATE)
    stream(torch.zeros(1, 10))
    fixed.module.cutoff = 500.0  # the coefficients may change
    stream(torch.zeros(1, 10))
    fixed.bits = 12
    with pytest.raises(fx.SignalError, match="start a new stream"):
        stream(torch.zeros(1, 10))


def test_the_error_of_many_short_channels():
    silence = fx.Signal(torch.zeros(70, 80), RATE).between(0.0, 10 / RATE)
    assert fx.FixedPoint(fx.LowPass()).error(silence).samples.shape == (70, 10)
