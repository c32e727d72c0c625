"""The player on a Signal's card: the sound itself, lossless, and in words whatever differs from it."""

from __future__ import annotations

import base64
import io
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fxlab.display.cards.number_format import hertz, level, seconds
from fxlab.signal import Signal

LONGEST = 60.0
"""Seconds that a card embeds at most."""
MOST_BYTES = 4_000_000
_RATES = (8000, 192_000)  # what every browser plays
_AUDIBLE = 1000  # below this rate there is nothing to hear: no player
_QUIET = 10 ** (-30 / 20)

Floats = NDArray[np.floating]


class Clip(NamedTuple):
    """What the player plays: a FLAC file, and the ways in which it is not the signal."""

    flac: bytes
    notes: tuple[str, ...]
    bits: int
    rate: int


def clip(signal: Signal) -> Clip | None:
    """Encode `signal` for the player; None at a rate at which nothing can be heard.

    The level is never raised. 16 or 24 bits are chosen so that the samples are kept exactly, where they fit a grid of
    that many bits; other samples are rounded to 16, whose error lies at -101 dBFS, or to 24 when they are soft.

    >>> from fxlab.signal import sine
    >>> made = clip(sine(1000.0, duration=0.1))
    >>> made.flac[:4], made.bits, made.notes
    (b'fLaC', 16, ())
    """
    if signal.sample_rate < _AUDIBLE:
        return None
    notes: list[str] = []
    part = signal.samples.detach()[:, : math.ceil(LONGEST * signal.sample_rate)].cpu()
    samples: Floats = (part.float() if part.dtype.itemsize < 4 else part).numpy()
    if signal.channels > 2:
        samples = samples.mean(0, keepdims=True)
        notes.append(f"The player has the mean of the {signal.channels} channels.")
    samples, rate = _playable(samples, signal.sample_rate, notes)
    samples = _within_full_scale(samples, notes)
    bits = _bits(samples)
    flac = _flac(samples, rate, bits)
    while len(flac) > MOST_BYTES:
        samples = samples[:, : int(samples.shape[-1] * 0.95 * MOST_BYTES / len(flac))]
        flac = _flac(samples, rate, bits)
    kept = samples.shape[-1] / rate
    if kept < signal.duration - 1.5 / signal.sample_rate:
        part_of = f"the first {seconds(kept)} of {seconds(signal.duration)}"
        notes.insert(0, f"The player has {part_of}; a panel plays all of it, and signal.save(…) writes it to a file.")
    return Clip(flac, tuple(notes), bits, rate)


def player(signal: Signal) -> str:
    """The player as HTML, with a line that says what it plays."""
    made = clip(signal)
    if made is None:
        return f"<p>No player: at {hertz(signal.sample_rate)} there is nothing to hear.</p>"
    source = base64.b64encode(made.flac).decode("ascii")
    # `src` on the element itself: JupyterLab takes it off a <source> of a notebook that is not trusted.
    tag = f'<audio controls preload="metadata" src="data:audio/flac;base64,{source}"'
    tag += ' style="width:720px;max-width:100%"></audio>'
    return tag + "".join(f"<div>{note}</div>" for note in made.notes)


def _playable(samples: Floats, rate: float, notes: list[str]) -> tuple[Floats, int]:
    """At a rate that browsers play: a whole number of Hz from 8 to 192 kHz."""
    low, high = _RATES
    if low <= rate <= high:
        if rate != round(rate):
            notes.append(f"The player runs at {round(rate)} Hz instead of {rate:.10g} Hz.")
        return samples, round(rate)
    from scipy.signal import resample_poly

    wanted = 48_000 if rate < low else high
    ratio = Fraction(wanted / rate).limit_denominator(1000)
    notes.append(f"The player is resampled to {hertz(wanted)}: browsers do not play {hertz(rate)}.")
    return resample_poly(samples.astype(np.float64), ratio.numerator, ratio.denominator, axis=-1), wanted


def _within_full_scale(samples: Floats, notes: list[str]) -> Floats:
    peak = max(float(samples.max()), -float(samples.min()))
    if peak <= 1 + 2**-15:  # +1 itself lies one step above the grid, 0.0003 dB
        return samples
    down = math.ceil(200 * math.log10(peak) - 1e-3) / 10
    notes.append(f"The player is {down:.1f} dB softer: the peak of {level(peak)} is over full scale.")
    return samples.astype(np.float64) * 10 ** (-down / 20)


def _bits(samples: Floats) -> int:
    for bits in (16, 24):
        steps = samples.astype(np.float64) * 2 ** (bits - 1)
        if np.array_equal(np.rint(steps), steps) and steps.max() < 2 ** (bits - 1):
            return bits
    return 24 if np.abs(samples).max() < _QUIET else 16


def _flac(samples: Floats, rate: int, bits: int) -> bytes:
    import soundfile  # loads when a sound is encoded, not with the package

    top = 2 ** (bits - 1)
    steps = np.clip(np.rint(samples.T.astype(np.float64) * top), -top, top - 1)
    whole = steps.astype(np.int16) if bits == 16 else (steps.astype(np.int64) << 8).astype(np.int32)
    file = io.BytesIO()
    soundfile.write(file, whole, rate, format="FLAC", subtype=f"PCM_{bits}", compression_level=1.0)
    return file.getvalue()
