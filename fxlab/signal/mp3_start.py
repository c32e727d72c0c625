"""The position at which the frames of an MP3 file start, after its ID3 tags."""

from __future__ import annotations

from typing import BinaryIO

_TAG_HEADER_BYTES = 10
_FOOTER_FLAG = 0x10  # a footer as long as the header follows the tag
_BLOCK = 4096  # bytes


def find_mp3_start(source: BinaryIO) -> int:
    """Return the position after the ID3v2 tags and the zeros, if any, at the beginning of an MP3 file.

    The current position of `source` is restored.

    Source:
        M. Nilsson, "ID3 tag version 2.4.0 - Main Structure", 2000, sections 3.1, 3.4 and 6.2.

    >>> import io
    >>> tag = b"ID3" + bytes([4, 0, 0, 0, 0, 1, 2])  # the size has seven bits per byte: 128 + 2
    >>> find_mp3_start(io.BytesIO(tag + bytes(130 + 5) + b"frame"))
    145
    """
    position, start = source.tell(), 0
    source.seek(0)
    while (head := source.read(_TAG_HEADER_BYTES))[:3] == b"ID3" and len(head) == _TAG_HEADER_BYTES:
        size = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        start += _TAG_HEADER_BYTES + size + (_TAG_HEADER_BYTES if head[5] & _FOOTER_FLAG else 0)
        source.seek(start)
    source.seek(start)
    while block := source.read(_BLOCK):
        content = block.lstrip(b"\0")
        start += len(block) - len(content)
        if content:
            break
    source.seek(position)
    return start
