"""A plucked guitar, synthesized from noise bursts and delay lines with feedback (Karplus-Strong)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.signal.examples.room import add_room
from fxlab.signal.samples import check_seed, peak
from fxlab.signal.signal import Signal

_RATE = 44_100
_DURATION = 5.5
_EIGHTH = 0.2  # seconds
# MIDI pitches: A minor, F major seventh with an ascending bass, and C with a ninth, strummed.
_PICKED = (45, 52, 57, 60, 64, 60, 57, 52, 41, 48, 57, 64, 60, 57, 43, 47)
_STRUMMED = (48, 52, 55, 62, 64, 67)
_STRUM = 0.028  # seconds between two strings of the strummed chord
_NOTE = 2**17  # samples of one note, about 3 s
_RELEASE = 2205  # samples over which a note is faded out
_BODY = ((102.0, 9.0, 1.6), (204.0, 11.0, 1.4), (395.0, 9.0, 0.8), (2600.0, 1.0, 0.5))  # Hz, q, gain


def guitar(seed: int = 0) -> Signal:
    """Return a phrase on a steel-string guitar, two bars of arpeggio and a chord.

    The sound is stereo, sampled at 44.1 kHz and 5.5 s long. Each string is a noise burst, one period long, in a
    feedback loop with a delay of one period. Each pass attenuates it a little, high frequencies more than low ones. The
    seed determines the noise and the variation of the timing and strength.

    Raises:
        ParameterError: The seed is not an integer from -2^63 to 2^64 - 1.

    Source:
        K. Karplus and A. Strong, "Digital synthesis of plucked-string and drum timbres"; D. A. Jaffe and
        J. O. Smith, "Extensions of the Karplus-Strong plucked-string algorithm", Computer Music Journal 7(2), 1983.

    >>> guitar(seed=1)
    Signal(2 channels, 5.5 s at 44100 Hz, peak -3.0 dBFS)
    """
    generator = torch.Generator().manual_seed(check_seed("guitar", seed))
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
    strength[::8] = 1.0  # the accented bass notes
    strength[len(_PICKED) :] *= 0.8

    notes = pluck_strings(440 * 2 ** ((pitch - 69) / 12), strength, generator)
    angle = math.pi / 4 + 0.6 * ((pitch - 55) / 12).clamp(-1, 1)  # low strings to the left, high to the right
    gains = torch.stack((angle.cos(), angle.sin()))
    dry = torch.zeros(2, round(_DURATION * _RATE), dtype=torch.float64)
    starts = (onset * _RATE).round().long().tolist()
    for number, start in enumerate(starts):
        # The picked strings are damped when the strummed chord begins.
        stop = min(start + _NOTE, starts[len(_PICKED)] if number < len(_PICKED) else dry.shape[-1])
        note = notes[number, : stop - start].clone()
        note[-_RELEASE:] *= torch.linspace(1, 0, _RELEASE, dtype=torch.float64)
        dry[:, start:stop] += gains[:, number, None] * note
    # The last half second is faded out, because the reverberation is circular and would reach the beginning.
    dry[:, -_RATE // 2 :] *= torch.linspace(1, 0, _RATE // 2, dtype=torch.float64) ** 2
    wet = add_room(dry, generator, sample_rate=_RATE, decay=0.35, wet_db=-14.0)
    wet[:, -2205:] *= torch.linspace(1, 0, 2205, dtype=torch.float64)
    return Signal((wet * (10 ** (-3 / 20) / peak(wet))).float(), _RATE)


def pluck_strings(frequency: Tensor, strength: Tensor, generator: torch.Generator) -> Tensor:
    """Return the sound of plucked strings with the given frequencies in Hz, about 3 s long, in float64.

    `strength` is the strength of each pluck, up to 1; `generator` generates the noise bursts.

    Shape:
        `frequency` and `strength`: `(strings,)`. Returns `(strings, time)`.
    """
    # The feedback loop is solved in the frequency domain, where it is a division, instead of sample by sample. On the
    # unit circle, sound past the end would alias to the beginning; the response is therefore evaluated on a slightly
    # larger circle, where the alias is 120 dB lower.
    widen = math.log(1e6) / _NOTE
    s = torch.complex(
        torch.full((_NOTE // 2 + 1,), widen, dtype=torch.float64),
        torch.arange(_NOTE // 2 + 1, dtype=torch.float64) * (2 * math.pi / _NOTE),
    )
    unit_delay = torch.exp(-s)  # z^-1, a delay of one sample
    period = (_RATE / frequency)[:, None]
    # A soft pluck has less energy at high frequencies.
    softness = 0.985 - 0.055 * strength[:, None]
    burst = torch.fft.rfft(_noise_bursts(period, generator) * strength[:, None], _NOTE)
    burst = burst * ((1 - softness) / (1 - softness * unit_delay))
    decay = 4.5 * (110 / frequency[:, None]) ** 0.4  # seconds to decay by 60 dB
    gain = 10 ** (-3 * period / _RATE / decay)
    # A quarter of the loop signal is delayed by one more sample, which attenuates high frequencies. An all-pass adds
    # the fractional part of the period, so that the string is in tune although the delay line has an integer length.
    steps = (period - 0.35).floor()
    fraction = period - 0.25 - steps
    pole = (1 - fraction) / (1 + fraction)
    loop = gain * torch.exp(-s * steps) * (0.75 + 0.25 * unit_delay) * (pole + unit_delay) / (1 + pole * unit_delay)
    notes: Tensor = torch.fft.irfft(burst * _body(unit_delay) / (1 - loop), _NOTE)
    return notes * torch.exp(widen * torch.arange(_NOTE, dtype=torch.float64))


def _noise_bursts(period: Tensor, generator: torch.Generator) -> Tensor:
    longest = math.ceil(period.max().item())
    time = torch.arange(longest, dtype=torch.float64)
    noise = torch.rand(len(period), longest, generator=generator, dtype=torch.float64) * 2 - 1
    # A string plucked at a quarter of its length lacks every fourth harmonic, which has a node there.
    source = (time - (period / 4).round()).remainder(period.round()).long().clamp(max=longest - 1)
    noise = torch.where(time < period.round(), noise - noise.gather(1, source), 0.0)
    return noise / noise.square().sum(-1, keepdim=True).sqrt() * period**0.3  # low strings are louder


def _body(unit_delay: Tensor) -> Tensor:
    """Return the complex response of the guitar body for the values `unit_delay` of z^-1.

    It has resonances of the air, the top and the back, and one of the bridge.
    """
    response = torch.ones_like(unit_delay)
    for frequency, q, gain in _BODY:
        ratio = (1 - unit_delay) / (1 + unit_delay) / math.tan(math.pi * frequency / _RATE)
        response = response + gain * (ratio / q) / (1 + ratio / q + ratio**2)
    return response
