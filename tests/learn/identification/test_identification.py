"""Filters found from impulse responses, sounds and curves: known filters are found again, SciPy as a reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import torch

import fxlab as fx

RATE = 48_000


def impulse_response(b, a, samples: int = 200) -> torch.Tensor:
    return torch.from_numpy(scipy.signal.lfilter(b, a, np.eye(1, samples)[0]))


def response_of(module: fx.Module, samples: int) -> torch.Tensor:
    return module(torch.eye(1, samples, dtype=torch.float64), sample_rate=RATE)[0]


@pytest.mark.parametrize(("order", "kind"), [(2, "lowpass"), (4, "highpass"), (6, "bandpass")])
@pytest.mark.parametrize("method", [fx.prony, fx.steiglitz_mcbride])
def test_a_filter_is_found_from_its_impulse_response(order, kind, method):
    b, a = scipy.signal.butter(
        order // (2 if kind == "bandpass" else 1), [0.2, 0.5] if kind == "bandpass" else 0.3, kind
    )
    found = method(impulse_response(b, a), zeros=len(b) - 1, poles=len(a) - 1)
    assert np.allclose(found.b.numpy(), b, atol=1e-8)
    assert np.allclose(found.a.numpy(), a, atol=1e-8)


def test_with_too_few_poles_steiglitz_mcbride_is_closer_than_prony():
    h = impulse_response(*scipy.signal.ellip(6, 1, 60, 0.25))
    noisy = h + 1e-3 * torch.randn(len(h), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    errors = []
    for method in (fx.prony, fx.steiglitz_mcbride):
        found = method(noisy, zeros=4, poles=4)
        errors.append((response_of(found, len(h)) - h).square().sum().item())
        assert found.is_stable(RATE) or method is fx.prony
    assert errors[1] < 0.5 * errors[0]


def test_linear_prediction_solves_the_normal_equations():
    x = fx.examples.voice().mono().samples[0].double()
    found = fx.lpc(x, order=20)
    full = np.correlate(x.numpy(), x.numpy(), "full")[len(x) - 1 : len(x) + 20]
    expected = scipy.linalg.solve_toeplitz(full[:-1], -full[1:])
    assert np.allclose(found.a.numpy()[1:], expected, atol=1e-6)
    assert found.is_stable(RATE)
    # The prediction error, the input that would give the sound, has power 1.
    error = scipy.signal.lfilter(found.a.numpy(), found.b.numpy(), x.numpy())
    assert np.mean(error**2) == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("order", [2, 6])
def test_an_all_pole_curve_is_met_by_yule_walker(order):
    a = fx.lpc(fx.examples.voice().mono(), order).a
    hz = torch.linspace(5.0, RATE / 2, 4000, dtype=torch.float64)
    level = 20 * fx.TransferFunction([1.0], a).response(hz, RATE).abs().log10()
    found = fx.yule_walker(hz, level, order, RATE)
    assert (20 * found.response(hz, RATE).abs().log10() - level).abs().max() < 0.5


@pytest.mark.parametrize("order", [1, 2, 3, 8, 30, 100])
def test_all_pole_filters_are_stable_for_what_few_poles_predict_to_rounding(order):
    time = torch.arange(4000, dtype=torch.float64)
    window = torch.hann_window(4000, dtype=torch.float64)
    sounds = (window, torch.ones(4000, dtype=torch.float64), window * torch.sin(0.1 * time), window * (-1.0) ** time)
    found = [fx.lpc(fx.Signal(sound, 8000), order) for sound in sounds]
    curves = (([100.0, 1000.0], [0.0, -400.0]), ([10.0, 20.0, 20_000.0], [0.0, 300.0, -900.0]))
    found += [fx.yule_walker(hz, level, order, RATE) for hz, level in curves]
    for made in found:
        assert made.is_stable(RATE)
        assert made.b > 0
        assert len(made.a) == order + 1
    # As many poles as are well determined are found: two predict the window to about 1e-12 of its power.
    assert found[0].a.count_nonzero() == min(order, 2) + 1


@pytest.mark.parametrize("order", [2, 4, 8])
def test_a_curve_is_matched_and_fit_refines_it(order):
    hz = torch.logspace(math.log10(30), math.log10(18_000), 120, dtype=torch.float64)
    eq = fx.LowShelf(150.0, 6.0) | fx.Peak(2000.0, -8.0, 1.0) | fx.HighShelf(8000.0, 4.0)
    level = 20 * eq.response(hz, RATE).abs().log10()

    def error(module):
        return (20 * module.response(hz, RATE).detach().abs().log10() - level).square().mean().sqrt().item()

    found = fx.match_response(hz, level, order, RATE)
    assert found.is_stable(RATE)
    assert error(found) < {2: 4.0, 4: 2.0, 8: 0.2}[order]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fx.prony(torch.zeros(4), 2, 3), "has 4 samples; 2 zeros and 3 poles need at least 6"),
        (lambda: fx.prony(torch.zeros(2, 40), 2, 3), "must have one channel"),
        (lambda: fx.prony(torch.zeros(40), -1, 3), "zeros is -1"),
        (lambda: fx.steiglitz_mcbride(torch.ones(40), 1, 1, -1), "iterations is -1; .* whole number, at least 0"),
        (lambda: fx.steiglitz_mcbride(torch.ones(40), 1, 1, 2.5), "iterations is 2.5"),
        (lambda: fx.lpc(torch.zeros(40), 2), "silent"),
        (lambda: fx.lpc(1e-160 * torch.ones(40, dtype=torch.float64), 2), "silent"),
        (lambda: fx.lpc(1e200 * torch.ones(40, dtype=torch.float64), 2), r"a peak of 1e\+200; .* at most 2900 dB"),
        (lambda: fx.yule_walker([100.0, 200.0], [4000.0, 0.0], 2, RATE), "4000 dB; it must be from -2900 to 2900 dB"),
        (lambda: fx.yule_walker([100.0, 200.0], [-3500.0, -3200.0], 2, RATE), "-3200 dB"),
        (lambda: fx.lpc(torch.ones(40), 40), "from 1 to 39"),
        (lambda: fx.yule_walker([100.0, 200.0], [0.0], 2, RATE), "2 frequencies and 1 levels"),
        (lambda: fx.match_response([100.0, 30_000.0], [0.0, 0.0], 2, RATE), r"half the sample rate \(24000 Hz\)"),
        (lambda: fx.match_response([0.0, 300.0], [0.0, 0.0], 2, RATE), "above 0 Hz"),
        (lambda: fx.match_response([100.0, 300.0], [0.0, 0.0], 0, RATE), "order is 0"),
        (lambda: fx.match_response([100.0, 300.0], [0.0, 0.0], True, RATE), "order is True"),
        (lambda: fx.lpc(torch.ones(40), True), "order is True"),
        (lambda: fx.yule_walker([100.0, 200.0], [0.0, 0.0], True, RATE), "order is True"),
    ],
)
def test_errors_name_what_is_wrong(call, message):
    with pytest.raises(fx.FxlabError, match=message):
        call()


def test_a_sweep_gives_the_impulse_response_of_a_nonlinear_device():
    """The linear part of a device that also distorts is that of its filter, with noise and a delay of the recording."""
    device, sweep = fx.BandPass(1500.0, q=2.0), fx.chirp(20.0, 20_000.0, duration=1.5, sample_rate=RATE)
    played = torch.nn.functional.pad(sweep.samples, (240, RATE // 4))
    clean = device(played, sample_rate=RATE)
    recording = fx.Signal(clean + 0.05 * clean.square(), RATE) + 1e-4 * fx.noise(
        duration=played.shape[-1] / RATE, sample_rate=RATE, seed=2
    )
    h = fx.impulse_response(recording, sweep, duration=0.05)
    expected = device(torch.eye(1, h.frames), sample_rate=RATE)[0]
    assert int(h.samples.abs().argmax()) == pytest.approx(240 + int(expected.abs().argmax()), abs=1)
    hz = torch.logspace(2, 4, 80, dtype=torch.float64)
    found, wanted = (20 * module.response(hz, RATE).abs().log10() for module in (fx.FIR(h.samples[0]), device))
    assert torch.allclose(found, wanted, atol=0.25)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r, s: (r, fx.Signal(s.samples, 48_000)), "44100 Hz and the sweep 48000 Hz"),
        (lambda r, s: (s, r), "record until the device is silent"),
        (lambda r, s: (r, 0.0 * s), "not silent"),
        (lambda r, s: (r.samples, s), "recording is Tensor; it must be a Signal"),
    ],
    ids=["rate", "length", "silence", "tensor"],
)
def test_what_is_no_recorded_sweep_is_named(change, message):
    sweep = fx.chirp(20.0, 20_000.0, duration=0.1)
    recording = fx.noise(duration=0.2, sample_rate=44_100)
    with pytest.raises(fx.SignalError, match=message):
        fx.impulse_response(*change(recording, sweep))
    with pytest.raises(fx.ParameterError, match="duration is 0"):
        fx.impulse_response(recording, sweep, duration=0)


def test_a_recording_of_many_channels_may_be_short():
    recording = fx.Signal(torch.randn(70, 200), RATE).between(0.0, 40 / RATE)
    sweep = fx.Signal(torch.randn(40), RATE)
    assert fx.impulse_response(recording, sweep, duration=20 / RATE).samples.shape == (70, 20)
