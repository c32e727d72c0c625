"""Every container and codec that soundfile writes, loaded completely, in parts, cut short and from a stream.

The reference is the decoder's own output in a single read, in which nothing is sought.
"""

import io
import struct

import numpy as np
import pytest
import soundfile

from fxlab.errors import FileError
from fxlab.signal import Signal, load, save, sine

RATE = 44_100
# Formats without a header that libsndfile could recognise, or that it writes only to a named file.
NOT_READABLE = {"RAW", "SD2"}
FIXED_RATES = {("OGG", "OPUS"): 48_000, ("WVE", "ALAW"): 8000}
MONO_ONLY = {"SVX", "WVE", "XI", "HTK", "SDS"}
# Their headers declare no length, so a file that was cut cannot be told from a shorter one.
NO_DECLARED_LENGTH = {"PVF", "PAF", "IRCAM", "XI", "MAT4"}


def sound(channels: int, seconds: float = 3.0) -> np.ndarray:
    """Return tones and a sweep that compress well, `(frames, channels)`."""
    time = np.arange(round(seconds * RATE)) / RATE
    columns = [0.4 * np.sin(2 * np.pi * (440.0 * (c + 1) * time + 20.0 * time**2)) for c in range(channels)]
    return np.stack(columns, 1)


def cases() -> list[tuple[str, str, int]]:
    found = []
    for container in soundfile.available_formats():
        if container in NOT_READABLE:
            continue
        for subtype in soundfile.available_subtypes(container):
            for channels in (1,) if container in MONO_ONLY else (1, 2, 6):
                try:
                    reference(encoded(container, subtype, channels))
                except (soundfile.LibsndfileError, ValueError):  # libsndfile does not write or read this combination
                    continue
                if (container, subtype, channels) != ("PAF", "PCM_24", 6):  # see below
                    found.append((container, subtype, channels))
    return found


def encoded(container: str, subtype: str, channels: int, seconds: float = 0.1) -> bytes:
    file = io.BytesIO()
    rate = FIXED_RATES.get((container, subtype), RATE)
    soundfile.write(file, sound(channels, seconds), rate, format=container, subtype=subtype)
    return file.getvalue()


def reference(data: bytes) -> tuple[np.ndarray, int]:
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)


CASES = cases()


def test_the_table_covers_the_common_formats():
    covered = {(container, subtype) for container, subtype, _ in CASES}
    wanted = {("WAV", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")}
    assert wanted | {("AIFF", "PCM_16"), ("CAF", "ALAC_16"), ("WAV", "GSM610"), ("W64", "FLOAT")} <= covered
    assert len(CASES) > 150


@pytest.mark.slow
@pytest.mark.parametrize(("container", "subtype", "channels"), CASES)
def test_a_file_is_loaded_as_one_read_decodes_it(container, subtype, channels):
    data = encoded(container, subtype, channels, seconds=0.7)
    expected, rate = reference(data)

    class Stream(io.RawIOBase):
        """A source that cannot seek, as a socket."""

        def __init__(self) -> None:
            self.bytes = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            return self.bytes.readinto(buffer)

    for source in (io.BytesIO(data), Stream()):
        loaded = load(source)
        assert loaded.sample_rate == rate
        np.testing.assert_array_equal(loaded.samples.numpy().T, expected)
    for start, stop in ((0.0, 0.1), (0.21, 0.4), (0.33, 0.5)):
        first, last = round(start * rate), round(stop * rate)
        if last > len(expected):
            continue
        part = load(io.BytesIO(data), start=start, stop=stop)
        np.testing.assert_array_equal(part.samples.numpy().T, expected[first:last])


@pytest.mark.parametrize(("container", "subtype"), [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")])
def test_every_start_in_a_compressed_file_is_exact(container, subtype):
    data = encoded(container, subtype, 2, seconds=2.0)
    expected, rate = reference(data)
    for start in np.random.default_rng(0).uniform(0.0, len(expected) / rate - 0.11, 25):
        first, last = round(start * rate), round((start + 0.1) * rate)
        part = load(io.BytesIO(data), start=float(start), stop=float(start + 0.1))
        np.testing.assert_array_equal(part.samples.numpy().T, expected[first:last])


@pytest.mark.parametrize("kind", ["tone", "sweep", "impulses", "low-passed noise"])
def test_a_well_compressed_mp3_is_decoded_exactly(kind):
    time = np.arange(3 * RATE) / RATE
    rng = np.random.default_rng(0)
    samples = {
        "tone": 0.5 * np.sin(2 * np.pi * 440 * time),
        "sweep": 0.5 * np.sin(2 * np.pi * (100 * time + 400 * time**2)),
        "impulses": (np.arange(len(time)) % 11_025 == 5000) * 0.5,
        "low-passed noise": np.convolve(rng.standard_normal(len(time)), np.hanning(200) / 300, "same"),
    }[kind]
    file = io.BytesIO()
    save(Signal(samples.astype(np.float32), RATE), file, format="mp3")
    expected, _ = reference(file.getvalue())
    np.testing.assert_array_equal(load(file).samples.numpy().T, expected)
    if kind == "tone":  # what the codec itself does to it
        assert np.abs(expected[: len(samples), 0] - samples[: len(expected)]).max() <= 0.007


CUT = sorted({(c, s) for c, s, _ in CASES if c not in NO_DECLARED_LENGTH})


@pytest.mark.parametrize(("container", "subtype"), CUT)
def test_a_file_that_was_cut_is_refused(container, subtype):
    data = encoded(container, subtype, 1, seconds=1.0)
    with pytest.raises(FileError, match=r"is damaged|is not a readable sound file|contains no samples"):
        load(io.BytesIO(data[: round(0.6 * len(data))]))


@pytest.mark.parametrize("container", ["AIFF", "RF64", "W64", "AU", "VOC", "NIST", "WAV"])
def test_partial_loads_what_is_left_of_a_file_that_was_cut(container):
    data = encoded(container, "PCM_16", 2, seconds=1.0)
    expected, _ = reference(data)
    left = load(io.BytesIO(data[: round(0.6 * len(data))]), partial=True).samples.numpy().T
    assert 0.55 * len(expected) < len(left) < 0.65 * len(expected)
    np.testing.assert_array_equal(left, expected[: len(left)])


def test_a_wav_whose_recorder_was_interrupted():
    data = bytearray(encoded("WAV", "PCM_16", 2, seconds=1.0))
    expected, _ = reference(bytes(data))
    place = data.index(b"data") + 4
    data[place : place + 4] = struct.pack("<I", 0)
    for riff_size in (len(data) - 8, 0):
        data[4:8] = struct.pack("<I", riff_size)
        with pytest.raises(FileError, match=r"was never finished: .* partial=True"):
            load(io.BytesIO(data))
        np.testing.assert_array_equal(load(io.BytesIO(data), partial=True).samples.numpy().T, expected)


def test_an_empty_wav_with_another_chunk_is_not_taken_for_an_interrupted_one():
    data = bytearray(encoded("WAV", "PCM_16", 1, seconds=0.1))
    place = data.index(b"data")
    empty = bytes(data[:place]) + b"data" + struct.pack("<I", 0) + b"LIST" + struct.pack("<I", 4) + b"INFO"
    with pytest.raises(FileError, match="contains no samples"):
        load(io.BytesIO(empty))


ID3 = b"ID3\x03\0\0\0\0\0\x0a" + b"\0" * 10


@pytest.mark.parametrize("lead", [b"\0" * 100, b"\0" * 5000, ID3 + b"\0" * 2000, ID3])
def test_an_mp3_may_have_zeros_before_its_first_frame(lead):
    data = encoded("MP3", "MPEG_LAYER_III", 2, seconds=0.5)
    expected, _ = reference(data)
    np.testing.assert_array_equal(load(io.BytesIO(lead + data)).samples.numpy().T, expected)


def test_files_that_are_open_for_the_wrong_direction_or_have_no_format(tmp_path):
    path = tmp_path / "a.wav"
    tone = sine(440.0, duration=0.1)
    with path.open("wb") as file, pytest.raises(FileError, match=r"open for writing only\. Open it for reading"):
        load(file)
    tone.save(path)
    with path.open("rb") as file, pytest.raises(FileError, match=r"open for reading only\. Open it for writing"):
        tone.save(file, format="wav")
    with pytest.raises(FileError, match="the BytesIO' needs a format: pass format=, one of wav"):
        tone.save(io.BytesIO())


def test_a_stray_resource_fork_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "._").write_bytes(b"abc" * 100)
    with pytest.raises(FileError, match=r"the file '\._' in the working directory is in the way"):
        load(io.BytesIO(b"\1\2\3" * 100))


@pytest.mark.parametrize("channels", [3, 5, 6])
def test_a_file_that_the_library_decodes_wrongly_is_refused(channels):
    with pytest.raises(FileError, match=f"24-bit PAF file of {channels} channels, which libsndfile decodes wrongly"):
        load(io.BytesIO(encoded("PAF", "PCM_24", channels)))
