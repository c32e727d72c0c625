"""The limits of each sound file format that can be written, and the rounding of samples to integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Overload = Literal["error", "clip", "scale"]
"""The treatment of samples beyond full scale in a format that cannot hold them."""

INTEGER_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
FLOAT_SUBTYPES = ("FLOAT", "DOUBLE")
WAV_SAMPLE_BYTES = {
    "FLOAT": 4, "DOUBLE": 8, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "PCM_U8": 1, "ULAW": 1, "ALAW": 1
}  # fmt: skip


@dataclass(frozen=True)
class Format:
    """The subtypes and the limits of a file format."""

    subtypes: tuple[str, ...]
    """The types of samples; the first is the default."""
    max_channels: int
    accepts_rate: Callable[[int], bool]
    """A function that returns whether a sample rate in Hz can be stored."""
    rate_description: str
    """The accepted sample rates, as text for error messages."""


_MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_OPUS_RATES = (8000, 12_000, 16_000, 24_000, 48_000)

FORMATS = {
    "wav": Format(
        tuple(WAV_SAMPLE_BYTES),
        1024,
        lambda rate: rate < 2**31,
        "whole rates",
    ),
    "flac": Format(
        ("PCM_24", "PCM_16", "PCM_S8"),
        8,
        lambda rate: rate <= 65_535 or (rate <= 655_350 and rate % 10 == 0),  # stored in 16 bits, in Hz or tens of Hz
        "whole rates up to 65535 Hz, and multiples of 10 Hz up to 655350 Hz",
    ),
    # libvorbis crashes the process above these two limits.
    "ogg": Format(("VORBIS", "OPUS"), 255, lambda rate: rate <= 200_000, "whole rates up to 200000 Hz"),
    "mp3": Format(("MPEG_LAYER_III",), 2, _MP3_RATES.__contains__, f"{', '.join(map(str, _MP3_RATES))} Hz"),
}
OPUS = Format(("OPUS",), 255, _OPUS_RATES.__contains__, f"{', '.join(map(str, _OPUS_RATES))} Hz")


def quantize(samples: NDArray[Any], bits: int) -> NDArray[np.int32]:
    """Return samples from -1 to 1 rounded to integers of `bits` bits, in the upper bits of an int32.

    One step is 2^(1 - bits). A sample of +1, one step above the highest integer, becomes the highest integer.

    >>> quantize(np.array([0.0, 0.5, -1.0, 1.0]), 16) // 65536
    array([     0,  16384, -32768,  32767], dtype=int32)
    """
    full_scale = 2.0 ** (bits - 1)
    steps = np.minimum(np.rint(samples.astype(np.float64) * full_scale), full_scale - 1).astype(np.int32)
    return np.left_shift(steps, 32 - bits)
