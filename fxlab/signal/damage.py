"""What tells that a sound file was cut short, where the decoder alone would hand over the rest without a word."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import soundfile

_UNKNOWN = 2**62  # libsndfile counts such a number of frames in a stream that does not say how long it is
_STREAMED = 0x7FFF0000  # what writes WAV into a pipe puts a size from here up, not knowing it yet
_OGG_PAGE = 65_307  # bytes at most
_OGG_LAST_PAGE = 4  # a bit of the page's flags
_MP3_REST = 16_384  # bytes that may lie behind the last frame: tags, and what the decoder holds


def damage_of(file: soundfile.SoundFile, source: BinaryIO, place: int, last: int | None) -> str:
    """Say what is missing of `file`, read from `source` up to frame `place`; nothing, if all is there.

    `last` is the frame up to which it was to be read, `None` for the end.

    Source:
        RFC 3533 (Ogg pages); the Xing and Info tags of MP3 as LAME writes them.
    """
    expected = file.frames if last is None else last
    short = place < expected < _UNKNOWN
    if file.format == "MP3":
        tagged = _is_tagged(source)
        if short and not tagged and last is None:
            short = False  # with no tag the length was an estimate
        if last is None and not tagged and place == expected:
            rest = _position_to_end(source)
            if rest > _MP3_REST:
                return (
                    f"it does not say how long it is, its bit rate varies, and {rest} bytes after "
                    f"{place / file.samplerate:.3f} s cannot be reached."
                )
    if short:
        return f"it says it has {expected / file.samplerate:.3f} s, of which {place / file.samplerate:.3f} are there."
    if last is None and file.format in ("WAV", "WAVEX"):
        return _missing_of_wav(file.extra_info)
    if last is None and file.format == "OGG" and not _has_last_page(source):
        return f"it breaks off after {place / file.samplerate:.3f} s, with no end to its stream."
    return ""


def _missing_of_wav(log: str) -> str:
    sizes = re.search(r"^\s*data : (\d+) \(should be (\d+)\)", log, re.MULTILINE)
    if sizes is None:
        return ""
    said, there = int(sizes[1]), int(sizes[2])
    return f"it says it has {said} bytes of sound, of which {there} are there." if there < said < _STREAMED else ""


def _has_last_page(source: BinaryIO) -> bool:
    source.seek(0, io.SEEK_END)
    source.seek(max(0, source.tell() - _OGG_PAGE))
    tail = source.read()
    page = tail.rfind(b"OggS")
    return page >= 0 and len(tail) > page + 5 and bool(tail[page + 5] & _OGG_LAST_PAGE)


def _is_tagged(source: BinaryIO) -> bool:
    place = source.tell()
    source.seek(0)
    head = source.read(10)
    if head[:3] == b"ID3":  # a tag of its own before the sound, its size in four times seven bits
        source.seek(10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)))
        head = b""
    head += source.read(256)
    source.seek(place)
    return b"Xing" in head or b"Info" in head or b"VBRI" in head


def _position_to_end(source: BinaryIO) -> int:
    place = source.tell()
    source.seek(0, io.SEEK_END)
    return source.tell() - place
