"""The sound of a live page, as a small file that browsers decode."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal, TypedDict

import torch
from torch import Tensor

from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.errors import FileError, ParameterError
from fxlab.signal import Signal
from fxlab.signal.samples import peak
from fxlab.signal.writing import encode

Format = Literal["auto", "flac", "opus"]

FORMATS = ("auto", "flac", "opus")
MAX_LOSSLESS_BYTES = 140_000
"""The size in bytes of the largest FLAC file that `"auto"` chooses; a larger one is replaced by an Opus file."""
FULL_SCALE = 32_767 / 32_768
OPUS_RATE = 48_000
MAX_CHANNELS = 8


class PageSound(TypedDict):
    """The sound as it is stored in a page."""

    format: str
    """The format of the file in `data`."""
    scale: float
    """The factor by which decoded samples are multiplied."""
    rate: float
    """The sample rate of the sound in Hz; an Opus file in `data` has 48 kHz instead."""
    channels: int
    frames: int
    """The number of samples per channel."""
    data: str
    """The file, in base64."""
    name: str
    """A name that depends on the samples, the sample rate and the requested format alone."""


MAX_KEPT = 8
_kept: dict[str, tuple[PageSound, str]] = {}
"""The last results of `page_sound` by the name of the sound; the panels of a lesson often play the same sound."""


def page_sound(signal: Signal, format: Format = "auto") -> tuple[PageSound, str]:
    """Return the sound of a page, and a sentence about its precision.

    The samples are divided by `PageSound.scale` before they are written with 16 bits. A FLAC file represents them
    exactly if they are multiples of 2^-15 from -1 to below 1, multiples of 2^-14 from -2 to below 2, and so on; other
    samples are scaled to full scale. The last results are kept, and returned again for an equal sound and format.

    Args:
        signal: The sound.
        format: The format of the file, as the argument `sound` of `Page`.

    Raises:
        ParameterError: There is no such format.
        FileError: The sample rate is not a whole number, or there are more than 8 channels.

    >>> from fxlab.signal import sine
    >>> sound, note = page_sound(sine(440.0, 0.1))
    >>> sound["format"], sound["scale"] < 1.0, note
    ('flac', True, 'The sound is in the page with 16 bits per sample.')
    """
    if format not in FORMATS:
        raise ParameterError(f"page: sound = {format!r} is not known. Choose one of {', '.join(FORMATS)}.")
    rate = signal.sample_rate
    if rate != int(rate) or signal.channels > MAX_CHANNELS:
        raise FileError(
            f"{signal!r} cannot be put into a page, which holds whole sample rates and up to {MAX_CHANNELS} channels. "
            "Resample it, or mix it down (.mono())."
        )
    samples = signal.samples.detach().to("cpu", torch.float64)
    described = f"{format} {int(rate)} {tuple(samples.shape)}".encode() + samples.contiguous().numpy().tobytes()
    key = f"sound-{hashlib.sha256(described).hexdigest()[:12]}"
    if key not in _kept:
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = _encode(samples, rate, format, key)
    return _kept[key]


def _encode(samples: Tensor, rate: float, format: Format, key: str) -> tuple[PageSound, str]:
    """Return the sound named `key`, and the sentence of `page_sound`, for float64 samples on the CPU."""
    scale = _scale(samples)
    scaled = samples / scale
    flac = b"" if format == "opus" else encode(scaled, int(rate), "flac", "PCM_16", "clip")
    if format == "flac" or (format == "auto" and len(flac) <= MAX_LOSSLESS_BYTES):
        name, data, note = "flac", flac, "The sound is in the page with 16 bits per sample."
    else:
        opus = convert_rate(scaled.clamp(-1, 1), rate, OPUS_RATE)
        name, data = "opus", encode(opus.float(), OPUS_RATE, "ogg", "OPUS", "clip")
        note = 'The sound is compressed with Opus, with losses; sound="flac" keeps 16 bits per sample in a larger file.'
    sound: PageSound = {
        "format": name,
        "scale": scale,
        "rate": rate,
        "channels": samples.shape[0],
        "frames": samples.shape[1],
        "data": base64.b64encode(data).decode("ascii"),
        "name": key,
    }
    return sound, note


def _scale(samples: Tensor) -> float:
    """Return the number by which the samples are divided before they are rounded to 16 bits.

    It is a power of two, at least 1, if the rounding is then exact; otherwise it scales the peak to full scale.
    """
    highest, lowest, largest = peak(samples), float(samples.min()), float(samples.max())
    power = 1.0  # of two: a division by it is exact
    while largest > power * FULL_SCALE or lowest < -power:
        power *= 2
    steps = samples * (32_768 / power)
    return power if highest == 0 or bool((steps == steps.round()).all()) else highest / FULL_SCALE
