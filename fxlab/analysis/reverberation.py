"""Energy decay and reverberation times of impulse responses."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.filters import OctaveBank

DIRECT_SECONDS = 0.0025
"""The duration of the direct sound, in seconds; it is not part of the reverberation."""
START_DB, STOP_DB = -5.0, -35.0
"""The part of the decay, in dB, from which a reverberation time is extrapolated: T30 of ISO 3382-1."""


def after_direct_sound(response: Tensor, sample_rate: float) -> Tensor:
    """Return the part of `response`, `(channels, time)`, after the direct sound.

    The direct sound lasts for `DIRECT_SECONDS`, and at least one sample, from the first sample that is not 0.
    """
    heard = torch.nonzero((response != 0).any(0))
    first = int(heard[0]) if heard.numel() else 0
    return response[..., first + max(1, math.ceil(DIRECT_SECONDS * sample_rate)) :]


def energy_decay_db(response: Tensor) -> Tensor:
    """Return the energy of `response` from each sample to the end, relative to the total energy, in dB.

    The energies of all channels are added. The result is NaN for silence.

    Shape:
        response: `(channels, time)`. Returns `(time,)` in float64.

    Source:
        M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965.

    >>> energy_decay_db(torch.tensor([[3.0, 1.0, 0.0]]))
    tensor([  0., -10., -inf], dtype=torch.float64)
    """
    energy = response.double().square().sum(0).flip(-1).cumsum(-1).flip(-1)
    return 10 * torch.log10(energy / energy[:1])


def decay_line(response: Tensor, sample_rate: float) -> tuple[float, float]:
    """Return the straight line through the energy decay: its slope in dB/s, and its level at the first sample in dB.

    The line is fitted by least squares from −5 to −35 dB. Each sample is weighted by the fall of the level to the next
    sample, so that the line also fits the few steps of an echo. Both results are NaN if the response does not decay
    from −5 to −35 dB in at least two steps.

    Shape:
        response: `(channels, time)`.
    """
    level = energy_decay_db(response)
    first, last = int((level > START_DB).sum()), int((level >= STOP_DB).sum())
    part = level[first:last]
    if len(part) < 2 or not bool(part.isfinite().all()):
        return math.nan, math.nan
    following = level[first + 1 : last + 1]
    fall = (part[: len(following)] - following).clamp(max=-STOP_DB)
    weight, part = fall / fall.sum(), part[: len(following)]
    seconds = torch.arange(first, first + len(part), dtype=torch.float64, device=level.device) / sample_rate
    center, mean = (weight * seconds).sum(), (weight * part).sum()
    spread = (weight * (seconds - center).square()).sum()
    if float(spread) * sample_rate**2 < 1e-6:
        return math.nan, math.nan  # a single step
    slope = (weight * (seconds - center) * (part - mean)).sum() / spread
    return float(slope), float(mean - slope * center)


def reverberation_time(response: Tensor, sample_rate: float) -> float:
    """Return the time in seconds in which the energy of `response` decays by 60 dB (RT60).

    It is extrapolated from the decay from −5 to −35 dB; it is NaN if `decay_line` finds no decay there.

    Shape:
        response: `(channels, time)`.

    Source:
        ISO 3382-1, T30.

    >>> echo = torch.zeros(1, 8000)
    >>> echo[0, ::100] = 0.5 ** torch.arange(80.0)  # 6 dB per 100 samples
    >>> round(reverberation_time(echo, sample_rate=1000), 3)
    0.997
    """
    slope, _ = decay_line(response, sample_rate)
    return -60 / slope if slope < 0 else math.nan


def octave_reverberation_times(response: Tensor, sample_rate: float) -> tuple[list[float], list[float]]:
    """Return the centers of the octave bands in Hz, and the reverberation time of each in seconds.

    The bands are those from 63 Hz to 16 kHz that end below half the sample rate. The time is NaN for a band whose
    energy does not decay from −5 to −35 dB; see `decay_line`.

    Shape:
        response: `(channels, time)`.

    Raises:
        ParameterError: The sample rate is too low for the band at 63 Hz.
    """
    bank = OctaveBank(low=63)
    bands = bank.split(response.double(), sample_rate=sample_rate)
    centers = [float(center) for center in bank.centers(sample_rate)]
    return centers, [reverberation_time(bands[..., band, :], sample_rate) for band in range(len(centers))]
