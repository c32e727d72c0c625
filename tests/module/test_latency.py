"""`latency` of every public module, and the alignment of branches with different latencies."""

from __future__ import annotations

import copy
import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from tests.support.specimens import RATE, public_classes, specimens

SPECIMENS = specimens()
LINEAR_PHASE = {"Differentiator", "Equiripple", "Hilbert", "Kaiser", "LeastSquares", "MovingAverage", "WindowedSinc"}
LINEAR_PHASE |= {"FrequencySampling", "MultibandEquiripple", "MultibandLeastSquares", "MultibandSinc"}


def noise(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5), dtype=dtype)


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_module_says_its_latency(name):
    module = SPECIMENS[name](sample_rate=RATE)
    latency = module.latency()
    assert isinstance(latency, float)
    assert latency == module.latency(RATE) == module.latency(sample_rate=RATE) == copy.deepcopy(module).latency()
    if name in LINEAR_PHASE:
        # The latency of linear phase is the group delay at every frequency.
        delay = module.group_delay(torch.tensor([0.11, 0.2, 0.31]) * RATE)
        torch.testing.assert_close(delay, torch.full_like(delay, latency), rtol=1e-6, atol=1e-6)
        assert latency > 0
    else:
        assert latency == 0.0


@pytest.mark.parametrize("name", sorted(LINEAR_PHASE & set(public_classes())))
@pytest.mark.parametrize("taps", [8, 9])
def test_even_numbers_of_taps_delay_by_half_a_sample(name, taps):
    if "taps" in public_classes()[name].declarations:
        assert public_classes()[name](taps=taps).latency(RATE) == (taps - 1) / 2


@pytest.mark.parametrize(
    ("taps", "latency"),
    [
        ([1.0], 0.0),
        ([0.5, 0.5], 0.5),
        ([1.0, 2.0, 1.0], 1.0),
        ([1.0, 0.0, -1.0], 1.0),
        ([0.0, 0.0, 3.0], 2.0),
        ([0.0, 1.0, 2.0, 1.0], 2.0),
        ([1.0, 0.5, 0.25], 0.0),
        ([0.0, 0.0], 0.0),
    ],
)
def test_taps_with_linear_phase_have_a_latency_and_others_have_none(taps, latency):
    assert fx.FIR(taps).latency(RATE) == latency
    assert fx.TransferFunction(taps, [2.0]).latency(RATE) == latency
    assert fx.TransferFunction(taps, [2.0, 0.0]).latency(RATE) == latency
    assert fx.TransferFunction(taps, [1.0, -0.5]).latency(RATE) == 0.0
    assert fx.Convolve(fx.Signal(torch.tensor(taps), RATE)).latency(RATE) == latency


def test_a_moving_average_of_any_length():
    assert fx.MovingAverage(8.0).latency(RATE) == 3.5
    for length in (1.0, 4.4, 7.99):
        module = fx.MovingAverage(length)
        assert module.latency(RATE) == pytest.approx(module.group_delay(0.0, RATE).item(), abs=1e-8)


def test_a_batch_of_filters_of_different_length_has_no_latency():
    assert fx.Kaiser(1000.0, width=torch.tensor([500.0, 500.0])).latency(RATE) > 0
    says = r"Kaiser: the examples of its batch have different latencies \(87.5, 174.5 samples\)"
    with pytest.raises(fx.ParameterError, match=says):
        fx.Kaiser(1000.0, width=torch.tensor([500.0, 1000.0])).latency(RATE)


def test_a_chain_adds_the_latencies_of_its_active_stages():
    chain = fx.FIR([0.5, 0.5]) | fx.LowPass() | fx.Hilbert(taps=11) | fx.ZeroPhase(fx.LowPass())
    assert chain.latency(RATE) == 5.5
    chain.bypassed = {2}
    assert chain.latency(RATE) == 0.5
    assert fx.Chain().latency(RATE) == 0.0
    assert fx.FixedPoint(fx.FIR([0.25, 0.5, 0.25])).latency(RATE) == 1.0
    assert fx.FixedPoint(fx.FIR([0.25, 0.5, 0.25])).quantized.latency(RATE) == 1.0


def test_a_sum_of_branches_in_step_has_their_latency_and_another_says_what_to_do():
    assert (fx.FIR([1.0, 2.0, 1.0]) + fx.WindowedSinc(1000.0, taps=3)).latency(RATE) == 1.0
    unequal = fx.FIR([1.0, 2.0, 1.0]) + fx.LowPass()
    says = r"Sum: its branches have different latencies \(0 and 1 samples\).*align=True"
    with pytest.raises(fx.ParameterError, match=says):
        unequal.latency(RATE)
    with pytest.raises(fx.ParameterError, match="Mix: its branches have different latencies"):
        fx.Mix(fx.Hilbert(), 0.5).latency(RATE)
    assert fx.Sum(*unequal, align=True).latency(RATE) == 1.0


# -- alignment ------------------------------------------------------------------------------------------------------

ALIGNED = {
    "dry and linear phase": lambda: fx.Mix(fx.WindowedSinc(3000.0, taps=41), 0.4, align=True),
    "recursive beside linear phase": lambda: fx.Sum(
        fx.LowPass(500.0), fx.WindowedSinc(3000.0, taps=41), fx.Hilbert(taps=21), align=True
    ),
    "a sum in a chain in a mix": lambda: fx.Mix(
        fx.HighPass(100.0) | fx.Sum(fx.LowPass(500.0), fx.FIR([0.25, 0.5, 0.25]), align=True) | fx.Hilbert(taps=15),
        0.5,
        align=True,
    ),
    "values per example": lambda: fx.Sum(
        fx.LowPass(torch.tensor([300.0, 3000.0])), fx.FIR([0.25, 0.5, 0.25]), align=True
    ),
    "nothing to do": lambda: fx.Sum(fx.LowPass(), fx.Gain(), align=True),
}


def test_a_mix_with_linear_phase_is_a_comb_filter_unless_it_is_aligned():
    flat = fx.FIR([0.0] * 20 + [1.0])  # the input, late by 20 samples
    frequencies = torch.linspace(100.0, 20_000.0, 500)
    ripple = [fx.Mix(flat, 0.5, align=align).response(frequencies, RATE).abs() for align in (False, True)]
    assert ripple[0].min() < 0.02
    torch.testing.assert_close(ripple[1], torch.ones_like(ripple[1]), rtol=1e-12, atol=1e-12)


def test_an_aligned_mix_is_the_blend_of_the_delayed_input():
    module, x = fx.WindowedSinc(3000.0, taps=41), noise(2, 300)
    late = torch.nn.functional.pad(x, (20, 0))[:, :300]
    expected = 0.6 * late + 0.4 * module(x, RATE)
    torch.testing.assert_close(fx.Mix(module, 0.4, align=True)(x, RATE), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(fx.Mix(module, 0.0, align=True)(x, RATE), late, rtol=0, atol=0)  # exactly


@pytest.mark.parametrize("name", ALIGNED)
def test_the_response_describes_the_sound(name):
    module = ALIGNED[name]()
    impulse = torch.zeros(2, 2048, dtype=torch.float64)
    impulse[:, 0] = 1.0
    spectrum = torch.fft.rfft(module(impulse, RATE))
    frequencies = torch.arange(1025, dtype=torch.float64) * RATE / 2048
    response = module.response(frequencies, RATE)
    torch.testing.assert_close(spectrum, response.expand_as(spectrum), rtol=1e-5, atol=1e-5)
    delay = module.group_delay(torch.tensor([1000.0]), RATE)
    phase = torch.angle(module.response(torch.tensor([999.0, 1001.0]), RATE))
    slope = -(phase[..., 1:] - phase[..., :1]) / (2 * math.pi * 2 / RATE)
    torch.testing.assert_close(delay, slope, rtol=1e-4, atol=1e-4)
    assert module.is_stable(RATE)


def test_sections_and_roots_of_an_aligned_sum():
    module = fx.Sum(fx.LowPass(2000.0), fx.FIR([0.25, 0.5, 0.25]), align=True)
    response = module.response([0.0, 500.0, 5000.0], RATE)
    torch.testing.assert_close(fx.SOS(module.sos(RATE)).response([0.0, 500.0, 5000.0], RATE), response)
    zeros, poles, gain = module.zpk(RATE)
    torch.testing.assert_close(fx.ZPK(zeros, poles, gain).response([0.0, 500.0, 5000.0], RATE).abs(), response.abs())
    late = fx.Mix(fx.FIR([0.0] * 1000 + [1.0, 1.0, 0.0]), 0.5, align=False)
    assert late.memory(RATE) >= 1000
    assert fx.Sum(fx.Gain(), fx.FIR([0.0] * 1000 + [1.0]), align=True).memory(RATE) >= 1000


@pytest.mark.parametrize("name", ALIGNED)
@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 200), max_size=5))
def test_blocks_of_any_size_equal_one_call(name, cuts):
    module, x = ALIGNED[name](), noise(2, 200)
    stream = module.stream(RATE)
    edges = [0, *sorted(cuts), 200]
    y = torch.cat([*(stream(x[:, a:b]) for a, b in itertools.pairwise(edges)), stream.flush()], -1)
    torch.testing.assert_close(y, module(x, RATE), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ALIGNED)
def test_a_stream_that_starts_settled(name):
    module, x = ALIGNED[name](), noise(2, 200)
    y = module.stream(RATE, settled=True)(x)
    before = x[:, :1].expand(2, 20_000)
    torch.testing.assert_close(y, module(torch.cat([before, x], -1), RATE)[:, 20_000:], rtol=1e-8, atol=1e-8)


def test_a_change_of_latency_within_a_stream_raises():
    module = fx.Mix(fx.WindowedSinc(taps=11), 0.5, align=True)
    stream = module.stream(RATE)
    stream(noise(1, 10))
    module.module = fx.LowPass()
    says = r"Mix: .* the delays of its branches changed from \[5, 0\] to \[0, 0\] samples"
    with pytest.raises(fx.SignalError, match=says):
        stream(noise(1, 10))


def test_half_a_sample_cannot_be_aligned():
    module = fx.Mix(fx.FIR([0.5, 0.5]), 0.5, align=True)
    with pytest.raises(
        fx.ParameterError, match=r"differ by 0.5 samples, which is not a whole number. Change the length"
    ):
        module(noise(1, 10), RATE)
    assert module.latency(RATE) == 0.5


def test_alignment_is_part_of_the_description():
    module = fx.Sum(fx.LowPass(), fx.Hilbert(taps=11), align=True)
    assert repr(module) == "Sum(LowPass(), Hilbert(taps=11), align=True)"
    assert repr(fx.Module.from_dict(module.to_dict())) == repr(module)
    assert repr(fx.Mix(fx.LowPass(), 0.5, align=True)) == "Mix(LowPass(), mix=0.5, align=True)"
    inner = fx.Sum(fx.LowPass(), fx.Gain(), align=True)
    assert len(fx.Sum(inner, fx.Peak())) == 2  # the branches of an aligned sum are not added unaligned
    assert len(fx.Sum(inner, fx.Peak(), align=True)) == 3
    module.align = False
    assert repr(module) == "LowPass() + Hilbert(taps=11)"
    assert copy.deepcopy(inner).align is True


def test_gradients_pass_through_aligned_branches():
    cutoff = torch.tensor(3000.0, dtype=torch.float64, requires_grad=True)

    def run(cutoff, x):
        return fx.Sum(fx.LowPass(cutoff), fx.WindowedSinc(cutoff * 0.5, taps=9), align=True)(x, RATE)

    assert torch.autograd.gradcheck(run, (cutoff, noise(1, 12).requires_grad_()), atol=1e-6)


def test_aligned_branches_in_an_exported_graph():
    module, x = fx.Mix(fx.WindowedSinc(3000.0, taps=41) | fx.LowPass(), 0.4, align=True), noise(2, 100)
    shapes = ({1: torch.export.Dim.DYNAMIC}, None)
    program = torch.export.export(module, (x, RATE), dynamic_shapes=shapes, strict=False).module()
    assert torch.equal(program(noise(2, 321), RATE), module(noise(2, 321), RATE))
    with pytest.raises(fx.FxlabError, match=r"FIR cannot be part of a graph.* its latency depends on the values"):
        torch.export.export(fx.Mix(fx.FIR([0.5, 1.0, 0.5]), align=True), (x, RATE), strict=False)
