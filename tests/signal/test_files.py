"""Sound files: round trips and agreement with other readers and writers."""

import io
import wave

import numpy as np
import psutil
import pytest
import scipy.io.wavfile
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.errors import FileError
from fxlab.signal import Signal, load, noise, save, sine
from tests.support.signals import encode

KINDS = ["wav", "flac", "ogg", "mp3"]


def integer_samples(bits, frames, channels, seed):
    """Return samples that integers of `bits` bits represent exactly, including the lowest and the highest."""
    full = 2 ** (bits - 1)
    integers = np.random.default_rng(seed).integers(-full, full, (channels, frames))
    integers.flat[0], integers.flat[-1] = -full, full - 1
    return integers / full


@given(
    channels=st.integers(1, 8),
    frames=st.integers(1, 3000),
    rate=st.integers(1, 384_000),
    seed=st.integers(0, 99),
    level=st.floats(-120.0, 60.0),
)
@settings(max_examples=40, deadline=None)
def test_a_float_wav_round_trip_is_exact(channels, frames, rate, seed, level):
    samples = np.random.default_rng(seed).standard_normal((channels, frames)) * 10 ** (level / 20)
    single, double = Signal(samples.astype(np.float32), rate), Signal(samples, rate)
    back = load(io.BytesIO(encode(single, "wav")))
    assert torch.equal(back.samples, single.samples)
    assert (back.sample_rate, back.dtype) == (rate, torch.float32)
    back = load(io.BytesIO(encode(double, "wav", subtype="DOUBLE")), dtype=torch.float64)
    assert torch.equal(back.samples, double.samples)


@given(
    kind=st.sampled_from(
        [
            ("wav", "PCM_U8", 8),
            ("wav", "PCM_16", 16),
            ("wav", "PCM_24", 24),
            ("wav", "PCM_32", 32),
            ("flac", "PCM_S8", 8),
            ("flac", "PCM_16", 16),
            ("flac", "PCM_24", 24),
            ("flac", None, 24),
        ]
    ),
    channels=st.integers(1, 8),
    frames=st.integers(2, 3000),
    rate=st.integers(1, 65_535) | st.integers(1, 65_535).map(lambda rate: 10 * rate),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_an_integer_round_trip_is_exact(kind, channels, frames, rate, seed):
    format, subtype, bits = kind
    samples = integer_samples(bits, frames, channels, seed)
    back = load(io.BytesIO(encode(Signal(samples, rate), format, subtype=subtype)), dtype=torch.float64)
    np.testing.assert_array_equal(back.samples, samples)
    assert back.sample_rate == rate


@pytest.mark.parametrize(
    ("format", "subtype", "bits"), [("flac", None, 24), ("wav", "PCM_16", 16), ("wav", "PCM_U8", 8)]
)
def test_the_rounding_error_is_at_most_half_a_step(format, subtype, bits):
    samples = np.random.default_rng(1).uniform(-1, 1 - 2.0 ** (1 - bits), (2, 5000))
    back = load(io.BytesIO(encode(Signal(samples, 8000), format, subtype=subtype)), dtype=torch.float64)
    assert np.abs(back.numpy() - samples).max() <= 2.0**-bits


def test_full_scale_of_either_sign_is_not_an_overload():
    for subtype in ("PCM_16", "PCM_24"):
        back = load(io.BytesIO(encode(Signal([1.0, -1.0], 8000), "flac", subtype=subtype)))
        assert back.samples[0].tolist() == pytest.approx([1.0, -1.0], abs=2**-15)


@pytest.mark.filterwarnings("ignore:Chunk")  # SciPy warns of a chunk that it skips
def test_scipy_and_wave_read_the_same_samples():
    signal = Signal(integer_samples(16, 500, 2, seed=4), 22_050)
    rate, theirs = scipy.io.wavfile.read(io.BytesIO(encode(signal, "wav", subtype="PCM_16")))
    assert (rate, theirs.dtype) == (22_050, np.int16)
    np.testing.assert_array_equal(theirs.T / 32768, signal.samples)
    with wave.open(io.BytesIO(encode(signal, "wav", subtype="PCM_16"))) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    np.testing.assert_array_equal(raw.T / 32768, signal.samples)
    _, theirs = scipy.io.wavfile.read(io.BytesIO(encode(signal, "wav")))
    np.testing.assert_array_equal(theirs.T, signal.samples)


@pytest.mark.parametrize("dtype", ["u1", "<i2", "<i4", "<f4", "<f8"])
def test_files_written_by_scipy_are_read(tmp_path, dtype):
    samples = integer_samples(8, 400, 3, seed=1).T
    whole = (
        samples if "f" in dtype else samples * 2.0 ** (8 * np.dtype(dtype).itemsize - 1) + (128 if dtype == "u1" else 0)
    )
    scipy.io.wavfile.write(tmp_path / "theirs.wav", 11_025, whole.astype(dtype))
    signal = load(tmp_path / "theirs.wav")
    np.testing.assert_array_equal(signal.samples, samples.T)
    assert (signal.sample_rate, signal.channels) == (11_025, 3)


@pytest.mark.parametrize("format", ["ogg", "mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_files_keep_length_level_and_alignment(format, channels):
    tone = sine(1000.0, duration=1.0, channels=channels) + 0.1 * noise("pink", duration=1.0, channels=channels)
    back = load(io.BytesIO(encode(tone, format)))
    assert (back.frames, back.channels, back.sample_rate) == (tone.frames, channels, 44_100)
    error = (back - tone).samples[:, 2000:-2000].square().mean()
    assert 10 * torch.log10(tone.samples.square().mean() / error) > 20
    spectrum = np.abs(np.fft.rfft(back.numpy()[0] * np.hanning(back.frames)))
    assert spectrum.argmax() == 1000


@pytest.mark.parametrize("rate", [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
def test_mp3_supports_its_nine_rates(rate):
    tone = sine(440.0, duration=0.5, sample_rate=rate)
    back = load(io.BytesIO(encode(tone, "mp3")))
    assert (back.sample_rate, back.frames) == (rate, tone.frames)


def test_long_ogg_files_do_not_crash_the_process():
    sound = noise(duration=30.0, channels=2)
    assert load(io.BytesIO(encode(sound, "ogg"))).frames == sound.frames


def test_opus_is_a_subtype_of_ogg():
    tone = sine(440.0, duration=0.5, sample_rate=48_000)
    assert load(io.BytesIO(encode(tone, "ogg", subtype="OPUS"))).frames == tone.frames
    with pytest.raises(FileError, match="8000, 12000"):
        encode(sine(), "ogg", subtype="opus")


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_equals_the_slice_of_the_complete_file(tmp_path, kind):
    noise("pink", duration=2.0, channels=2).save(tmp_path / f"sound.{kind}")
    whole = load(tmp_path / f"sound.{kind}")
    for start, stop in ((0.0, 0.5), (0.7, 1.3), (1.9, 2.0), (1.0, None)):
        part = load(tmp_path / f"sound.{kind}", start=start, stop=stop)
        torch.testing.assert_close(part.samples, whole.between(start, stop).samples, atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_paths_strings_and_open_files_are_all_read(tmp_path, kind):
    path = tmp_path / f"ein Ton – ♪.{kind}"
    tone = sine(440.0, duration=0.2)
    tone.save(path)
    expected = load(path).samples
    assert torch.equal(load(str(path)).samples, expected)
    with path.open("rb") as file:
        assert torch.equal(load(file).samples, expected)
        assert torch.equal(load(file).samples, expected)  # from its beginning, regardless of its position
        assert not file.closed
    assert torch.equal(load(Unseekable(path.read_bytes())).samples, expected)
    with (tmp_path / "through a file").open("wb") as file:
        save(tone, file, format=kind)
    assert torch.equal(load(tmp_path / "through a file").samples, expected)
    assert not [held for held in psutil.Process().open_files() if held.path.startswith(str(tmp_path))]


class Unseekable(io.RawIOBase):
    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.data.readinto(buffer)


def test_the_home_folder_and_uppercase_extensions_are_supported(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    sine(duration=0.1).save("~/TONE.FLAC")
    assert load("~/TONE.FLAC").frames == 4410
    assert (tmp_path / "TONE.FLAC").read_bytes()[:4] == b"fLaC"


@pytest.mark.parametrize(
    ("format", "subtype"), [("flac", None), ("ogg", None), ("mp3", None), ("wav", "PCM_16"), ("wav", "ULAW")]
)
def test_an_overload_raises_unless_overload_says_otherwise(format, subtype):
    loud = sine(1000.0, duration=0.5, level_db=6.0, channels=2)
    with pytest.raises(FileError, match=r"6.00 dB over full scale in \d+ samples.*overload='scale'"):
        encode(loud, format, subtype=subtype)
    if format == "mp3":
        return
    scaled = load(io.BytesIO(encode(loud, format, subtype=subtype, overload="scale")))
    assert scaled.samples.abs().max().item() == pytest.approx(1.0, abs=0.1)
    third = 3000  # clipping a sine generates odd harmonics, scaling does not
    for overload, low, high in (("scale", 0.0, 0.01), ("clip", 0.05, 0.5)):
        back = load(io.BytesIO(encode(loud, format, subtype=subtype, overload=overload)))
        spectrum = np.abs(np.fft.rfft(back.numpy()[0] * np.hanning(back.frames)))
        assert low <= spectrum[third // 2] / spectrum[500] <= high


def test_floats_have_no_full_scale():
    loud = sine(level_db=40.0)
    for subtype in (None, "DOUBLE"):
        assert torch.equal(load(io.BytesIO(encode(loud, "wav", subtype=subtype))).samples, loud.samples)


def test_a_signal_that_requires_grad_is_saved_and_not_modified(tmp_path):
    samples = torch.rand(1, 100, requires_grad=True)
    Signal(samples, 8000).save(tmp_path / "a.wav")
    assert torch.equal(load(tmp_path / "a.wav").samples, samples.detach())
    assert samples.requires_grad
