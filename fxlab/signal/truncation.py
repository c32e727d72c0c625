"""Detection of truncated sound files that the decoder reads without reporting an error."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, BinaryIO

from fxlab.signal.decoder import UNKNOWN_LENGTH, has_mp3_sync
from fxlab.signal.mp3_start import find_mp3_start

if TYPE_CHECKING:
    import soundfile

_PIPED_WAV_BYTES = 0x7FFF0000  # programs that write WAV to a pipe do not know the size; they store this or more
_SIZED_CHUNKS = ("SSND", "BODY", "data", "Data Size", "riff", "Riff size")  # chunks with samples, in libsndfile's log
_OGG_PAGE_BYTES = 65_307  # size of the largest page
_OGG_END_OF_STREAM = 4  # a bit of the page's flags
_OGG_BEGIN_OF_STREAM = 2
_OGG_PAGE_HEADER_BYTES = 27
_XING_HAS_FRAMES, _XING_HAS_BYTES = 1, 2  # bits of the flags in the length tag
_MP3_TRAILING_BYTES = 16_384  # may follow the last decoded frame: tags, and data buffered by the decoder


def describe_truncation(file: soundfile.SoundFile, source: BinaryIO, position: int, stop: int | None) -> str:
    """Return a sentence that describes the missing part of `file`, or an empty string if nothing is missing.

    A part that is present but cannot be decoded, such as a second stream, counts as missing.

    Args:
        file: The decoder, after reading.
        source: The file that it reads from.
        position: The frame at which decoding ended.
        stop: The requested end frame; None for the end of the file.

    Source:
        RFC 3533 (Ogg pages); the Xing and Info tags of MP3 as LAME writes them.
    """
    expected = file.frames if stop is None else stop
    is_short = position < expected < UNKNOWN_LENGTH
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
    if stop is not None or file.format == "FLAC":
        return ""
    if file.format in ("WAV", "WAVEX"):
        return _describe_short_wav(file.extra_info)
    if file.format in ("OGG", "MP3"):
        return _describe_stream_end(file, source, position)
    return _describe_short_container(file, source)


def _describe_stream_end(file: soundfile.SoundFile, source: BinaryIO, position: int) -> str:
    """Return a sentence if an OGG file has no end-of-stream page, or if a second stream follows; otherwise `""`.

    `file` is an OGG or MP3 file, and `position` is the frame at which decoding ended.
    """
    time = f"after {position / file.samplerate:.3f} s"
    if file.format == "OGG" and not _has_last_ogg_page(source):
        return f"it breaks off {time}, without an end-of-stream page."
    if _is_chained_ogg(source) if file.format == "OGG" else _has_next_mp3(source):
        return (
            f"{time} another stream follows, as in a recording of internet radio or in files that were joined; "
            "libsndfile reads only the first."
        )
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
    """Return a sentence about the missing part of a file of another format than WAV, FLAC, OGG and MP3.

    The result is an empty string if nothing is missing, and for PVF, PAF, IRCAM and XI, which declare no length.
    """
    # libsndfile reduces the length to the available data and reports this only in its log.
    log = file.extra_info
    for chunk, declared, present in re.findall(r"^\s*([\w ]+?)\s*: (\d+) \(should be (\d+)\)", log, re.MULTILINE):
        if chunk in _SIZED_CHUNKS and int(present) < int(declared) < _PIPED_WAV_BYTES:
            return f"it declares {declared} bytes in '{chunk}' but contains only {present}."
    declared_frames, frames = _declared_frames(file, source), file.frames
    if file.format == "SDS" and declared_frames is not None:  # `frames` is the declared length here
        declared_frames, frames = frames, declared_frames
    if declared_frames is not None and frames < declared_frames < UNKNOWN_LENGTH:
        return (
            f"it declares {declared_frames / file.samplerate:.3f} s of sound but contains only "
            f"{frames / file.samplerate:.3f} s."
        )
    if "truncated" in log:
        return f"it breaks off after {file.frames / file.samplerate:.3f} s."
    return ""


def _declared_frames(file: soundfile.SoundFile, source: BinaryIO) -> int | None:
    """Return the number of frames that the header declares, or None if it is not found there."""
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


def _is_chained_ogg(source: BinaryIO) -> bool:
    """Return whether the last page of an OGG file belongs to a stream that does not begin at the start of the file."""
    source.seek(0, io.SEEK_END)
    source.seek(max(0, source.tell() - _OGG_PAGE_BYTES))
    tail = source.read()
    last = tail[tail.rfind(b"OggS") :][:_OGG_PAGE_HEADER_BYTES]
    source.seek(0)
    streams = set()
    while len(page := source.read(_OGG_PAGE_HEADER_BYTES)) == _OGG_PAGE_HEADER_BYTES and page[5] & _OGG_BEGIN_OF_STREAM:
        streams.add(page[14:18])
        source.seek(sum(source.read(page[26])), io.SEEK_CUR)
    return bool(streams) and last[14:18] not in streams


def _has_mp3_length(source: BinaryIO) -> bool:
    """Return whether the first MP3 frame contains a tag with the length of the stream."""
    position = source.tell()
    source.seek(find_mp3_start(source))
    frame = source.read(256)
    source.seek(position)
    return b"Xing" in frame or b"Info" in frame or b"VBRI" in frame


def _has_next_mp3(source: BinaryIO) -> bool:
    """Return whether frames follow the last byte of the stream that the length tag declares."""
    position = source.tell()
    start = find_mp3_start(source)
    source.seek(start)
    frame = source.read(256)
    tag = max(frame.find(b"Xing"), frame.find(b"Info"))
    found = False
    if tag >= 0 and len(frame) >= tag + 16 and frame[tag + 7] & _XING_HAS_BYTES:
        size_at = tag + (12 if frame[tag + 7] & _XING_HAS_FRAMES else 8)
        source.seek(start + int.from_bytes(frame[size_at : size_at + 4], "big"))
        rest = io.BytesIO(source.read(_MP3_TRAILING_BYTES))
        rest.seek(find_mp3_start(rest))
        found = has_mp3_sync(rest.read(2))
    source.seek(position)
    return found


def _bytes_to_end(source: BinaryIO) -> int:
    position = source.tell()
    source.seek(0, io.SEEK_END)
    return source.tell() - position
