"""WAV files of plain 16-bit integers or floats, read and written by NumPy, which takes a fraction of libsndfile's time.

They are the files that most data sets consist of. `PlainWav.of` returns None for every other file and for each whose
header has anything unusual; libsndfile reads those.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RIFF = struct.Struct("<4sI4s")  # "RIFF", the bytes that follow, "WAVE"
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")  # kind, channels, rate, bytes per second, bytes of a frame, bits of a sample
_INTEGERS, _FLOATS = 1, 3
_TYPES = {(_INTEGERS, 16): "<i2", (_FLOATS, 32): "<f4"}
_FORMAT_SIZES = (16, 18)
_SKIPPED = (b"fact", b"PEAK", b"LIST", b"JUNK")
_MAX_CHANNELS = 1024
_FULL_SCALE = 32_768

WRITTEN = {"PCM_16": (_INTEGERS, "<i2"), "FLOAT": (_FLOATS, "<f4"), "DOUBLE": (_FLOATS, "<f8")}
"""The subtypes that `plain_wav` writes, with the kind in the header and the type of a sample."""


class PlainWav(NamedTuple):
    """The samples `(time, channels)` of a WAV file, as they are stored, and its sample rate in Hz."""

    stored: NDArray[Any]
    sample_rate: int

    @classmethod
    def of(cls, data: bytes) -> PlainWav | None:
        """Return the samples of a complete WAV file of 16-bit integers or 32-bit floats, or None for other data."""
        if len(data) < _RIFF.size:
            return None
        riff, following, wave = _RIFF.unpack_from(data)
        end = following + _CHUNK.size
        if riff != b"RIFF" or wave != b"WAVE" or end > len(data):
            return None
        position, header = _RIFF.size, None
        while position + _CHUNK.size <= end:
            name, size = _CHUNK.unpack_from(data, position)
            position += _CHUNK.size
            if position + size > end:
                return None
            if name == b"data":
                return None if header is None else cls._of_chunk(data, position, size, header)
            if name == b"fmt " and header is None and size in _FORMAT_SIZES:
                header = _FORMAT.unpack_from(data, position)
            elif name not in _SKIPPED or size % 2:
                return None
            position += size
        return None

    @classmethod
    def _of_chunk(cls, data: bytes, position: int, size: int, header: tuple[int, ...]) -> PlainWav | None:
        kind, channels, rate, _, block, bits = header
        dtype = _TYPES.get((kind, bits))
        if dtype is None or not (0 < channels <= _MAX_CHANNELS and 0 < rate < 2**31 and block == channels * bits // 8):
            return None
        if not size or size % block:
            return None
        stored: NDArray[Any] = np.frombuffer(data, dtype, size * 8 // bits, position)
        return cls(stored.reshape(-1, channels), rate)

    def samples(self, first: int, last: int | None, dtype: str) -> NDArray[Any]:
        """Return the frames from `first` up to `last` as floats `(channels, time)`, integers scaled to ±1."""
        part = self.stored[first:last].T
        if part.dtype.kind == "f":
            return part.astype(dtype, order="C")
        scaled: NDArray[Any] = np.multiply(part, np.dtype(dtype).type(1 / _FULL_SCALE), order="C")
        return scaled


def plain_wav(samples: NDArray[Any], sample_rate: int, subtype: str) -> bytes:
    """Return the bytes of a WAV file; `subtype` is one of `WRITTEN`.

    Shape:
        `samples`: `(time, channels)`: floats, or for `"PCM_16"` integers of 16 bits.

    >>> data = plain_wav(np.array([[0], [16384]], "int16"), 8000, "PCM_16")
    >>> len(data), PlainWav.of(data).samples(0, None, "float32").tolist()
    (48, [[0.0, 0.5]])
    """
    kind, dtype = WRITTEN[subtype]
    stored = np.ascontiguousarray(samples, dtype)
    frames, channels = stored.shape
    block = channels * stored.itemsize
    bytes_per_second = min(sample_rate * block, 2**32 - 1)
    header = _FORMAT.pack(kind, channels, sample_rate, bytes_per_second, block, 8 * stored.itemsize)
    chunks = [_CHUNK.pack(b"fmt ", len(header)), header]
    if kind == _FLOATS:  # for them the standard asks for the size of an extension, and for the number of frames
        fact = _CHUNK.pack(b"fact", 4) + struct.pack("<I", frames)
        chunks = [_CHUNK.pack(b"fmt ", len(header) + 2), header, b"\0\0", fact]
    chunks.append(_CHUNK.pack(b"data", stored.nbytes))
    following = 4 + sum(map(len, chunks)) + stored.nbytes
    return b"".join([_RIFF.pack(b"RIFF", following, b"WAVE"), *chunks, stored.data])
