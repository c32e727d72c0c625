"""Detection of sound files that were cut short and that the decoder reads without reporting an error."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, BinaryIO

from fxlab.signal.mp3_start import find_mp3_start

if TYPE_CHECKING:
    import soundfile

_UNKNOWN_LENGTH = 2**62  # libsndfile reports at least this many frames for a stream that does not declare its length
_PIPED_WAV_BYTES = 0x7FFF0000  # programs that write WAV to a pipe do not know the size; they store this or more
_SIZED_CHUNKS = ("SSND", "BODY", "data", "Data Size", "riff", "Riff size")  # chunks with samples, in libsndfile's log
_OGG_PAGE_BYTES = 65_307  # size of the largest page
_OGG_END_OF_STREAM = 4  # a bit of the page's flags
_MP3_TRAILING_BYTES = 16_384  # may follow the last decoded frame: tags, and data buffered by the decoder


def describe_truncation(file: soundfile.SoundFile, source: BinaryIO, position: int, stop: int | None) -> str:
    """Return a sentence that describes the missing part of `file`, or an empty string if nothing is missing.

    Args:
        file: The decoder, after reading.
        source: The bytes that it reads from.
        position: The frame at which decoding ended.
        stop: The requested end frame; `None` for the end of the file.

    Source:
        RFC 3533 (Ogg pages); the Xing and Info tags of MP3 as LAME writes them.
    """
    expected = file.frames if stop is None else stop
    is_short = position < expected < _UNKNOWN_LENGTH
    if file.format == "MP3":
        has_length = _has_mp3_length(source)
        if is_short and not has_length and stop is None:
            is_short = False  # without a length tag the expected length was an estimate
        if stop is None and not has_length and position == expected:
            rest = _bytes_to_end(source)
            if rest > _MP3_TRAILING_BYTES:
                return (
                    f"it does not declare its length, its bit rate varies, and {rest} bytes after "
                    f"{position / file.samplerate:.3f} s cannot be reached."
                )
    if is_short:
        return (
            f"it declares {expected / file.samplerate:.3f} s of sound but contains only "
            f"{position / file.samplerate:.3f} s."
        )
    if stop is None and file.format in ("WAV", "WAVEX"):
        return _describe_short_wav(file.extra_info)
    if stop is None and file.format not in ("WAV", "WAVEX", "OGG", "MP3", "FLAC"):
        return _describe_short_container(file, source)
    if stop is None and file.format == "OGG" and not _has_last_ogg_page(source):
        return f"it breaks off after {position / file.samplerate:.3f} s, without an end-of-stream page."
    return ""


def _describe_short_wav(log: str) -> str:
    sizes = re.search(r"^\s*data : (\d+) \(should be (\d+)\)", log, re.MULTILINE)
    if sizes is None:
        return ""
    declared, present = int(sizes[1]), int(sizes[2])
    if present < declared < _PIPED_WAV_BYTES:
        return f"it declares {declared} bytes of samples but contains only {present}."
    return ""


def _describe_short_container(file: soundfile.SoundFile, source: BinaryIO) -> str:
    """Return a sentence about the missing part of a file in another container whose header declares its length.

    libsndfile reduces the length to the available data and only notes this in its log. PVF, PAF, IRCAM and XI declare
    no length. The result is an empty string if nothing is missing.
    """
    log = file.extra_info
    for chunk, declared, present in re.findall(r"^\s*([\w ]+?)\s*: (\d+) \(should be (\d+)\)", log, re.MULTILINE):
        if chunk in _SIZED_CHUNKS and int(present) < int(declared) < _PIPED_WAV_BYTES:
            return f"it declares {declared} bytes in '{chunk}' but contains only {present}."
    declared_frames, frames = _declared_frames(file, source), file.frames
    if file.format == "SDS" and declared_frames is not None:  # `frames` is the declared length here
        declared_frames, frames = frames, declared_frames
    if declared_frames is not None and frames < declared_frames < _UNKNOWN_LENGTH:
        return (
            f"it declares {declared_frames / file.samplerate:.3f} s of sound but contains only "
            f"{frames / file.samplerate:.3f} s."
        )
    if "truncated" in log:
        return f"it breaks off after {file.frames / file.samplerate:.3f} s."
    return ""


def _declared_frames(file: soundfile.SoundFile, source: BinaryIO) -> int | None:
    """Return the number of frames declared in the header, or None for formats that do not declare it there."""
    if file.format in ("AVR", "MPC2K", "MAT5", "SDS"):
        counts = re.findall(r"\b(?:Frames|Cols)\s*: (\d+)", file.extra_info)
        return int(counts[-1]) if counts else None
    if file.format not in ("NIST", "WVE"):
        return None
    position = source.tell()
    source.seek(0)
    head = source.read(1024)
    source.seek(position)
    if file.format == "WVE":
        return int.from_bytes(head[18:22], "big")
    count = re.search(rb"^sample_count -i (\d+)", head, re.MULTILINE)
    return int(count[1]) if count else None


def _has_last_ogg_page(source: BinaryIO) -> bool:
    source.seek(0, io.SEEK_END)
    source.seek(max(0, source.tell() - _OGG_PAGE_BYTES))
    tail = source.read()
    page = tail.rfind(b"OggS")
    return page >= 0 and len(tail) > page + 5 and bool(tail[page + 5] & _OGG_END_OF_STREAM)


def _has_mp3_length(source: BinaryIO) -> bool:
    """Return whether the first MP3 frame carries a tag with the length of the stream."""
    position = source.tell()
    source.seek(find_mp3_start(source))
    frame = source.read(256)
    source.seek(position)
    return b"Xing" in frame or b"Info" in frame or b"VBRI" in frame


def _bytes_to_end(source: BinaryIO) -> int:
    position = source.tell()
    source.seek(0, io.SEEK_END)
    return source.tell() - position
