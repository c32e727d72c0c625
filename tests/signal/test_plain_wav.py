"""WAV files of 16-bit integers and floats, which NumPy reads and writes: compared with libsndfile and SciPy."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray
from scipy.io import wavfile

from fxlab.signal import Signal, load
from fxlab.signal.plain_wav import PlainWav

RNG = np.random.default_rng(5)
SAMPLES = RNG.uniform(-1, 1, (301, 3)).astype("float32")
EXTREMES = np.array([[-32768, 32767], [0, -1], [1, 12345]], "int16")


def encoded(samples: NDArray[np.generic], subtype: str, format: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, 48_000, format=format, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("samples", "subtype"), [(SAMPLES, "FLOAT"), (SAMPLES[:, 0], "PCM_16"), (EXTREMES, "PCM_16")])
def test_samples_are_those_of_libsndfile(samples: NDArray[np.generic], subtype: str, dtype: torch.dtype) -> None:
    data = encoded(samples, subtype)
    assert PlainWav.of(data) is not None
    expected, rate = soundfile.read(io.BytesIO(data), dtype=str(dtype).removeprefix("torch."), always_2d=True)
    signal = load(io.BytesIO(data), dtype=dtype)
    assert signal.sample_rate == rate
    assert signal.dtype == dtype
    assert torch.equal(signal.samples, torch.from_numpy(expected.T.copy()))


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE", "PCM_16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_libsndfile_and_scipy_read_what_is_written(subtype: str, channels: int) -> None:
    signal, file = Signal(torch.from_numpy(SAMPLES[:, :channels].T.copy()), 22_050), io.BytesIO()
    signal.save(file, format="wav", subtype=subtype)
    info = soundfile.info(io.BytesIO(file.getvalue()))
    assert (info.subtype, info.frames, info.channels, info.samplerate) == (subtype, 301, channels, 22_050)
    dtype = "int16" if subtype == "PCM_16" else "float64"
    expected = np.rint(SAMPLES[:, :channels].astype("float64") * 32_768) if dtype == "int16" else SAMPLES[:, :channels]
    found, _ = soundfile.read(io.BytesIO(file.getvalue()), dtype=dtype, always_2d=True)
    np.testing.assert_array_equal(found, expected)
    rate, found = wavfile.read(io.BytesIO(file.getvalue()))
    assert rate == 22_050
    np.testing.assert_array_equal(found.reshape(301, channels), expected)


def test_a_part_is_read_by_frames() -> None:
    data = encoded(SAMPLES, "FLOAT")
    whole, part = load(io.BytesIO(data)), load(io.BytesIO(data), start=0.001, stop=0.002)
    assert torch.equal(part.samples, whole.samples[:, 48:96])


def changed(position: int, new: bytes) -> bytes:
    data = bytearray(encoded(EXTREMES, "PCM_16"))
    data[position : position + len(new)] = new
    return bytes(data)


UNUSUAL = {
    "24 bits": encoded(EXTREMES, "PCM_24"),
    "extensible": encoded(EXTREMES, "PCM_16", "WAVEX"),
    "FLAC": encoded(EXTREMES, "PCM_16", "FLAC"),
    "cut short": encoded(EXTREMES, "PCM_16")[:-2],
    "a frame of another size": changed(32, struct.pack("<H", 8)),
    "12 bits in 2 bytes": changed(34, struct.pack("<H", 12)),
    "no channels": changed(22, struct.pack("<H", 0)),
    "a rate of 0": changed(24, struct.pack("<I", 0)),
    "an unfinished recording": changed(40, struct.pack("<I", 0)),
    "part of a frame": changed(40, struct.pack("<I", 6)),
    "an unknown chunk": changed(36, b"what"),
    "a header alone": encoded(EXTREMES, "PCM_16")[:30],
    "nothing": b"",
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_files_with_an_unusual_header_are_left_to_libsndfile(name: str) -> None:
    assert PlainWav.of(UNUSUAL[name]) is None
