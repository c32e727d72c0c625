"""Sequential decoding with soundfile, and repair of unfinished WAV files."""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from fxlab.signal.mp3_start import find_mp3_start
from fxlab.signal.wav_chunks import FLOATS, FORMAT, INTEGERS, wav_chunks

if TYPE_CHECKING:
    import soundfile
    from numpy.typing import NDArray

_BLOCK = 4096  # frames; in a damaged file the entire block that contains the damage is lost
_UNCODED_BLOCK = 1 << 18  # frames of a file that is not compressed, in which nothing can fail to decode
_CODECS = ("FLAC", "MP3", "OGG")
_INEXACT_SEEK = ("MP3", "OGG")  # after a seek, the decoders of these formats lack the preceding data
UNKNOWN_LENGTH = 2**62  # libsndfile reports at least this many frames for a stream that does not declare its length
_PCM_KINDS = (INTEGERS, FLOATS, 0xFFFE)  # the last is the extensible format


@cache
def _sequential_class() -> type[soundfile.SoundFile]:
    import soundfile

    class SequentialFile(soundfile.SoundFile):  # type: ignore[misc]
        """A sound file that is decoded sequentially, because it reports that it is not seekable."""

        # After every read of a seekable file, soundfile seeks to the new position, which restarts the decoder of MP3
        # in the middle of its bit reservoir and gives wrong samples.
        def seekable(self) -> bool:
            return False

    return SequentialFile


def open_decoder(source: BinaryIO) -> soundfile.SoundFile:
    """Return a decoder of the sound file in `source`.

    An MP3 with zeros before its first frame, or between its ID3 tag and its first frame, is opened from that frame.

    Raises:
        soundfile.LibsndfileError: The bytes are not a sound file that libsndfile reads.
    """
    import soundfile

    try:
        return _sequential_class()(source)
    except soundfile.LibsndfileError:
        start = find_mp3_start(source)
        source.seek(start)
        frames = source.read()
        if not start or not has_mp3_sync(frames):
            raise
        return _sequential_class()(io.BytesIO(frames))


def has_mp3_sync(data: bytes) -> bool:
    """Return whether `data` begins with the eleven sync bits of an MP3 frame."""
    return len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0


def read_frames(file: soundfile.SoundFile, first: int, last: int | None, dtype: str) -> tuple[NDArray[Any], str]:
    """Return the frames from `first` up to `last`, and a description of the error that ended reading, or `""`.

    Files whose codec cannot seek exactly are decoded from their beginning.

    Args:
        file: The open file.
        first: The index of the first frame.
        last: The index after the last frame; None for the end of the file.
        dtype: `"float32"` or `"float64"`.

    Shape:
        Returns `(frames, channels)`, with fewer frames than requested if the file ends before `last`.
    """
    blocks: list[NDArray[Any]] = []
    position, problem = 0, ""
    is_coded = file.format in _CODECS or not file.subtype.startswith(("PCM_", "FLOAT", "DOUBLE"))
    if last is None and file.format == "FLAC" and file.frames < UNKNOWN_LENGTH:
        last = file.frames  # beyond them, a tag of another program after the last frame would be an error
    # soundfile allocates an array of the requested size, also where the file has less.
    size = _BLOCK if is_coded else min(_UNCODED_BLOCK, max(_BLOCK, file.frames))
    try:
        if first and file.format not in _INEXACT_SEEK and _can_seek(file):
            position = file.seek(first)
        while last is None or position < last:
            block = file.read(size if last is None else min(size, last - position), dtype, always_2d=True)
            if not len(block):
                break
            if position + len(block) > first:
                blocks.append(block[max(0, first - position) :])
            position += len(block)
    except RuntimeError as error:  # soundfile's own error class derives from RuntimeError
        problem = f"after {position / file.samplerate:.3f} s, {getattr(error, 'error_string', error)}"
    if len(blocks) == 1:
        return blocks[0], problem
    return np.concatenate([np.zeros((0, file.channels), dtype), *blocks]), problem


def _can_seek(file: soundfile.SoundFile) -> bool:
    """Return whether the codec can seek; codecs of telephone formats such as GSM 6.10 cannot."""
    import soundfile

    try:
        return bool(soundfile.SoundFile.seekable(file))
    except RuntimeError:
        return False


def repair_unfinished_wav(source: BinaryIO) -> io.BytesIO | None:
    """Return a copy of an unfinished WAV file with the missing sizes in its header, or None for any other file.

    A file is unfinished if its header states a size of 0 for the samples, although bytes follow that are not
    another complete chunk.
    """
    # A recorder writes the size of the samples when it stops. If it is interrupted, the size stays 0.
    length = source.seek(0, io.SEEK_END)
    chunks = wav_chunks(source)
    if not chunks or chunks[-1].name != b"data":
        return None
    begin = chunks[-1].begin
    if chunks[-1].size or begin >= length:
        return None
    source.seek(0)
    data = source.read()
    if _is_chunk(data, begin):
        return None
    sizes = struct.pack("<I", len(data) - 8), struct.pack("<I", len(data) - begin)
    return io.BytesIO(data[:4] + sizes[0] + data[8 : begin - 4] + sizes[1] + data[begin:])


def describe_wide_samples(source: BinaryIO) -> str:
    """Return a clause for an error message if samples of a WAV file have more bytes than their bits need, or `""`."""
    # libsndfile decodes such samples as packed, which gives noise. In the extensible format the bits of the container
    # are declared, so it is read correctly.
    for chunk in wav_chunks(source):
        if chunk.name == b"fmt " and chunk.size >= FORMAT.size:
            source.seek(chunk.begin)
            kind, channels, _, _, block, bits = FORMAT.unpack(source.read(FORMAT.size))
            if kind in _PCM_KINDS and channels and not block % channels and block > channels * -(-bits // 8):
                return f"its samples have {bits} bits in {block // channels} bytes each"
    return ""


def _is_chunk(data: bytes, position: int) -> bool:
    """Return whether a complete RIFF chunk begins at `position`."""
    name = data[position : position + 4]
    if len(data) < position + 8 or not all(32 <= byte < 127 for byte in name):
        return False
    (size,) = struct.unpack("<I", data[position + 4 : position + 8])
    return bool(position + 8 + size <= len(data))
