"""Errors for files and arguments that cannot be loaded or saved, and damaged files."""

import io

import numpy as np
import pytest
import scipy.io.wavfile
import scipy.signal
import soundfile
import torch

from fxlab.errors import FileError, ParameterError, SignalError
from fxlab.signal import Signal, load, noise, save, sine, writing
from tests.support.signals import encode

KINDS = ["wav", "flac", "ogg", "mp3"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("text.wav", b"Dear sir,\nthis is a letter and no sound.\n" * 9, "begins with the text 'Dear sir"),
        ("page.mp3", b"<!DOCTYPE html><html>" * 9, "<!DOCTYPE html>"),
        ("empty.flac", b"", "0 bytes"),
        ("bytes.wav", bytes(range(256)) * 9, "WAV, FLAC, OGG, MP3 and AIFF"),
        ("head.wav", b"RIFF\0\0\0\0WAVE", "not a readable sound file"),
        ("samples.raw", bytes(400), "no header"),
    ],
)
def test_files_that_are_not_sound_files_raise(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=says):
        load(tmp_path / name)


def test_missing_files_and_wrong_arguments_raise(tmp_path):
    sine(duration=0.1).save(tmp_path / "voice.wav")
    with pytest.raises(FileError, match=r"Did you mean 'voice.wav'\?"):
        load(tmp_path / "voise.wav")
    with pytest.raises(FileError, match="looked in"):
        load(tmp_path / "drums.ogg")
    with pytest.raises(FileError, match="no folder"):
        load(tmp_path / "nowhere" / "voice.wav")
    with pytest.raises(FileError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(FileError, match="web address"):
        load("https://example.org/voice.wav")
    with pytest.raises(FileError, match="type Tensor is not a file"):
        load(torch.zeros(5))
    (tmp_path / "text").write_text("text")
    with (tmp_path / "text").open() as file, pytest.raises(FileError, match="'rb'"):
        load(file)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_truncated_file_raises_and_its_readable_part_can_be_loaded(kind, part):
    sound = noise(duration=3.0, channels=2, seed=1)
    data = encode(sound, kind)
    cut = data[: int(part * len(data))]
    with pytest.raises(FileError, match=r"damaged.*partial=True"):
        load(io.BytesIO(cut))
    rest = load(io.BytesIO(cut), partial=True)
    assert 0.6 * part < rest.duration / sound.duration <= part + 0.05
    whole = load(io.BytesIO(data))
    torch.testing.assert_close(rest.samples[:, :40_000], whole.samples[:, :40_000])


@pytest.mark.parametrize("kind", ["flac", "ogg"])
def test_a_corrupt_file_raises(kind):
    data = bytearray(encode(noise(duration=3.0, seed=1), kind))
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    with pytest.raises(FileError, match="damaged"):
        load(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_from_a_pipe_without_its_size_is_read_completely(size):
    sound = noise(duration=0.1)
    data = bytearray(encode(sound, "wav", subtype="PCM_16"))
    place = data.index(b"data") + 4
    data[place : place + 4] = size.to_bytes(4, "little")
    data[4:8] = size.to_bytes(4, "little")
    assert load(io.BytesIO(bytes(data))).frames == sound.frames


@pytest.mark.slow
def test_an_mp3_without_a_length_is_read_completely_or_raises():
    fading = noise(duration=20.0, channels=2) * 0.5
    ramp = torch.linspace(0.01, 1, fading.frames) ** 3
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", 44_100, 2, format="MP3", bitrate_mode="VARIABLE", compression_level=0.2
    ) as sink:
        sink.write((fading.samples * ramp).T.numpy())
    tagged = file.getvalue()
    untagged = tagged[tagged.index(b"\xff\xfb", 10) :]
    assert load(io.BytesIO(tagged)).frames == fading.frames
    samples = fading.samples * ramp.flip(0)
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", 44_100, 2, format="MP3", bitrate_mode="VARIABLE", compression_level=0.2
    ) as sink:
        sink.write(samples.T.numpy())
    falling = file.getvalue()[file.getvalue().index(b"\xff\xfb", 10) :]
    # One estimate of the length is too high, which does no harm; the other is too low, and the decoder stops there.
    assert load(io.BytesIO(untagged)).frames >= fading.frames
    with pytest.raises(FileError, match="bit rate varies"):
        load(io.BytesIO(falling))


ID3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)


@pytest.mark.parametrize("lead", [ID3, ID3 + ID3, ID3 + bytes(5000)], ids=["tag", "two tags", "tag and zeros"])
def test_the_length_of_an_mp3_is_found_behind_an_id3_tag(lead):
    tagged = lead + encode(sine(duration=1.0), "mp3")
    assert load(io.BytesIO(tagged)).frames == 44_100
    with pytest.raises(FileError, match="damaged"):
        load(io.BytesIO(tagged[: len(tagged) - 4000]))


def test_a_file_without_valid_samples_raises(tmp_path):
    scipy.io.wavfile.write(tmp_path / "none.wav", 8000, np.zeros((0, 2), np.int16))
    with pytest.raises(FileError, match="no samples"):
        load(tmp_path / "none.wav")
    scipy.io.wavfile.write(tmp_path / "nan.wav", 8000, np.array([0.0, np.nan, 0.0], np.float32))
    with pytest.raises(FileError, match=r"nan.wav.*1 of 3 samples are NaN"):
        load(tmp_path / "nan.wav")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"start": -0.1}, "0 <= start"),
        ({"start": 1.0}, "1 s"),
        ({"stop": 1.1}, "1 s"),
        ({"start": 0.5, "stop": 0.5}, "0.5"),
        ({"start": float("nan")}, "not a time"),
        ({"stop": "1"}, "not a time"),
        ({"dtype": torch.float16}, "float16"),
        ({"dtype": torch.int16}, "int16"),
    ],
)
def test_invalid_load_arguments_raise(part, says):
    with pytest.raises(ParameterError, match=says):
        load(io.BytesIO(encode(sine(), "wav")), **part)


def test_an_unsupported_signal_raises_before_the_old_file_is_changed(tmp_path):
    for signal, name, says in (
        (sine(sample_rate=96_000), "a.mp3", "32000, 44100, 48000 Hz, not 96000"),
        (sine(sample_rate=44_055.94), "a.wav", "whole rates, not 44055.94"),
        (sine(sample_rate=400_000, duration=0.1), "a.ogg", "200000"),
        (sine(sample_rate=700_000, duration=0.1), "a.flac", "655350"),
        (sine(sample_rate=96_001, duration=0.1), "a.flac", "multiples of 10 Hz"),
        (sine(channels=3), "a.mp3", "up to 2 channels"),
        (sine(channels=9), "a.flac", "up to 8 channels"),
        (sine(channels=256, duration=0.01), "a.ogg", "up to 255 channels"),
        (sine(level_db=3.0), "a.flac", "over full scale"),
    ):
        (tmp_path / name).write_bytes(b"old")
        with pytest.raises(FileError, match=says):
            signal.save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"old"


def test_a_wav_beyond_4_gb_raises(monkeypatch):
    monkeypatch.setattr(writing, "_MAX_WAV_BYTES", 800)
    assert encode(Signal([0.0] * 200, 8000), "wav")
    for frames, subtype in ((201, "FLOAT"), (101, "DOUBLE"), (401, "PCM_16")):
        with pytest.raises(FileError, match=f"{frames} samples are over the 4 GB"):
            encode(Signal([0.0] * frames, 8000), "wav", subtype=subtype)


@pytest.mark.parametrize(
    ("path", "keywords", "error", "says"),
    [
        ("a.aac", {}, FileError, r"'.*a.aac' is not a format .* wav, flac, ogg, mp3"),
        ("a", {}, FileError, "wav, flac, ogg, mp3"),
        ("a.wav", {"format": "mp4"}, FileError, "format = 'mp4'"),
        ("a.wav", {"format": "flac"}, FileError, "Make them agree"),
        ("a.wav", {"subtype": "PCM_12"}, ParameterError, "PCM_16"),
        ("a.flac", {"subtype": "FLOAT"}, ParameterError, "PCM_24, PCM_16"),
        ("a.flac", {"overload": "limit"}, ParameterError, "'clip'"),
        ("a.wav", {"overload": "bogus"}, ParameterError, "overload = 'bogus' is not known. Choose 'error', 'clip'"),
        ("a.wav", {"overload": None, "subtype": "DOUBLE"}, ParameterError, "overload = None"),
        ("nowhere/a.wav", {}, FileError, "No such file"),
        (".", {"format": "wav"}, FileError, "cannot be written"),
    ],
)
def test_invalid_save_arguments_raise(tmp_path, path, keywords, error, says):
    with pytest.raises(error, match=says):
        sine().save(tmp_path / path, **keywords)
    assert not list(tmp_path.iterdir())


def test_only_signals_are_saved_and_only_to_files(tmp_path):
    with pytest.raises(SignalError, match="sample_rate"):
        save(torch.zeros(5), tmp_path / "a.wav")
    with pytest.raises(FileError, match="wav, flac"):
        save(sine(), io.BytesIO())
    with pytest.raises(FileError, match="type int is not a file"):
        save(sine(), 7, format="wav")
