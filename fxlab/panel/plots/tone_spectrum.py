"""`tone_spectrum`: the harmonics that a module adds to a tone, and their aliases."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.analysis.isolated_run import first_channel_output
from fxlab.module import Module
from fxlab.panel.plots.measure_module import check_cost

FREQUENCY = 1000.0  # Hz: the approximate frequency of the tone
LENGTH = 1 << 14  # samples that are analyzed, after as many in which the output settles
ORDERS = 400  # the highest order; at 44.1 kHz its alias has been reflected 18 times


class ToneSpectrum(NamedTuple):
    """The levels of a module's output for a tone, in dB relative to the tone at the input."""

    frequency: float
    """The frequency of the tone in Hz."""
    harmonics: tuple[Tensor, Tensor]
    """Frequencies in Hz, and levels, of the tone and its harmonics below half the sample rate, up to order `ORDERS`."""
    aliases: tuple[Tensor, Tensor]
    """Frequencies in Hz, in ascending order, and levels, of the aliases of the other harmonics up to that order."""


def tone_spectrum(module: Module, rate: float, level_db: float) -> ToneSpectrum:
    """Return the levels in the output of `module` for a tone of about 1 kHz whose peak is `level_db` dBFS.

    `rate` is the sample rate in Hz; below 16 kHz, the frequency of the tone is about a sixteenth of it. The analyzed
    part, whose length is a power of two, contains an odd number of periods of the tone, so that no alias has the
    frequency of a harmonic or of an alias of another order.

    Raises:
        FxlabError: The measurement would take too long, or the output is not audio or not finite.
    """
    check_cost(module, rate, 2 * LENGTH / rate)
    periods = 2 * round((min(FREQUENCY, rate / 16) * LENGTH / rate - 1) / 2) + 1
    phase = periods * torch.arange(2 * LENGTH, dtype=torch.float64) / LENGTH
    amplitude = 10 ** (level_db / 20)
    y = first_channel_output(module, amplitude * torch.sin(2 * torch.pi * phase), rate).reshape(-1, 2 * LENGTH)[0]
    spectrum = torch.fft.rfft(y[LENGTH:]).abs() * (2 / LENGTH / amplitude)
    order = torch.arange(1, ORDERS + 1)
    place = order * periods % LENGTH
    place = torch.minimum(place, LENGTH - place)
    level = 20 * spectrum[place].clamp(min=1e-10).log10()
    frequency = place.double() * (rate / LENGTH)
    is_harmonic = order * periods < LENGTH / 2
    by_frequency = torch.argsort(frequency[~is_harmonic])
    aliases = (frequency[~is_harmonic][by_frequency], level[~is_harmonic][by_frequency])
    return ToneSpectrum(periods * rate / LENGTH, (frequency[is_harmonic], level[is_harmonic]), aliases)
