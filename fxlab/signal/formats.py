"""What each kind of sound file can hold, and the bytes of a signal in it."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fxlab.errors import FileError, ParameterError
from fxlab.signal.samples import peak

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fxlab.signal.signal import Signal

Overload = Literal["error", "clip", "scale"]

_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_FLOATS = ("FLOAT", "DOUBLE")
_BLOCK = 4096  # frames; libvorbis keeps a block on the stack and overflows it when that is large
_WAV_SAMPLE = {"FLOAT": 4, "DOUBLE": 8, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "PCM_U8": 1, "ULAW": 1, "ALAW": 1}
_WAV_BYTES = 2**32 - 2**16  # the size stands in 32 bits


@dataclass(frozen=True)
class Format:
    """What one kind of file holds: its subtypes, the first being the default, its channels and rates."""

    subtypes: tuple[str, ...]
    channels: int
    rates: Callable[[int], bool]
    rates_said: str


_MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_OPUS_RATES = (8000, 12_000, 16_000, 24_000, 48_000)

FORMATS = {
    "wav": Format(
        tuple(_WAV_SAMPLE),
        1024,
        lambda rate: rate < 2**31,
        "whole rates",
    ),
    "flac": Format(
        ("PCM_24", "PCM_16", "PCM_S8"),
        8,
        lambda rate: rate <= 65_535 or (rate <= 655_350 and rate % 10 == 0),  # 16 bits, in Hz or tens of Hz
        "whole rates to 65535 Hz, and above them tens of Hz to 655350",
    ),
    # libvorbis crashes the process above these two limits.
    "ogg": Format(("VORBIS", "OPUS"), 255, lambda rate: rate <= 200_000, "whole rates to 200000 Hz"),
    "mp3": Format(("MPEG_LAYER_III",), 2, _MP3_RATES.__contains__, f"{', '.join(map(str, _MP3_RATES))} Hz"),
}
_OPUS = Format(("OPUS",), 255, _OPUS_RATES.__contains__, f"{', '.join(map(str, _OPUS_RATES))} Hz")


def encode(signal: Signal, name: str, subtype: str | None, overload: Overload) -> bytes:
    """Return the bytes of a file of kind `name` that holds the signal.

    Raises:
        FileError: the format cannot hold the signal's rate, its channels, or samples beyond full scale.
        ParameterError: `subtype` or `overload` is none of those there are.

    >>> from fxlab.signal import sine
    >>> encode(sine(440.0, duration=0.1), "flac", None, "error")[:4]
    b'fLaC'
    """
    import soundfile

    subtype = _subtype(name, subtype)
    _check_fits(signal, name, _OPUS if subtype == "OPUS" else FORMATS[name])
    if name == "wav" and signal.samples.numel() * _WAV_SAMPLE[subtype] > _WAV_BYTES:
        raise FileError(
            f"save: {signal.channels} channels of {signal.frames} samples are over the 4 GB that a WAV file can hold. "
            "Save the signal in parts (.between), or as FLAC."
        )
    samples = signal.numpy().T
    if subtype not in _FLOATS:
        samples = _within_full_scale(signal, samples, f"{name.upper()} ({subtype})", overload)
    if subtype in _BITS:
        samples = quantize(samples, _BITS[subtype])
    elif subtype != "DOUBLE":
        samples = samples.astype(np.float32)
    file = io.BytesIO()
    try:
        with soundfile.SoundFile(
            file, "w", samplerate=signal.sample_rate, channels=signal.channels, format=name.upper(), subtype=subtype
        ) as sink:
            for start in range(0, len(samples), _BLOCK):
                sink.write(samples[start : start + _BLOCK])
    except soundfile.LibsndfileError as error:
        raise FileError(f"{signal!r} cannot be written as {name} ({subtype}): {error.error_string}") from error
    return file.getvalue()


def quantize(samples: NDArray[Any], bits: int) -> NDArray[np.int32]:
    """Round samples of ±1 to integers of `bits`, which fill an int32 from the top.

    One step is 2^(1 - bits). +1 itself, one step above the highest integer, becomes the highest.

    >>> quantize(np.array([0.0, 0.5, -1.0, 1.0]), 16) // 65536
    array([     0,  16384, -32768,  32767], dtype=int32)
    """
    full = 2.0 ** (bits - 1)
    steps = np.minimum(np.rint(samples.astype(np.float64) * full), full - 1).astype(np.int32)
    return np.left_shift(steps, 32 - bits)


def _subtype(name: str, subtype: str | None) -> str:
    known = FORMATS[name].subtypes
    if subtype is None:
        return known[0]
    if not isinstance(subtype, str) or subtype.upper() not in known:
        raise ParameterError(f"save: {name} has no subtype {subtype!r}. Choose one of {', '.join(known)}.")
    return subtype.upper()


def _check_fits(signal: Signal, name: str, limits: Format) -> None:
    rate = signal.sample_rate
    if not isinstance(rate, int) or not limits.rates(rate):
        raise FileError(
            f"{signal!r} cannot be saved as {name}: it holds {limits.rates_said}, not {rate} Hz. "
            "Resample the signal to such a rate, or choose another format."
        )
    if signal.channels > limits.channels:
        raise FileError(
            f"{signal!r} cannot be saved as {name}, which holds up to {limits.channels} channels. "
            "Mix it down (.mono()), or save it as WAV."
        )


def _within_full_scale(signal: Signal, samples: NDArray[Any], target: str, overload: Overload) -> NDArray[Any]:
    if overload not in ("error", "clip", "scale"):
        raise ParameterError(f"save: overload = {overload!r} is not known. Choose 'error', 'clip' or 'scale'.")
    highest = peak(signal.samples)
    if highest <= 1.0:
        return samples
    if overload == "clip":
        return samples.clip(-1.0, 1.0)
    if overload == "scale":
        return samples / highest
    raise FileError(
        f"{signal!r} is {20 * math.log10(highest):.2f} dB over full scale in {int((abs(samples) > 1).sum())} samples, "
        f"which {target} cannot hold. Multiply it by {math.floor(1e4 / highest) / 1e4}, or pass overload='scale' to "
        "do so, overload='clip' to cut the peaks off, or save it as WAV with subtype='FLOAT'."
    )
