"""Repair of files that libsndfile rejects although all samples are present.

WAV, AIFF and 8SVX files consist of chunks, each with a name and a size. A chunk of odd size is followed by a byte of
padding, which some programs leave out. In a CAF file the chunk of the samples may have the size -1 if it is the last
one; programs that do not know the length in advance write such files.

Source:
    EA IFF 85, Standard for Interchange Format Files, 1985; Apple Core Audio Format Specification 1.0, 2006.
"""

from __future__ import annotations

import io
import struct
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from fxlab.errors import FileError

_HEAD_BYTES = 12  # of the file: its kind, the number of bytes that follow, the kind of its content
_HEADER_BYTES = 8  # of a chunk: its name and its size
_MAX_BYTES = 2**32 - 1
_MAX_CHUNKS = 10_000
_CAF_HEAD_BYTES, _CAF_CHUNK = 8, struct.Struct(">4sq")


class _Kind(NamedTuple):
    """A kind of file: its byte order, and the names of the chunks that describe and contain the samples."""

    order: str  # of `struct`: "<" is little-endian, ">" big-endian
    description: bytes
    samples: bytes


_KINDS = {
    (b"RIFF", b"WAVE"): _Kind("<", b"fmt ", b"data"),
    (b"RIFX", b"WAVE"): _Kind(">", b"fmt ", b"data"),
    (b"FORM", b"AIFF"): _Kind(">", b"COMM", b"SSND"),
    (b"FORM", b"AIFC"): _Kind(">", b"COMM", b"SSND"),
    (b"FORM", b"8SVX"): _Kind(">", b"VHDR", b"BODY"),
}


class _Place(NamedTuple):
    """A position at which a chunk begins, and what has been found in the file before it."""

    position: int
    description: int | None = None
    """The position of the content of the chunk that describes the samples, or None if it has not been reached."""
    samples: int | None = None
    """The position of the content of the chunk of the samples, or None if it has not been reached."""
    missing: tuple[int, ...] = ()
    """The positions, in ascending order, at which a byte of padding is missing."""


def pad_chunks(source: BinaryIO, name: str) -> io.BytesIO | None:
    """Return a copy of a file with the missing bytes of padding after chunks of odd size, or None if none is missing.

    Padding is considered missing if the chunks that describe and contain the samples can be reached only without it.
    The result is also None if these chunks cannot be reached at all, for other kinds of files, and for files of more
    than 4 GB.

    Args:
        source: The file.
        name: The quoted name of the file, for the error message.

    Raises:
        FileError: Different assumptions about the missing padding lead to different positions of these chunks.
    """
    length = source.seek(0, io.SEEK_END)
    source.seek(0)
    head = source.read(_HEAD_BYTES)
    kind = _KINDS.get((head[:4], head[8:]))
    if kind is None or length > _MAX_BYTES:
        return None
    ways = _ways(source, kind, length)
    if not ways or not all(way.missing for way in ways):
        return None
    if len({way[1:3] for way in ways}) > 1:
        raise FileError(
            f"load: {name} lacks the byte of padding after a chunk of odd size, and its samples could begin at byte "
            f"{' or '.join(str(way.samples) for way in ways)}. Save it again with the program that wrote it."
        )
    source.seek(0)
    data = source.read()
    cuts = [0, *ways[0].missing, length]
    padded = b"\0".join(data[begin:end] for begin, end in pairwise(cuts))
    return io.BytesIO(padded[:4] + struct.pack(kind.order + "I", len(padded) - _HEADER_BYTES) + padded[_HEADER_BYTES:])


def _ways(source: BinaryIO, kind: _Kind, length: int) -> list[_Place]:
    """Return, for each way to reach the chunks that describe and contain the samples, the place where both are known.

    A way is a sequence of chunks from the start of the file; the padding after a chunk of odd size may be missing.
    """
    found, waiting = [], [_Place(_HEAD_BYTES)]
    seen: set[tuple[object, ...]] = set()
    while waiting and len(seen) < _MAX_CHUNKS:
        place = waiting.pop()
        if place[:3] in seen:
            continue
        seen.add(place[:3])
        source.seek(place.position)
        header = source.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not all(32 <= byte < 127 for byte in header[:4]):
            continue
        begin = place.position + _HEADER_BYTES
        end = begin + struct.unpack(kind.order + "I", header[4:])[0]
        if header[:4] == kind.description and place.description is None:
            place = place._replace(description=begin)
        if header[:4] == kind.samples and place.samples is None:
            place = place._replace(samples=begin)
        if place.description is not None and place.samples is not None:
            found.append(place)
        elif end <= length:
            if (end - begin) % 2:
                waiting.append(place._replace(position=end, missing=(*place.missing, end)))
            # The last place is tried first, so that no place is reached without padding that can be reached with it.
            waiting.append(place._replace(position=end + (end - begin) % 2))
    return found


def size_caf(source: BinaryIO) -> io.BytesIO | None:
    """Return a copy of a CAF file whose samples have the size -1, with the actual size, or None for any other file."""
    length = source.seek(0, io.SEEK_END)
    source.seek(0)
    if source.read(4) != b"caff":
        return None
    position = _CAF_HEAD_BYTES
    while True:
        source.seek(position)
        header = source.read(_CAF_CHUNK.size)
        if len(header) < _CAF_CHUNK.size:
            return None
        name, size = _CAF_CHUNK.unpack(header)
        begin = position + _CAF_CHUNK.size
        if name == b"data" and size == -1:
            break
        if size < 0:
            return None
        position = begin + size
    source.seek(0)
    data = source.read()
    return io.BytesIO(data[:position] + _CAF_CHUNK.pack(b"data", length - begin) + data[begin:])
