"""The player on the card of a Signal: an audio element with a FLAC file, and notes on how the file differs."""

from __future__ import annotations

import base64
import io
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fxlab.display.number_format import format_duration, format_frequency, format_level
from fxlab.signal import Signal
from fxlab.signal.samples import peak

MAX_SECONDS = 60.0
"""The longest part of a signal that a player contains, in seconds."""
MAX_BYTES = 4_000_000
"""The maximum size of the embedded FLAC file."""
_PLAYABLE_RATES = (8000, 192_000)  # lowest and highest rate that all browsers play
_MIN_AUDIBLE_RATE = 1000  # a signal with a lower sample rate has no audible frequencies and gets no player
_SOFT_PEAK = 10 ** (-30 / 20)

Floats = NDArray[np.floating]


class Clip(NamedTuple):
    """A FLAC file for the player, and notes on how the file differs from the signal, except by rounding."""

    flac: bytes
    notes: tuple[str, ...]
    bits: int
    """The number of bits of a sample, 16 or 24."""
    rate: int
    """The sample rate in Hz."""


def encode_clip(signal: Signal) -> Clip | None:
    """Encode `signal` for the player, or return `None` if its sample rate is too low for audible sound.

    More than two channels are reduced to their mean, the sample rate becomes one that browsers play, and a peak more
    than 2**-15 above full scale is reduced; the level is never raised. The result is stored exactly if 16 or 24 bits
    represent it exactly; otherwise it is rounded to 16 bits, with an RMS error of about -101 dBFS, or to 24 bits if its
    peak is below -30 dBFS. If the clip contains only the beginning of the signal, or differs from the signal in
    channels, sample rate or level, the notes of the clip state this.

    >>> from fxlab.signal import sine
    >>> clip = encode_clip(sine(1000.0, duration=0.1))
    >>> clip.flac[:4], clip.bits, clip.notes
    (b'fLaC', 16, ())
    """
    if signal.sample_rate < _MIN_AUDIBLE_RATE:
        return None
    notes: list[str] = []
    part = signal.samples.detach()[:, : math.ceil(MAX_SECONDS * signal.sample_rate)].cpu()
    samples: Floats = (part.float() if part.dtype.itemsize < 4 else part).numpy()
    if signal.channels > 2:
        samples = samples.mean(0, keepdims=True)
        notes.append(f"The player has the mean of the {signal.channels} channels.")
    samples, rate = _to_playable_rate(samples, signal.sample_rate, notes)
    samples = _scale_to_full_scale(samples, notes)
    bits = _choose_bits(samples)
    flac = _encode_flac(samples, rate, bits)
    while len(flac) > MAX_BYTES:
        samples = samples[:, : int(samples.shape[-1] * 0.95 * MAX_BYTES / len(flac))]
        flac = _encode_flac(samples, rate, bits)
    duration = samples.shape[-1] / rate
    if duration < signal.duration - 1.5 / signal.sample_rate:
        part_of = f"the first {format_duration(duration)} of {format_duration(signal.duration)}"
        notes.insert(0, f"The player has {part_of}; a panel plays all of it, and signal.save(…) writes it to a file.")
    return Clip(flac, tuple(notes), bits, rate)


def player_html(signal: Signal) -> str:
    """Return the player as HTML, with a line for each difference from `signal`, except rounding.

    If the sample rate is too low for audible sound, the result is a sentence that states this.
    """
    clip = encode_clip(signal)
    if clip is None:
        return (
            f"<p>No player: a sample rate of {format_frequency(signal.sample_rate)} is too low for audible sound.</p>"
        )
    source = base64.b64encode(clip.flac).decode("ascii")
    # `src` is on the audio element itself, because JupyterLab removes it from a <source> in a notebook without trust.
    tag = f'<audio controls preload="metadata" src="data:audio/flac;base64,{source}"'
    tag += ' style="width:720px;max-width:100%"></audio>'
    return tag + "".join(f"<div>{note}</div>" for note in clip.notes)


def _to_playable_rate(samples: Floats, rate: float, notes: list[str]) -> tuple[Floats, int]:
    """Return samples at an integer sample rate that browsers play, and this rate.

    A rate from 8 to 192 kHz is only rounded, without resampling. If the rate changes, a note is appended to `notes`.
    """
    low, high = _PLAYABLE_RATES
    if low <= rate <= high:
        if rate != round(rate):
            notes.append(f"The player runs at {round(rate)} Hz instead of {rate:.10g} Hz.")
        return samples, round(rate)
    from scipy.signal import resample_poly

    new_rate = 48_000 if rate < low else high
    ratio = Fraction(new_rate / rate).limit_denominator(1000)
    notes.append(
        f"The player is resampled to {format_frequency(new_rate)}: browsers do not play {format_frequency(rate)}."
    )
    return resample_poly(samples.astype(np.float64), ratio.numerator, ratio.denominator, axis=-1), new_rate


def _scale_to_full_scale(samples: Floats, notes: list[str]) -> Floats:
    """Return the samples; if their peak is above 1 + 2**-15, scale them down and append a note to `notes`."""
    top = peak(samples)
    if top <= 1 + 2**-15:  # +1 is one step, 0.0003 dB, above the highest 16-bit integer
        return samples
    reduction_db = math.ceil(200 * math.log10(top) - 1e-3) / 10
    notes.append(f"The player is {reduction_db:.1f} dB softer: the peak of {format_level(top)} is over full scale.")
    return samples.astype(np.float64) * 10 ** (-reduction_db / 20)


def _choose_bits(samples: Floats) -> int:
    """Return the smaller of 16 and 24 bits that represents the samples exactly.

    If neither does, return 24 for samples with a peak below -30 dBFS, otherwise 16.
    """
    for bits in (16, 24):
        steps = samples.astype(np.float64) * 2 ** (bits - 1)
        if np.array_equal(np.rint(steps), steps) and steps.max() < 2 ** (bits - 1):
            return bits
    return 24 if peak(samples) < _SOFT_PEAK else 16


def _encode_flac(samples: Floats, rate: int, bits: int) -> bytes:
    import soundfile  # imported when a sound is encoded, not with the package

    full_scale = 2 ** (bits - 1)
    steps = np.clip(np.rint(samples.T.astype(np.float64) * full_scale), -full_scale, full_scale - 1)
    integers = steps.astype(np.int16) if bits == 16 else (steps.astype(np.int64) << 8).astype(np.int32)
    file = io.BytesIO()
    soundfile.write(file, integers, rate, format="FLAC", subtype=f"PCM_{bits}", compression_level=1.0)
    return file.getvalue()
