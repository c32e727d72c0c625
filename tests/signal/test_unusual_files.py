"""Files that other programs write, made byte by byte: loaded exactly, or refused with the reason."""

import io
import pickle
import struct

import numpy as np
import pytest
import soundfile
import torch

from fxlab.errors import FileError
from fxlab.filters import LowPass
from fxlab.signal import load

RATE = 8000
SAMPLES = np.round(np.random.default_rng(0).uniform(-0.9, 0.9, 400) * 32767).astype("<i2")
PCM_16 = SAMPLES.tobytes()
WANTED = SAMPLES / 32768
WIDE = SAMPLES.astype("<i4") << 16 | 0x5500  # 24 bits, in the upper three bytes
EXTENSIBLE = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, content: bytes, order: str = "<") -> bytes:
    return name + struct.pack(order + "I", len(content)) + content + b"\0" * (len(content) % 2)


def form(kind=1, channels=1, rate=RATE, bits=16, block=None, more=b"", order="<") -> bytes:
    block = channels * -(-bits // 8) if block is None else block
    values = kind, channels, rate, rate * block % 2**32, block, bits
    return chunk(b"fmt ", struct.pack(order + "HHIIHH", *values) + more, order)


def extensible(bits, valid, mask, channels, kind=1) -> bytes:
    return form(0xFFFE, channels, RATE, bits, more=struct.pack("<HHIH", 22, valid, mask, kind) + EXTENSIBLE)


def wav(*chunks: bytes, order: str = "<", size: int | None = None) -> bytes:
    content = b"WAVE" + b"".join(chunks)
    head = b"RIFF" if order == "<" else b"RIFX"
    return head + struct.pack(order + "I", len(content) if size is None else size) + content


def unpadded(name: bytes, content: bytes, order: str = "<") -> bytes:
    return name + struct.pack(order + "I", len(content)) + content


DATA = chunk(b"data", PCM_16)
BIG = chunk(b"data", SAMPLES.astype(">i2").tobytes(), ">")
TEXT = unpadded(b"LIST", b"INFOx")
READ = {
    "odd chunk before the format": (wav(chunk(b"LIST", b"INFOx"), form(), DATA), WANTED),
    "broadcast chunk of odd size": (wav(chunk(b"bext", bytes(603)), form(), DATA), WANTED),
    "extensible, four channels": (wav(extensible(16, 16, 0x33, 4), DATA), WANTED.reshape(-1, 4).T),
    "extensible, no loudspeakers": (wav(extensible(16, 16, 0, 4), DATA), WANTED.reshape(-1, 4).T),
    "24 bits in 32": (wav(extensible(32, 24, 0, 1), chunk(b"data", WIDE.tobytes())), WIDE / 2**31),
    "12 bits in 16": (wav(form(bits=12), DATA), WANTED),
    "float beyond full scale": (
        wav(form(3, bits=32), chunk(b"data", (5 * WANTED).astype("<f4").tobytes())),
        (5 * WANTED).astype("f4"),
    ),
    "half a sample at the end": (wav(form(), chunk(b"data", PCM_16 + b"\1")), WANTED),
    "half a frame at the end": (wav(form(channels=2), chunk(b"data", PCM_16[:-2])), WANTED[:-2].reshape(-1, 2).T),
    "bytes after the last chunk": (wav(form(), DATA) + b"more" * 50, WANTED),
    "wrong size of the file": (wav(form(), DATA, size=40), WANTED),
    "no size of a frame": (wav(form(block=0), DATA), WANTED),
    "big-endian": (wav(form(order=">"), BIG, order=">"), WANTED),
    "no padding before the format": (wav(TEXT, form(), DATA), WANTED),
    "no padding twice": (wav(form(bits=12), TEXT, unpadded(b"bext", bytes(603)), DATA), WANTED),
    "no padding, big-endian": (wav(form(order=">"), unpadded(b"LIST", b"INFOx", ">"), BIG, order=">"), WANTED),
    "one sample": (wav(form(), chunk(b"data", PCM_16[:2])), WANTED[:1]),
    "20 channels": (wav(form(channels=20), DATA), WANTED.reshape(-1, 20).T),
    "format with 24 more bytes": (wav(form(more=bytes(24)), DATA), WANTED),
}


@pytest.mark.parametrize("name", READ)
def test_a_wav_is_loaded_exactly(name):
    data, expected = READ[name]
    np.testing.assert_array_equal(load(io.BytesIO(data), dtype=torch.float64).samples.numpy(), np.atleast_2d(expected))


@pytest.mark.parametrize("channels", [65, 400])
def test_more_channels_than_samples_are_loaded_and_remain_usable(channels):
    content = PCM_16[: len(SAMPLES) // channels * channels * 2]
    loaded = load(io.BytesIO(wav(form(channels=channels), chunk(b"data", content))))
    np.testing.assert_array_equal(loaded.samples.T.reshape(-1), WANTED[: loaded.samples.numel()].astype("f4"))
    assert torch.equal(pickle.loads(pickle.dumps(-loaded.between())).samples, -loaded.samples)
    assert (loaded | LowPass()).channels == channels


@pytest.mark.parametrize("rate", [1, 384_000, 768_000])
def test_any_sample_rate_is_loaded(rate):
    assert load(io.BytesIO(wav(form(rate=rate), DATA))).sample_rate == rate


# In a chunk "JUNK" whose size, 65, is the letter A, so that from the next byte on it reads as an empty chunk "UNKA".
HIDDEN = b"\0" + TEXT + chunk(b"data", bytes(8))
REFUSED = {
    "padding may be missing at two places": (
        wav(form(), TEXT, unpadded(b"JUNK", HIDDEN.ljust(65, b"\1")), DATA),
        r"lacks the byte of padding .* could begin at byte \d+ or \d+\. Save it again",
    ),
    "24 bits in 4 bytes": (wav(form(bits=24, block=4), chunk(b"data", WIDE.tobytes())), "24 bits in 4 bytes each"),
    "no sample rate": (wav(form(rate=0), DATA), "its header has values that libsndfile does not read"),
    "no channels": (wav(form(channels=0), DATA), "Channel count is zero"),
    "no format": (wav(DATA), "No 'data' chunk"),
    "M4A": (b"\0\0\0\x20ftypM4A " + bytes(300), r"an MP4 file, such as M4A .* Convert it"),
    "WMA": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(300), "a Windows Media file"),
    "WebM": (b"\x1a\x45\xdf\xa3" + bytes(300), "a Matroska file, such as WebM"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_decoded_is_refused_with_the_reason(name):
    data, reason = REFUSED[name]
    with pytest.raises(FileError, match=reason):
        load(io.BytesIO(data))


def encoded(container: str, subtype: str | None, samples: np.ndarray, rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()


BYTES = bytes(range(1, 100))  # signed
AIFF = (
    (b"COMM", struct.pack(">hIh", 1, len(BYTES), 8) + bytes.fromhex("400bfa00000000000000")),  # the rate: 8000 Hz
    (b"SSND", bytes(8) + BYTES),
)
AIFF_SAMPLES = np.frombuffer(BYTES, "i1") / 128


@pytest.mark.parametrize("name", [b"NAME", b"SSND"])
def test_an_aiff_without_padding_is_loaded(name):
    description, sound = (unpadded(*parts, ">") for parts in AIFF)
    chunks = sound + description if name == b"SSND" else unpadded(name, b"Noise", ">") + description + sound
    data = unpadded(b"FORM", b"AIFF" + chunks, ">")
    np.testing.assert_array_equal(load(io.BytesIO(data), dtype=torch.float64).samples[0].numpy(), AIFF_SAMPLES)


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT", "ALAC_16"])
def test_a_caf_whose_samples_reach_to_the_end_is_loaded(subtype):
    complete = encoded("CAF", subtype, SAMPLES, RATE)
    at = complete.index(b"data") + 4
    unsized = complete[:at] + struct.pack(">q", -1) + complete[at + 8 :]
    assert torch.equal(load(io.BytesIO(unsized)).samples, load(io.BytesIO(complete)).samples)


@pytest.mark.parametrize("repeats", [1, 50])
@pytest.mark.parametrize("change", ["no checksum", "wrong checksum", "no length", "ID3 before", "ID3 behind"])
def test_a_flac_with_an_incomplete_header_or_with_tags_is_loaded(change, repeats):
    data, expected = bytearray(encoded("FLAC", "PCM_16", np.tile(SAMPLES, repeats), RATE)), np.tile(WANTED, repeats)
    if change.endswith("checksum"):
        data[26:42] = bytes(16) if change == "no checksum" else b"\x55" * 16
    elif change == "no length":
        data[21:26] = bytes([data[21] & 0xF0, 0, 0, 0, 0])
    else:
        data = b"ID3\x03\0\0\0\0\0\x14" + bytes(20) + data if change == "ID3 before" else data + b"TAG" + bytes(125)
    np.testing.assert_array_equal(load(io.BytesIO(data), dtype=torch.float64).samples[0].numpy(), expected)


@pytest.mark.parametrize(("container", "subtype"), [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)])
def test_a_second_stream_in_a_file_is_not_lost_in_silence(container, subtype):
    time = np.arange(48_000)
    first, second = (encoded(container, subtype, 0.5 * np.sin(f * time), 48_000) for f in (0.1, 0.2))
    alone, joined = load(io.BytesIO(first)), io.BytesIO(first + second)
    with pytest.raises(FileError, match=r"after 1\.000 s another stream follows"):
        load(joined)
    assert torch.equal(load(joined, partial=True).samples, alone.samples)
    assert torch.equal(load(joined, stop=0.5).samples, alone.samples[:, :24_000])
    tags = {"OGG": b"", "MP3": b"APETAGEX" + bytes(124) + b"TAG" + bytes(125)}[container]
    assert torch.equal(load(io.BytesIO(first + tags)).samples, alone.samples)
