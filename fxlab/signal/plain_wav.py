"""WAV files of plain 16-bit integers or floats, read and written by NumPy, which is much faster than libsndfile.

Most data sets consist of such files. `PlainWav.of` returns None for other files and for headers with unusual entries,
which libsndfile reads.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fxlab.signal.wav_chunks import CHUNK, FLOATS, FORMAT, INTEGERS, RIFF, Chunk, wav_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES = {(INTEGERS, 16): "<i2", (FLOATS, 32): "<f4"}
_FORMAT_SIZES = (16, 18)
_KNOWN = (b"fmt ", b"fact", b"PEAK", b"LIST", b"JUNK")
_MAX_CHANNELS = 1024
_FULL_SCALE = 32_768

WRITTEN = {"PCM_16": (INTEGERS, "<i2"), "FLOAT": (FLOATS, "<f4"), "DOUBLE": (FLOATS, "<f8")}
"""The subtypes that `plain_wav` writes, each with the kind in the header and the NumPy dtype of a sample."""


class PlainWav(NamedTuple):
    """The samples of a WAV file as they are stored, `(time, channels)`, and its sample rate in Hz."""

    stored: NDArray[Any]
    sample_rate: int

    @classmethod
    def of(cls, data: bytes) -> PlainWav | None:
        """Return the samples of a complete WAV file of 16-bit integers or 32-bit floats, or None for other data.

        The result is also None if the header has unusual entries.
        """
        chunks = wav_chunks(io.BytesIO(data))
        if not chunks or chunks[-1].name != b"data":
            return None
        *others, samples = chunks
        formats = [chunk for chunk in others if chunk.name == b"fmt "]
        if len(formats) != 1 or formats[0].size not in _FORMAT_SIZES:
            return None
        if any(chunk.name not in _KNOWN or chunk.size % 2 for chunk in others):
            return None
        _, following, _ = RIFF.unpack_from(data)
        if not samples.begin + samples.size <= following + CHUNK.size <= len(data):
            return None
        return cls._of_chunk(data, samples, FORMAT.unpack_from(data, formats[0].begin))

    @classmethod
    def _of_chunk(cls, data: bytes, samples: Chunk, header: tuple[int, ...]) -> PlainWav | None:
        kind, channels, rate, _, block, bits = header
        dtype = _TYPES.get((kind, bits))
        if dtype is None or not (0 < channels <= _MAX_CHANNELS and 0 < rate < 2**31 and block == channels * bits // 8):
            return None
        if not samples.size or samples.size % block:
            return None
        stored: NDArray[Any] = np.frombuffer(data, dtype, samples.size * 8 // bits, samples.begin)
        return cls(stored.reshape(-1, channels), rate)

    def samples(self, first: int, last: int | None, dtype: str) -> NDArray[Any]:
        """Return the samples from frame `first` up to, but not including, frame `last`; None means the end.

        Integers are scaled to ±1; floats are not scaled. `dtype` is `"float32"` or `"float64"`.

        Shape:
            Returns `(channels, time)`.
        """
        part = self.stored[first:last].T
        if part.dtype.kind == "f":
            return part.astype(dtype, order="C")
        scaled: NDArray[Any] = np.multiply(part, np.dtype(dtype).type(1 / _FULL_SCALE), order="C")
        return scaled


def plain_wav(samples: NDArray[Any], sample_rate: int, subtype: str) -> bytes:
    """Return the bytes of a WAV file with the given sample rate in Hz; `subtype` is a key of `WRITTEN`.

    Shape:
        `samples`: `(time, channels)`; floats, or for `"PCM_16"` integers of 16 bits.

    >>> data = plain_wav(np.array([[0], [16384]], "int16"), 8000, "PCM_16")
    >>> len(data), PlainWav.of(data).samples(0, None, "float32").tolist()
    (48, [[0.0, 0.5]])
    """
    kind, dtype = WRITTEN[subtype]
    stored = np.ascontiguousarray(samples, dtype)
    frames, channels = stored.shape
    block = channels * stored.itemsize
    bytes_per_second = min(sample_rate * block, 2**32 - 1)
    header = FORMAT.pack(kind, channels, sample_rate, bytes_per_second, block, 8 * stored.itemsize)
    chunks = [CHUNK.pack(b"fmt ", len(header)), header]
    if kind == FLOATS:  # for them the standard asks for the size of an extension, and for the number of frames
        fact = CHUNK.pack(b"fact", 4) + struct.pack("<I", frames)
        chunks = [CHUNK.pack(b"fmt ", len(header) + 2), header, b"\0\0", fact]
    chunks.append(CHUNK.pack(b"data", stored.nbytes))
    following = 4 + sum(map(len, chunks)) + stored.nbytes
    return b"".join([RIFF.pack(b"RIFF", following, b"WAVE"), *chunks, stored.data])
