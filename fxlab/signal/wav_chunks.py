"""The chunks of a WAV file, and the layout of its header."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO, NamedTuple

RIFF = struct.Struct("<4sI4s")
"""The header of the file: "RIFF", the number of bytes that follow, "WAVE"."""
CHUNK = struct.Struct("<4sI")
"""The header of a chunk: its name, and the number of bytes of its content."""
FORMAT = struct.Struct("<HHIIHH")
"""The content of `fmt `: kind, channels, rate, bytes per second, bytes of a frame, bits of a sample."""
INTEGERS, FLOATS = 1, 3
"""The kinds in `FORMAT` of integer and floating-point samples."""
_MAX_BYTES = 2**32 - 1


class Chunk(NamedTuple):
    """A chunk of a WAV file: its name, and the position and the size of its content in bytes."""

    name: bytes
    begin: int
    size: int


def wav_chunks(source: BinaryIO) -> list[Chunk]:
    """Return the chunks of a WAV file up to and including its samples, or an empty list for any other file.

    The list is also empty for a file of more than 4 GB. Only the headers of the chunks are read, so the last chunk may
    extend beyond the end of the file.
    """
    length = source.seek(0, io.SEEK_END)
    source.seek(0)
    head = source.read(RIFF.size)
    chunks: list[Chunk] = []
    if head[:4] != b"RIFF" or head[8:] != b"WAVE" or length > _MAX_BYTES:
        return chunks
    position = RIFF.size
    while not chunks or chunks[-1].name != b"data":
        source.seek(position)
        header = source.read(CHUNK.size)
        if len(header) < CHUNK.size:
            break
        name, size = CHUNK.unpack(header)
        chunks.append(Chunk(name, position + CHUNK.size, size))
        position += CHUNK.size + size + size % 2
    return chunks
