"""`measure`: the response of linear modules, and the harmonics of waveshapers with closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fxlab as fx

RATE = 48_000.0
LINEAR = {
    "low-pass": lambda: fx.LowPass(1000.0, q=5.0),
    "high-pass": lambda: fx.HighPass(60.0),
    "resonance": lambda: fx.Peak(200.0, 12.0, q=8.0),
    "elliptic": lambda: fx.Elliptic(3000.0, 6),
    "band": lambda: fx.Butterworth((300.0, 3000.0), 6, "bandpass"),
    "sum": lambda: fx.LowPass(300.0) + fx.HighPass(2500.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("rate", [44_100.0, 8000.0])
def test_linear_module_matches_its_response(name, rate):
    module = LINEAR[name]()
    found = fx.measure(module, sample_rate=rate)
    expected = module.magnitude_db(found.frequencies, rate)
    audible = expected > -60
    assert (found.magnitude_db - expected)[audible].abs().max() < 0.01
    angle = torch.remainder(found.phase - module.phase(found.frequencies, rate) + math.pi, 2 * math.pi) - math.pi
    assert angle[audible].abs().max() < 0.002
    # At a zero on the unit circle the phase jumps by pi.
    assert np.abs(np.diff(found.phase.numpy())).max() < 1.05 * math.pi
    inner = audible & (found.frequencies > 60)
    assert (found.group_delay - module.group_delay(found.frequencies, rate))[inner].abs().max() < 0.5
    assert found.thd_db[inner].nan_to_num(-999.0).max() < -80
    assert found.frequencies[0].item() == pytest.approx(20.0, rel=0.02)
    assert found.frequencies[-1].item() == pytest.approx(0.475 * rate, rel=0.01)


@pytest.mark.parametrize("level", [-30.0, -6.0])
def test_level_and_phase_of_the_harmonics_of_a_cubic(level):
    a, b, A = 0.3, 0.2, 10 ** (level / 20)
    found = fx.measure(fx.wrap(lambda x: x + a * x**2 + b * x**3), level_db=level, sample_rate=RATE)
    low = found.frequencies < 0.15 * RATE
    first = 1 + 0.75 * b * A**2
    assert (found.magnitude_db[low] - 20 * math.log10(first)).abs().max() < 0.02
    # sin^2 t = (1 - cos 2t) / 2, a phase of -pi/2; sin^3 t = (3 sin t - sin 3t) / 4, a phase of pi.
    for index, (size, angle) in enumerate(((a * A / 2, -math.pi / 2), (b * A**2 / 4, math.pi))):
        harmonic = found.harmonics[index]
        in_range = (found.frequencies > 25) & (found.frequencies * (index + 2) < 0.3 * RATE)
        ratio = harmonic[in_range] / (size * complex(math.cos(angle), math.sin(angle)))
        assert (20 * ratio.abs().log10()).abs().max() < 0.01
        assert ratio.angle().abs().max() < 0.002
        assert harmonic[found.frequencies * (index + 2) > 0.41 * RATE].isnan().all()
    above = found.harmonics_db[2:, found.frequencies > 40]
    assert above.nan_to_num(-999.0).max() < -90


def test_filter_before_and_after_a_waveshaper_are_distinguished():
    shaper = fx.wrap(lambda x: x + 0.5 * x**2)
    before = fx.measure(fx.LowPass(500.0) | shaper, level_db=0.0, sample_rate=RATE)
    after = fx.measure(shaper | fx.LowPass(500.0), level_db=0.0, sample_rate=RATE)
    f = before.frequencies
    in_range = (f > 40) & (f < 4000)
    gain = fx.LowPass(500.0).magnitude_db(f, RATE)
    doubled = fx.LowPass(500.0).magnitude_db((2 * f).clamp(max=RATE / 2), RATE)
    quarter = 20 * math.log10(0.25)
    for found, expected in ((before, 2 * gain), (after, doubled)):
        level = 20 * found.harmonics[0].abs().log10() - quarter
        assert (level - expected)[in_range].abs().max() < 0.1


def test_sweep_and_tone_agree_on_tanh():
    drive = fx.wrap(lambda x: torch.tanh(2 * x))
    found = fx.measure(drive, level_db=-6.0, sample_rate=RATE)
    tone = fx.thd(drive, 500.0, level_db=-6.0, sample_rate=RATE, harmonics=5)
    index = int((found.frequencies - 500).abs().argmin())
    assert found.harmonics_db[1, index].item() == pytest.approx(tone.harmonics_db[1].item(), abs=0.05)
    assert found.harmonics_db[3, index].item() == pytest.approx(tone.harmonics_db[3].item(), abs=0.3)
    assert found.thd_db[index].item() == pytest.approx(tone.thd_db, abs=0.05)


def test_delay_is_measured_to_a_fraction_of_a_sample():
    delayed = fx.wrap(lambda x: torch.nn.functional.pad(x, (480, 0))[..., : x.shape[-1]])
    found = fx.measure(delayed, sample_rate=RATE, harmonics=1)
    inner = found.frequencies > 60
    assert (found.group_delay[inner] - 480).abs().max() < 0.1
    slope = -(found.phase[-1] - found.phase[0]) / (2 * math.pi * (found.frequencies[-1] - found.frequencies[0]))
    assert slope.item() * RATE == pytest.approx(480, abs=0.01)
    assert found.harmonics.shape == (0, len(found.frequencies))


def test_batch_dimension_comes_first():
    found = fx.measure(fx.LowPass(torch.tensor([200.0, 2000.0])), sample_rate=8000.0, lowest=50.0, duration=4.0)
    assert found.response.shape == (2, len(found.frequencies))
    assert found.harmonics.shape == (2, 4, len(found.frequencies))
    alone = fx.measure(fx.LowPass(2000.0), sample_rate=8000.0, lowest=50.0, duration=4.0)
    assert torch.allclose(found.magnitude_db[1], alone.magnitude_db, atol=1e-6)


def test_card_shows_the_measurement():
    found = fx.measure(fx.wrap(torch.tanh), sample_rate=RATE)
    card, _ = found._repr_mimebundle_()
    assert set(card) == {"text/plain", "image/png", "text/html"}
    assert card["text/plain"] == repr(found)
    assert "measured at 48 kHz, −12 dBFS" in card["text/html"]
    many = fx.measure(fx.LowPass(torch.tensor([200.0, 2000.0])), sample_rate=8000.0, harmonics=1)
    assert "A batch of 2 examples" in many._repr_mimebundle_()[0]["text/html"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"level_db": None}, "level_db is None"),
        ({"lowest": 0.0}, "lowest is 0.0; it must be a number of Hz above 0"),
        ({"lowest": 9000.0}, "lowest is 9000 Hz; at a sample rate of 48000 Hz it must be at most 5700 Hz"),
        ({"duration": 0.5}, r"duration is 0.5 s; a sweep from 20 Hz needs at least"),
        ({"tail": -1.0}, "tail is -1.0; it must be a number of seconds"),
        ({"harmonics": 2.5}, "harmonics is 2.5; it must be an integer"),
    ],
)
def test_invalid_arguments_raise(change, words):
    with pytest.raises(fx.ParameterError, match=words):
        fx.measure(fx.LowPass(), **({"sample_rate": RATE} | change))


def test_an_output_without_channels_is_not_audio():
    mono = fx.wrap(lambda x: x[..., 0, :])
    for call in (fx.measure, fx.thd, fx.compare):
        with pytest.raises(fx.FxlabError, match=r"its output is not audio but shape .*\(\.\.\., channels, time\)"):
            call(mono, sample_rate=8000.0)


@pytest.mark.parametrize("duration", [8.0, 50.0, 300.0])
def test_a_long_sweep_of_an_identity_is_flat(duration):
    found = fx.measure(fx.wrap(lambda x: x), sample_rate=8000.0, duration=duration)
    assert found.magnitude_db.abs().max() < 0.01


def test_a_module_that_changes_the_sample_rate_is_not_measured():
    for call in (fx.measure, fx.thd, fx.compare):
        with pytest.raises(fx.SignalError, match="sample rate of 96000 Hz for an input at 48000 Hz"):
            call(fx.Resample(96_000), sample_rate=48_000.0)


def test_rounding_errors_are_not_a_tone():
    with pytest.raises(fx.SignalError, match="has no component at 1000 Hz"):
        fx.thd(fx.wrap(lambda x: x * 0 + 1), sample_rate=48_000.0)
