"""A plucked guitar, made from nothing but noise and a delay that feeds itself."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.signal.examples.room import in_room
from fxlab.signal.sample_grid import whole
from fxlab.signal.signal import Signal

_RATE = 44_100
_DURATION = 5.5
_EIGHTH = 0.2  # seconds
# MIDI pitches: A minor, F major seventh with a bass that walks up, and C with a ninth, strummed.
_PICKED = (45, 52, 57, 60, 64, 60, 57, 52, 41, 48, 57, 64, 60, 57, 43, 47)
_STRUMMED = (48, 52, 55, 62, 64, 67)
_STRUM = 0.028  # seconds from string to string
_RING = 2**17  # samples of one note, about 3 s
_RELEASE = 2205  # samples in which a note is damped
_BODY = ((102.0, 9.0, 1.6), (204.0, 11.0, 1.4), (395.0, 9.0, 0.8), (2600.0, 1.0, 0.5))  # Hz, q, gain


def guitar(seed: int = 0) -> Signal:
    """Return a phrase on a steel-string guitar: two bars of arpeggio and a chord. Stereo, 44.1 kHz, 5.5 s.

    Each string is a burst of noise, as long as one period, that goes round a delay of one period and loses a little,
    the highs more, each time. The seed chooses the noise, and how evenly it is played.

    Raises:
        ParameterError: the seed is no whole number.

    Source:
        K. Karplus and A. Strong, "Digital synthesis of plucked-string and drum timbres"; D. A. Jaffe and
        J. O. Smith, "Extensions of the Karplus-Strong plucked-string algorithm", Computer Music Journal 7(2), 1983.

    >>> guitar(seed=1)
    Signal(2 channels, 5.5 s at 44100 Hz, peak -3.0 dBFS)
    """
    generator = torch.Generator().manual_seed(whole("guitar", "seed", seed))
    pitch = torch.tensor(_PICKED + _STRUMMED, dtype=torch.float64)
    onset = torch.cat(
        (
            0.02 + _EIGHTH * torch.arange(len(_PICKED), dtype=torch.float64),
            0.02 + _EIGHTH * len(_PICKED) + _STRUM * torch.arange(len(_STRUMMED), dtype=torch.float64),
        )
    )
    uneven = torch.rand(2, len(pitch), generator=generator, dtype=torch.float64)
    onset = onset + 0.008 * uneven[0]
    strength = 0.75 + 0.25 * uneven[1]
    strength[::8] = 1.0  # the thumb, on the beat
    strength[len(_PICKED) :] *= 0.8

    notes = plucked(440 * 2 ** ((pitch - 69) / 12), strength, generator)
    angle = math.pi / 4 + 0.6 * ((pitch - 55) / 12).clamp(-1, 1)  # low strings to the left, high to the right
    gains = torch.stack((angle.cos(), angle.sin()))
    dry = torch.zeros(2, round(_DURATION * _RATE), dtype=torch.float64)
    starts = (onset * _RATE).round().long().tolist()
    for number, start in enumerate(starts):
        # The hand stops the strings just before it strums them.
        stop = min(start + _RING, starts[len(_PICKED)] if number < len(_PICKED) else dry.shape[-1])
        note = notes[number, : stop - start].clone()
        note[-_RELEASE:] *= torch.linspace(1, 0, _RELEASE, dtype=torch.float64)
        dry[:, start:stop] += gains[:, number, None] * note
    # The last half second fades, so that the room does not come round to the beginning.
    dry[:, -_RATE // 2 :] *= torch.linspace(1, 0, _RATE // 2, dtype=torch.float64) ** 2
    wet = in_room(dry, generator, sample_rate=_RATE, decay=0.35, wet_db=-14.0)
    wet[:, -2205:] *= torch.linspace(1, 0, 2205, dtype=torch.float64)
    return Signal((wet * (10 ** (-3 / 20) / wet.abs().max())).float(), _RATE)


def plucked(frequency: Tensor, strength: Tensor, generator: torch.Generator) -> Tensor:
    """Return one plucked string a row, about 3 s long, of these frequencies in Hz, plucked with `strength` up to 1.

    The loop is solved in the frequency domain, where it is a division: no samples are walked through. On the unit
    circle what rings past the end would fold back; the circle is a little wider, so that it comes back 120 dB down.
    """
    widen = math.log(1e6) / _RING
    s = torch.complex(
        torch.full((_RING // 2 + 1,), widen, dtype=torch.float64),
        torch.arange(_RING // 2 + 1, dtype=torch.float64) * (2 * math.pi / _RING),
    )
    delayed = torch.exp(-s)  # by one sample
    period = (_RATE / frequency)[:, None]
    # A soft pluck is a dull one.
    softness = 0.985 - 0.055 * strength[:, None]
    burst = torch.fft.rfft(_bursts(period, generator) * strength[:, None], _RING)
    burst = burst * ((1 - softness) / (1 - softness * delayed))
    ring = 4.5 * (110 / frequency[:, None]) ** 0.4  # seconds to fall by 60 dB
    kept = 10 ** (-3 * period / _RATE / ring)
    # A quarter of the loop passes one sample later, which takes the highs; an all-pass fills up the period, so that
    # the string is in tune although a delay is whole.
    steps = (period - 0.35).floor()
    rest = period - 0.25 - steps
    pole = (1 - rest) / (1 + rest)
    loop = kept * torch.exp(-s * steps) * (0.75 + 0.25 * delayed) * (pole + delayed) / (1 + pole * delayed)
    notes: Tensor = torch.fft.irfft(burst * _body(delayed) / (1 - loop), _RING)
    return notes * torch.exp(widen * torch.arange(_RING, dtype=torch.float64))


def _bursts(period: Tensor, generator: torch.Generator) -> Tensor:
    longest = math.ceil(period.max().item())
    time = torch.arange(longest, dtype=torch.float64)
    noise = torch.rand(len(period), longest, generator=generator, dtype=torch.float64) * 2 - 1
    # Where the finger plucks, a quarter along the string, no wave has a node: every fourth harmonic is missing.
    place = (time - (period / 4).round()).remainder(period.round()).long().clamp(max=longest - 1)
    noise = torch.where(time < period.round(), noise - noise.gather(1, place), 0.0)
    return noise / noise.square().sum(-1, keepdim=True).sqrt() * period**0.3  # thick strings move more air


def _body(delayed: Tensor) -> Tensor:
    """Return the response of the wooden box: its air, its top, its back, and a broad rise where the bridge gives."""
    response = torch.ones_like(delayed)
    for frequency, q, gain in _BODY:
        ratio = (1 - delayed) / (1 + delayed) / math.tan(math.pi * frequency / _RATE)
        response = response + gain * (ratio / q) / (1 + ratio / q + ratio**2)
    return response
