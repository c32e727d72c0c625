"""The structures of FixedPoint against SciPy and each other, and the poles of rounded coefficients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx
from fxlab.engine.fixed_point.fixed_point import fixed_point
from fxlab.engine.fixed_point.flow_graph import peak_gains
from fxlab.engine.fixed_point.word_format import OVERFLOWS, WordFormat
from fxlab.filters.fixed_point.structures import LATTICES, SECTIONS, STRUCTURES, build_graph
from tests.support.section import RATE, Section, db, power

DIRECT = ("direct1", "direct2", "transposed2")

FILTERS = {
    "elliptic": lambda: fx.Elliptic(3000.0, order=5),
    "band": lambda: fx.Butterworth((2000.0, 6000.0), order=3, kind="bandpass"),
    "chain": lambda: fx.HighPass(1500.0) | fx.Peak(4000.0, 6.0, 2.0) | fx.OnePole(9000.0),
    "sum": lambda: fx.LowPass(2000.0) + fx.HighPass(9000.0),
    "gain": fx.Chain,
}


@pytest.mark.slow
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("name", FILTERS)
def test_with_many_bits_every_structure_matches_scipy(structure, name):
    module = FILTERS[name]()
    x = fx.Signal(0.1 * torch.randn(2, 3000, dtype=torch.float64), RATE)
    fixed = fx.FixedPoint(module, bits=44, coefficient_bits=48, structure=structure, headroom=8)
    expected = signal.sosfilt(module.sos(RATE).numpy(), x.samples.numpy())
    assert db(power(fixed(x).samples - torch.from_numpy(expected)) / power(torch.from_numpy(expected))) < -175
    assert db(power(fixed.error(x).samples) / power(x.samples)) < -175


@pytest.mark.parametrize("structure", STRUCTURES)
def test_error_with_32_bits_is_below_minus_150_db(structure):
    module = fx.FixedPoint(fx.Butterworth(6000.0, 4), bits=32, coefficient_bits=32, structure=structure, headroom=8)
    x = fx.Signal(torch.rand(1, 20_000, dtype=torch.float64) - 0.5, RATE)
    assert db(power(module.error(x).samples)) < -150


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("name", FILTERS)
def test_response_is_that_of_the_rounded_coefficients(structure, name):
    """It equals the Fourier transform of the impulse response with 14-bit coefficients and 46-bit samples."""
    fixed = fx.FixedPoint(FILTERS[name](), bits=46, coefficient_bits=14, structure=structure, headroom=12)
    impulse = torch.zeros(8192, dtype=torch.float64)
    impulse[0] = 0.5
    assert fixed.is_stable(RATE)
    measured = 2 * torch.fft.rfft(fixed(impulse, sample_rate=RATE))
    bins = torch.arange(0, 4097, 16)
    response = fixed.response(bins * RATE / 8192, RATE)
    torch.testing.assert_close(measured[bins], response, rtol=0, atol=1e-6)
    ideal = fixed.module.response(bins * RATE / 8192, RATE)
    assert name == "gain" or (response - ideal).abs().max().item() > 1e-6


# -- poles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("structure", ["direct1", "direct2", "transposed2", *SECTIONS])
def test_poles_of_a_second_order_direct_form_lie_on_the_textbook_grid(structure):
    """-2 r cos θ and r² are multiples of the coefficient step, so few poles are possible near the real axis."""
    for a1, a2 in [(-1.1, 0.6), (-1.9, 0.93), (0.3, 0.8)]:
        pole = fx.FixedPoint(Section(a1, a2), structure=structure, coefficient_bits=6).poles(RATE)[0]
        step = 2.0**-5 if abs(a1) < 0.9 else 2.0**-4
        for value in (2 * pole.real.item() / step, pole.abs().item() ** 2 / step):
            assert value == pytest.approx(round(value), abs=1e-9)
    near_real_axis = {
        complex(fx.FixedPoint(Section(-2 * 0.9 * math.cos(t), 0.81), coefficient_bits=5).poles(RATE)[0])
        for t in np.linspace(0.01, 0.35, 30)
    }
    near_imaginary_axis = {
        complex(fx.FixedPoint(Section(-2 * 0.9 * math.cos(t), 0.81), coefficient_bits=5).poles(RATE)[0])
        for t in np.linspace(math.pi / 2 - 0.34, math.pi / 2, 30)
    }
    assert len(near_real_axis) < len(near_imaginary_axis)


def test_high_order_at_a_low_corner_is_stable_only_in_sections_or_a_lattice():
    module = fx.Butterworth(200.0, order=8)
    for bits in (12, 14, 16, 24, 32):
        for structure in DIRECT:
            assert not fx.FixedPoint(module, structure=structure, coefficient_bits=bits).is_stable(RATE)
    for structure in (*SECTIONS, *LATTICES):
        assert fx.FixedPoint(module, structure=structure, coefficient_bits=14).is_stable(RATE)
    # With 12 bits, 1 + a1 + a2 of a section is below half a step, so a pole moves to z = 1. A lattice avoids this.
    assert fx.FixedPoint(module, coefficient_bits=12).poles(RATE).abs().max().item() == 1
    for structure in LATTICES:
        assert fx.FixedPoint(module, structure=structure, coefficient_bits=12).is_stable(RATE)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_with_many_coefficient_bits_zeros_and_poles_do_not_move(structure):
    module = fx.Elliptic(5000.0, order=4)
    fixed = fx.FixedPoint(module, coefficient_bits=40, structure=structure)
    for actual, expected in ((fixed.poles(RATE), module.poles(RATE)), (fixed.zeros(RATE), module.zeros(RATE))):
        np.testing.assert_allclose(np.sort_complex(actual.numpy()), np.sort_complex(expected.numpy()), atol=1e-6)


# -- headroom -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("structure", STRUCTURES)
def test_worst_input_overflows_only_with_less_than_the_headroom_needed(structure):
    """If wrapping and saturating give the same output, no value overflows."""
    module = fx.FixedPoint(fx.Butterworth(3000.0, 4) | fx.Peak(5000.0, 9.0, 4.0), structure=structure, bits=20)
    module.headroom = module.headroom_needed(RATE)
    graph = build_graph(structure, module.exact_sections(RATE), module.coefficient_bits)
    gains = peak_gains(graph)
    worst = max(gains, key=gains.__getitem__)
    assert 2 ** (module.headroom - 1) < gains[worst] <= 2**module.headroom
    impulse = torch.zeros(2000, dtype=torch.int64)
    impulse[0] = 2**30
    inner, _ = fixed_point(impulse, graph._replace(output=worst), WordFormat(50))
    assert inner.abs().sum().item() / 2**30 == pytest.approx(gains[worst], rel=1e-4)
    worst_input = inner.flip(0).sign() * (2**19 - 1)
    outputs = []
    for headroom in (module.headroom, module.headroom - 1):
        words = [WordFormat(20 + headroom, overflow) for overflow in OVERFLOWS]
        outputs.append([fixed_point(worst_input, graph._replace(output=worst), word)[0] for word in words])
    assert torch.equal(*outputs[0])
    assert not torch.equal(*outputs[1])


def test_headroom_needed_of_unstable_filters_raises():
    for a1, a2 in [(-1.0, 0.0), (-2.5, 1.2), (0.0, 1.0)]:
        with pytest.raises(fx.ParameterError, match="no headroom suffices"):
            fx.FixedPoint(Section(a1, a2)).headroom_needed(RATE)
    assert fx.FixedPoint(fx.Chain()).headroom_needed(RATE) == 0
