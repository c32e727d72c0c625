"""The analysis of linear time-invariant modules: phase, delays, impulse and step responses, stability."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx
from tests.support.specimens import can_stream, random_values, specimens

RATE = 48_000.0

ASKED = {name: make for name, make in specimens().items() if make().has_response}
LTI = {name: make for name, make in ASKED.items() if can_stream(make())}  # non-causal filters are tested elsewhere
GRID = torch.cat([torch.tensor([0.0]), torch.logspace(0, math.log10(RATE / 2), 300)]).double().clamp(max=RATE / 2)


@pytest.mark.parametrize("name", LTI)
def test_the_results_are_consistent(name):
    """Response, phase, delays, roots, sections, impulse and step responses describe the same system."""
    made = LTI[name]()
    response = made.response(GRID, RATE)
    assert response.dtype == torch.complex128
    phase = made.phase(GRID, RATE)
    loud = response.abs() > 1e-9
    torch.testing.assert_close(torch.polar(response.abs(), phase)[loud], response[loud], rtol=1e-8, atol=1e-12)
    delay = made.phase_delay(GRID, RATE)
    omega = 2 * math.pi * GRID / RATE
    torch.testing.assert_close(delay[1:] * omega[1:], -phase[1:])
    torch.testing.assert_close(delay[0], made.group_delay(0.0, RATE), rtol=1e-12, atol=0)
    _, expected = signal.freqz_sos(made.sos(RATE).numpy(), GRID.numpy(), fs=RATE)
    np.testing.assert_allclose(response.numpy(), expected, rtol=1e-6, atol=1e-8)
    impulse = made.impulse_response(RATE)
    assert impulse.dtype == torch.float64
    unit = np.zeros(len(impulse))
    unit[0] = 1.0
    np.testing.assert_allclose(impulse.numpy(), signal.sosfilt(made.sos(RATE).numpy(), unit), atol=1e-10)
    step = made.step_response(RATE)
    np.testing.assert_allclose(step.numpy(), signal.sosfilt(made.sos(RATE).numpy(), np.ones(len(step))), atol=1e-8)
    assert step[-1].item() == pytest.approx(
        response[0].real.item(), rel=1e-3, abs=1e-3
    )  # it settles at the gain at 0 Hz
    spectrum = torch.fft.rfft(made.impulse_response(RATE, duration=0.5))
    at = torch.arange(100, 10_000, 700)
    torch.testing.assert_close(spectrum[at], made.response(at * 2.0, RATE), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", LTI)
def test_group_delay_is_minus_the_slope_of_the_phase(name):
    made = LTI[name]()
    f = torch.linspace(30.0, 23_900.0, 400, dtype=torch.float64).requires_grad_()
    slope = torch.autograd.grad(made.phase(f, RATE).sum(), f)[0] * RATE / (2 * math.pi)
    audible = made.response(f, RATE).abs() > 1e-5  # near a zero, the slope of the angle loses digits
    torch.testing.assert_close(made.group_delay(f, RATE)[audible], -slope[audible], rtol=1e-7, atol=1e-7)
    h = 1e-3
    difference = (made.phase(f + h, RATE) - made.phase(f - h, RATE)) / (2 * h) * RATE / (2 * math.pi)
    loud = made.response(f, RATE).abs() > 1e-3  # below, the difference is rounding error
    torch.testing.assert_close(made.group_delay(f, RATE)[loud], -difference[loud], rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", LTI)
def test_phase_does_not_depend_on_the_grid(name):
    """A single frequency, a coarse grid and a fine grid give the same phase; on the fine grid it does not jump."""
    made = LTI[name]()
    fine = torch.cat([torch.arange(0.0, 200.0, 0.5), torch.linspace(200.0, RATE / 2, 9000)]).double()
    phase = made.phase(fine, RATE)
    zeros = made.zeros(RATE)
    on_circle = zeros[(zeros.abs() - 1).abs() < 1e-7].angle().abs() * RATE / (2 * math.pi)
    step = phase.diff()
    inner = torch.ones_like(step, dtype=torch.bool)
    for hertz in on_circle:  # there the response changes its sign, and the phase jumps by half a turn
        inner &= (fine[:-1] > hertz + 20) | (fine[1:] < hertz - 20)
    assert step[inner].abs().max() < 0.5
    if not len(on_circle):
        angle = np.unwrap(np.angle(made.response(fine, RATE).numpy()))
        np.testing.assert_allclose(phase.numpy()[1:-1] - phase[1].item(), angle[1:-1] - angle[1], atol=1e-6)
    for pick in ([17], [3, 4999], [5000, 100, 2500]):
        torch.testing.assert_close(made.phase(fine[pick], RATE), phase[pick], rtol=0, atol=1e-9)


def test_phase_at_0_hz_is_its_limit():
    assert fx.LowPass().phase(0.0, RATE).item() == pytest.approx(0.0, abs=1e-12)
    assert fx.HighPass().phase(0.0, RATE).item() == pytest.approx(math.pi, abs=1e-9)
    assert fx.HighPass().phase([0.0, 1e-3], RATE).diff().abs().item() < 1e-5
    assert (fx.HighPass() | fx.HighPass()).phase(0.0, RATE).item() == pytest.approx(2 * math.pi, abs=1e-9)
    assert fx.LowPass().phase(RATE / 2, RATE).item() == pytest.approx(-math.pi, abs=1e-9)
    assert fx.Peak(gain_db=12.0).phase(0.0, RATE).item() == pytest.approx(0.0, abs=1e-9)


@given(cutoff=st.floats(20, 20_000), q=st.floats(0.1, 20), gain_db=st.floats(-24, 24))
def test_phase_and_delay_of_a_chain_are_the_sums_of_its_stages(cutoff, q, gain_db):
    stages = [fx.LowPass(cutoff, q), fx.HighPass(cutoff / 2, q), fx.Peak(cutoff / 3, gain_db, q), fx.HighPass(5.0)]
    chain = fx.Chain(*stages)
    f = [0.0, 11.0, 333.0, 9000.0, 23_000.0]
    for ask in ("phase", "group_delay"):
        total = sum(getattr(stage, ask)(f, RATE) for stage in stages)
        torch.testing.assert_close(getattr(chain, ask)(f, RATE), total, rtol=1e-8, atol=1e-7)


# -- impulse and step -----------------------------------------------------------------------------------------------


def test_the_length_of_the_impulse_response():
    assert fx.LowPass().impulse_response(RATE, duration=0.25).shape == (12_000,)
    assert fx.LowPass().impulse_response(RATE, duration=1e-9).shape == (1,)
    assert len(fx.LowPass(20_000.0).impulse_response(RATE)) == 64
    assert len(fx.LowPass(5.0, 1000.0).impulse_response(RATE)) == 4 * RATE
    ringing = fx.LowPass(1000.0, 20.0).impulse_response(RATE)
    assert 64 < len(ringing) < RATE
    assert ringing[-100:].abs().max() < 3e-4 * ringing.abs().max()
    assert fx.Chain().impulse_response(RATE).tolist() == [1.0] + [0.0] * 63


def test_is_stable_is_false_for_an_unstable_filter():
    class Oscillator(fx.Recursive):
        radius = fx.Param(1.0, low=0.5, high=1.5)

        def design(self, sample_rate):
            r = self.radius
            one, zero = torch.ones_like(r), torch.zeros_like(r)
            return torch.stack([one, zero, zero, one, -1.2 * r, r * r], -1).unsqueeze(-2)

    for radius, stable in ((0.999, True), (1.0, False), (1.2, False)):
        assert Oscillator(radius).is_stable(RATE) is stable
        assert (Oscillator(radius) | fx.LowPass()).is_stable(RATE) is stable
        assert (Oscillator(radius) + fx.LowPass()).is_stable(RATE) is stable
    assert Oscillator([0.5, 1.2]).is_stable(RATE) is False
    h = Oscillator(1.01).impulse_response(RATE, duration=0.01)
    assert h[-50:].abs().max() > 10 * h[:50].abs().max()


@pytest.mark.slow
@pytest.mark.parametrize("name", LTI)
def test_the_analysis_does_not_change_the_module(name):
    made = LTI[name]()
    text, state = repr(made), {key: value.clone() for key, value in made.state_dict().items()}
    for ask in ("response", "group_delay", "phase_delay", "phase"):
        getattr(made, ask)(GRID, RATE)
    made.impulse_response(RATE, duration=0.01)
    made.is_stable(RATE)
    assert repr(made) == text
    assert all(torch.equal(value, state[key]) for key, value in made.state_dict().items())


@pytest.mark.parametrize("name", LTI)
@pytest.mark.parametrize("seed", range(3))
def test_filters_are_stable_over_the_ranges_of_their_sliders(name, seed):
    made = LTI[name]()
    values = random_values(made, seed)
    for param, value in values.items():
        before = getattr(made, param)
        setattr(made, param, value)
        if not made.has_response:  # saturation
            setattr(made, param, before)
    assert made.is_stable(RATE)
    assert bool((made.poles(RATE).abs() < 1).all())


@pytest.mark.slow
@pytest.mark.parametrize("name", LTI)
def test_polynomials_gain_and_noise_gain_are_consistent(name):
    made = LTI[name]()
    response = made.response(GRID, RATE)
    b, a = made.ba(RATE)
    assert a[0] == 1
    if len(a) < 17:  # the polynomials of a higher order have lost digits
        _, expected = signal.freqz(b.numpy(), a.numpy(), GRID.numpy(), fs=RATE)
        np.testing.assert_allclose(response.numpy(), expected, rtol=1e-3, atol=1e-4)
    loud = response.abs() > 1e-9
    torch.testing.assert_close(made.magnitude_db(GRID, RATE)[loud], 20 * torch.log10(response[loud].abs()))
    torch.testing.assert_close(made.phase(GRID, RATE, wrapped=True), torch.angle(response))
    z = torch.polar(torch.ones_like(GRID), 2 * math.pi * GRID / RATE)
    zeros, poles, gain = made.zpk(RATE)
    above, below = ((1 - roots[~roots.isnan()][:, None] / z).prod(0) for roots in (zeros, poles))
    torch.testing.assert_close((gain * above / below).abs(), response.abs(), rtol=1e-6, atol=1e-8)
    energy = made.impulse_response(RATE, duration=1.0).square().sum()
    torch.testing.assert_close(made.noise_gain(RATE), energy, rtol=1e-6, atol=1e-9)
    assert made.margin(RATE).item() == pytest.approx(1 - max(made.poles(RATE).abs().tolist(), default=0.0))
    assert (made.margin(RATE) > 0).item() == made.is_stable(RATE)


@pytest.mark.parametrize("tolerance", [0, -1.0, math.nan, math.inf, "1e-5"])
def test_the_tolerance_of_the_memory_is_above_0(tolerance):
    with pytest.raises(fx.ParameterError, match=r"tolerance is .*; it must be a number above 0"):
        fx.LowPass().memory(48_000, tolerance=tolerance)


@pytest.mark.parametrize("frequencies", [torch.tensor([100.0 + 5j]), torch.tensor([True])])
def test_frequencies_are_real_numbers(frequencies):
    with pytest.raises(fx.ParameterError, match="frequencies are numbers in Hz"):
        fx.LowPass().response(frequencies, 48_000)
