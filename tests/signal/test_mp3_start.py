import io

import pytest

from fxlab.signal.mp3_start import find_mp3_start

FRAME = b"\xff\xfb\x90\x00" + bytes(100)


def tag(size, flags=0):
    """Return an ID3v2 tag with a body of `size` bytes, and a footer if the flags announce one."""
    sizes = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00" + bytes([flags]) + sizes + b"x" * size + (b"3DI" + bytes(7) if flags & 0x10 else b"")


@pytest.mark.parametrize(
    "lead",
    [
        b"",
        tag(0),
        tag(127),
        tag(128),
        tag(300_000),
        tag(500, flags=0x10),
        tag(10) + tag(2000) + tag(3),
        bytes(7),
        bytes(4096),
        bytes(10_000),
        tag(40) + bytes(9000),
    ],
    ids=lambda lead: f"{len(lead)} bytes",
)
def test_the_start_is_behind_tags_and_zeros(lead):
    source = io.BytesIO(lead + FRAME)
    source.seek(3)
    assert find_mp3_start(source) == len(lead)
    assert source.tell() == 3


def test_a_file_that_ends_in_its_tag_has_no_frames():
    assert find_mp3_start(io.BytesIO(b"")) == 0
    assert find_mp3_start(io.BytesIO(b"ID3")) == 0
    assert find_mp3_start(io.BytesIO(bytes(100))) == 100
    assert find_mp3_start(io.BytesIO(tag(1000)[:500])) == 1010
