"""The generators: spectra, slopes, levels, no aliasing, and errors for invalid arguments."""

import math

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.errors import ParameterError, SignalError
from fxlab.signal import chirp, impulse, noise, sawtooth, silence, sine, square

RATE, NAN = 44_100, math.nan
MAKERS = [sine, square, sawtooth, chirp, impulse, noise, silence]
IDEAL = {square: scipy.signal.square, sawtooth: scipy.signal.sawtooth}
COLORS = {"white": 0.0, "pink": -3.01, "brown": -6.02, "blue": 3.01, "violet": 6.02}


def spectrum_db(samples: np.ndarray) -> np.ndarray:
    """Return the magnitude in dB with a window whose side lobes lie below -180 dB; a full-scale sine is at 0 dB."""
    window = np.kaiser(len(samples), 26.0)
    return 20 * np.log10(np.abs(np.fft.rfft(samples * window)) * 2 / window.sum() + 1e-30)


@given(
    frequency=st.floats(20.0, 3900.0),
    rate=st.sampled_from([8000, 11_025, 44_100, 48_000, 44_055.94]),
    level=st.floats(-60.0, 6.0),
)
@settings(max_examples=40, deadline=None)
def test_a_sine_is_the_formula(frequency, rate, level):
    tone = sine(frequency, duration=0.25, sample_rate=rate, level_db=level)
    time = np.arange(tone.frames) / rate
    expected = 10 ** (level / 20) * np.sin(2 * np.pi * frequency * time)
    np.testing.assert_allclose(tone.numpy()[0], expected, atol=1e-6 * 10 ** (level / 20))


def test_the_spectrum_of_a_sine_peaks_at_its_frequency_and_level():
    tone = sine(1000.0, duration=1.0, level_db=-6.0)
    level = spectrum_db(tone.numpy()[0].astype(float))
    assert level.argmax() == 1000
    assert level.max() == pytest.approx(-6.0, abs=0.01)
    assert level[1020:].max() < -130  # only float32 rounding remains


def test_the_phase_is_exact_after_ten_minutes():
    tone = sine(997.3, duration=600.0, sample_rate=8000).samples[0, -800:].double()
    frame = torch.arange(600 * 8000 - 800, 600 * 8000, dtype=torch.float64)
    exact = torch.sin(2 * math.pi * torch.frac(frame * 997.3 / 8000)) * 10 ** (-6 / 20)
    torch.testing.assert_close(tone, exact, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("make", "ideal", "step"),
    [
        (square, scipy.signal.square, 2),
        (sawtooth, scipy.signal.sawtooth, 1),
    ],
)
@pytest.mark.parametrize("frequency", [41.3, 440.0, 1234.5, 5000.0, 9999.0, 21_000.0])
def test_square_and_sawtooth_contain_their_harmonics_and_nothing_else(make, ideal, step, frequency):
    wave = make(frequency, duration=1.0, level_db=0.0).numpy()[0].astype(float)
    level = spectrum_db(wave)
    harmonics = np.arange(1, math.ceil(RATE / 2 / frequency), step) * frequency
    expected = level[round(frequency)] - 20 * np.log10(np.arange(1, len(harmonics) * step + 1, step))
    at = np.array([level[round(h) - 2 : round(h) + 3].max() for h in harmonics])
    np.testing.assert_allclose(at, expected, atol=1.0)  # the scalloping loss of the window
    floor = level.copy()
    for harmonic in harmonics:
        floor[max(round(harmonic) - 12, 0) : round(harmonic) + 13] = -300
    assert floor.max() < -120
    # The test detects aliasing: in the sampled ideal wave the harmonics fold back.
    aliased = spectrum_db(ideal(2 * np.pi * frequency * np.arange(RATE) / RATE))
    for harmonic in harmonics:
        aliased[max(round(harmonic) - 12, 0) : round(harmonic) + 13] = -300
    assert aliased.max() > -80


@pytest.mark.parametrize(("make", "ideal"), list(IDEAL.items()))
def test_square_and_sawtooth_follow_the_ideal_wave_between_the_jumps(make, ideal):
    frequency = 50.0
    wave = make(frequency, duration=0.2, level_db=0.0).numpy()[0]
    phase = (np.arange(len(wave)) * frequency / RATE) % 1
    quiet = np.minimum(np.abs((phase + 0.25) % 0.5 - 0.25), 1) > 0.1
    expected = ideal(2 * np.pi * phase)[quiet]
    scale = (wave[quiet] @ expected) / (expected @ expected)
    assert 20 * np.log10(scale) == pytest.approx(-1.43, abs=0.05)  # Gibbs' ringing: (2/π) Si(π) = 1.179
    np.testing.assert_allclose(wave[quiet], scale * expected, atol=0.01)


@given(make=st.sampled_from([square, sawtooth]), frequency=st.floats(30.0, 21_000.0))
@settings(max_examples=30, deadline=None)
def test_the_level_includes_peaks_between_the_samples(make, frequency):
    wave = make(frequency, duration=0.1, level_db=-3.0).numpy()[0].astype(float)
    wave *= np.hanning(len(wave))
    assert np.abs(wave).max() <= 10 ** (-3 / 20) + 1e-6
    assert np.abs(scipy.signal.resample(wave, 16 * len(wave))).max() <= 10 ** (-3 / 20) * 1.003


@pytest.mark.parametrize(("start", "stop"), [(20.0, 2e4), (8000.0, 100.0), (440.0, 440.0), (440.0, 440.0001)])
@pytest.mark.parametrize(("method", "theirs"), [("log", "logarithmic"), ("linear", "linear")])
def test_a_chirp_equals_scipys(start, stop, method, theirs):
    sweep = chirp(start, stop, duration=2.0, method=method, level_db=0.0)
    time = np.arange(sweep.frames) / RATE
    expected = scipy.signal.chirp(time, start, 2.0, stop, method=theirs, phi=-90)
    np.testing.assert_allclose(sweep.numpy()[0], expected, atol=3e-6)


@pytest.mark.parametrize("method", ["log", "linear"])
def test_the_frequency_of_a_chirp_follows_its_method(method):
    start, stop, length = 100.0, 6400.0, 4.0
    sweep = chirp(start, stop, duration=length, method=method)
    phase = np.unwrap(np.angle(scipy.signal.hilbert(sweep.numpy()[0].astype(float))))
    frequency = np.diff(phase) * RATE / (2 * np.pi)
    for part in (0.25, 0.5, 0.75):
        expected = start * (stop / start) ** part if method == "log" else start + (stop - start) * part
        middle = round(part * sweep.frames)
        assert np.median(frequency[middle - 200 : middle + 200]) == pytest.approx(expected, rel=0.01)


def test_a_linear_chirp_may_start_at_zero():
    sweep = chirp(0.0, 1000.0, duration=1.0, method="linear", level_db=0.0)
    expected = scipy.signal.chirp(np.arange(RATE) / RATE, 0, 1, 1000, phi=-90)
    np.testing.assert_allclose(sweep.numpy()[0], expected, atol=2e-6)
    with pytest.raises(ParameterError, match="start_frequency"):
        chirp(0.0, 1000.0)


def test_an_impulse_is_one_sample():
    click = impulse(duration=0.5, delay=0.1, sample_rate=8000, channels=2)
    assert click.samples.nonzero().tolist() == [[0, 800], [1, 800]]
    assert click.samples.max() == 1.0
    assert impulse(level_db=-20.0).samples[0, 0].item() == pytest.approx(0.1)


@pytest.mark.parametrize(("color", "slope"), COLORS.items())
def test_noise_has_the_slope_of_its_color(color, slope):
    sound = noise(color, duration=20.0, seed=3).numpy()[0]
    frequency, power = scipy.signal.welch(sound, RATE, nperseg=8192)
    octaves = [
        10 * np.log10(power[(frequency >= low) & (frequency < 2 * low)].mean()) for low in 62.5 * 2.0 ** np.arange(8)
    ]
    steps = np.diff(octaves)
    assert steps.mean() == pytest.approx(slope, abs=0.15)
    np.testing.assert_allclose(steps, slope, atol=0.8)


@pytest.mark.parametrize("color", COLORS)
def test_the_level_of_noise_is_its_rms(color):
    sound = noise(color, duration=1.0, channels=3, level_db=-12.0, seed=5)
    rms = sound.samples.double().square().mean(-1).sqrt()
    torch.testing.assert_close(20 * rms.log10(), torch.full((3,), -12.0, dtype=torch.float64), atol=1e-4, rtol=0)


def test_noise_is_gaussian():
    samples = noise(duration=5.0, level_db=0.0).numpy()[0].astype(float)
    assert np.mean(samples**4) == pytest.approx(3.0, abs=0.05)
    assert abs(np.mean(samples**3)) < 0.02


def test_the_seed_determines_noise_and_its_channels_are_independent():
    pair = noise("pink", channels=2, seed=1).samples
    assert torch.equal(pair, noise("pink", channels=2, seed=1).samples)
    assert not torch.equal(pair, noise("pink", channels=2, seed=2).samples)
    assert abs(torch.corrcoef(pair)[0, 1]) < 0.05


@pytest.mark.parametrize("color", ["pink", "brown"])
def test_colored_noise_loops_and_has_no_offset(color):
    samples = noise(color, duration=1.0, seed=2).numpy()[0].astype(float)
    assert abs(samples.mean()) < 1e-6
    assert abs(samples[0] - samples[-1]) < 4 * np.diff(samples).std()


def test_noise_does_not_change_the_global_random_state():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    noise("pink", duration=0.1)
    assert torch.equal(torch.rand(3), expected)


@given(
    make=st.sampled_from(MAKERS),
    duration=st.floats(0.001, 0.3),
    channels=st.integers(1, 6),
    rate=st.sampled_from([8000, 22_050, 44_100, 96_000, 12_345.6]),
)
@settings(max_examples=60, deadline=None)
def test_every_generator_returns_the_requested_shape(make, duration, channels, rate):
    more = {"stop_frequency": 3000.0} if make is chirp else {}
    sound = make(duration=duration, channels=channels, sample_rate=rate, **more)
    assert sound.samples.shape == (channels, round(duration * rate))
    assert sound.sample_rate == rate
    assert sound.dtype == torch.float32
    assert sound.samples.is_contiguous()


def test_tones_are_identical_in_all_channels():
    for make in (sine, square, sawtooth, chirp):
        left, right = make(duration=0.01, channels=2).samples
        assert torch.equal(left, right)


@pytest.mark.parametrize("make", [sine, square, sawtooth])
@pytest.mark.parametrize("frequency", [0, -5.0, 4000, 4001.0, 1e9, NAN, math.inf, "440", None, True])
def test_an_invalid_frequency_raises(make, frequency):
    with pytest.raises(ParameterError, match=f"{make.__name__}: frequency = "):
        make(frequency, sample_rate=8000)


def test_the_message_at_nyquist_names_the_limit():
    with pytest.raises(ParameterError, match=r"4000 Hz cannot be sampled at 8000 Hz. .*below 4000 Hz"):
        sine(4000, sample_rate=8000)
    with pytest.raises(ParameterError, match=r"stop_frequency = 20000.0 Hz .* below 8000 Hz"):
        chirp(sample_rate=16_000)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("keywords", "error", "says"),
    [
        ({"duration": 0.0}, ParameterError, "contains no sample"),
        ({"duration": -1.0}, ParameterError, "contains no sample"),
        ({"duration": 1e-9}, ParameterError, "contains no sample"),
        ({"duration": float("nan")}, ParameterError, "duration = nan"),
        ({"duration": "1"}, ParameterError, "duration = '1'"),
        ({"sample_rate": 0}, SignalError, "sample_rate = 0"),
        ({"sample_rate": float("nan")}, SignalError, "sample_rate = nan"),
        ({"channels": 0}, ParameterError, "channels = 0"),
        ({"channels": 1.5}, ParameterError, "channels = 1.5"),
    ],
)
def test_an_invalid_duration_rate_or_channel_count_raises(make, keywords, error, says):
    with pytest.raises(error, match=says):
        make(**keywords)


@pytest.mark.parametrize(
    "call",
    [
        lambda: noise("mauve"),
        lambda: noise(seed=0.5),
        lambda: noise(seed=None),
        lambda: noise(seed=2**70),
        lambda: noise(seed=-(2**63) - 1),
        lambda: noise(duration=1 / RATE),
        lambda: chirp(method="cubic"),
        lambda: impulse(delay=1.0),
        lambda: impulse(delay=-0.1),
        lambda: sine(level_db=float("nan")),
        lambda: square(level_db="loud"),
    ],
)
def test_other_invalid_values_raise(call):
    with pytest.raises(ParameterError, match=r"Choose|Give"):
        call()


def test_many_channels_may_be_short():
    assert silence(0.005, sample_rate=8000, channels=70).samples.shape == (70, 40)
    assert noise(duration=0.005, sample_rate=8000, channels=70).samples.shape == (70, 40)


def test_a_level_beyond_all_samples_is_refused():
    for make in (sine, noise, impulse):
        with pytest.raises(ParameterError, match=rf"{make.__name__}: level_db is 1e\+06 dB; it must be at most 600 dB"):
            make(level_db=1e6)
        assert make(level_db=600.0).samples.isfinite().all()
        assert not make(level_db=-1e6).samples.any()
