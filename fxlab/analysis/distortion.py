"""Total harmonic distortion, from a tone of whole periods."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab.analysis.isolated_run import answer, check_module
from fxlab.errors import ParameterError, SignalError
from fxlab.module import Module
from fxlab.signal.samples import is_number

Level = float | Tensor
"""A number; of a batch a tensor `(batch,)`."""


@dataclass(frozen=True, eq=False)
class Distortion:
    """What a module adds to a tone. Ratios are to the fundamental that comes out."""

    frequency: float
    """Of the tone, in Hz: the nearest one of which whole periods fit."""
    level_db: float
    """Of the tone, its peak in dBFS."""
    sample_rate: float
    fundamental_db: Level
    """The level at which the tone comes out, its peak in dBFS."""
    orders: tuple[int, ...]
    """Those of the harmonics that were counted: all asked for below half the sample rate."""
    harmonics_db: Tensor
    """The level of each, `(..., orders)`, in dB relative to the fundamental."""
    thd_db: Level
    """The harmonics together, relative to the fundamental."""
    thd_n_db: Level
    """All that is neither the tone nor 0 Hz, relative to the fundamental: harmonics, aliases, noise, hum."""

    @property
    def thd_percent(self) -> Level:
        """`thd_db` as an amplitude in percent."""
        return 100 * 10 ** (self.thd_db / 20)

    @property
    def thd_n_percent(self) -> Level:
        """`thd_n_db` as an amplitude in percent."""
        return 100 * 10 ** (self.thd_n_db / 20)

    def __repr__(self) -> str:
        tone = f"{self.frequency:.6g} Hz at {self.level_db:g} dB"
        if isinstance(self.thd_db, Tensor):
            return f"Distortion({tone}: a batch of {self.thd_db.numel()})"
        thd = f"THD {self.thd_db:.1f} dB ({self.thd_percent:.3g} %)"
        return f"Distortion({tone}: {thd}, THD+N {self.thd_n_db:.1f} dB ({self.thd_n_percent:.3g} %))"


def thd(
    module: Module,
    frequency: float = 1000.0,
    sample_rate: float | None = None,
    *,
    level_db: float = -6.0,
    harmonics: int = 10,
    duration: float = 1.0,
    settle: float = 1.0,
) -> Distortion:
    """Measure the harmonic distortion of `module` with a sine tone.

    The tone has whole periods in what is analysed, so each harmonic falls on one bin and no window is needed; and the
    numbers of periods and of samples have no common factor, so that aliases of high harmonics fall beside the low ones
    and count as noise. For that its frequency moves by some millionths. Harmonics above half the sample rate are not
    counted. It is computed in float64.

    Args:
        module: What is measured: its first channel; of a batch each example.
        frequency: In Hz.
        sample_rate: In Hz; left out, the module's own.
        level_db: The peak of the tone in dBFS.
        harmonics: The highest order that is counted.
        duration: How long the analysed part is, in seconds.
        settle: How long the tone sounds before, in seconds; as long as the module takes to swing in.

    Raises:
        ParameterError: A frequency not between 0 and half the sample rate, or another value that cannot be.
        SignalError: Nothing comes out at that frequency, or what is not finite.

    Source:
        IEEE Std 1057-2017, "Digitizing waveform recorders", 4.1.5, coherent sampling.

    >>> from fxlab.module import wrap
    >>> squared = wrap(lambda x: x + 0.1 * x**2)
    >>> round(thd(squared, level_db=0.0, sample_rate=48_000).thd_percent, 6)  # half of 0.1
    5.0
    """
    check_module("thd", module)
    rate = module._resolve_rate(sample_rate)
    positive = {"frequency": (frequency, "Hz"), "duration": (duration, "seconds")}
    for name, (value, unit) in positive.items():
        if not is_number(value) or not 0 < value < math.inf:
            raise ParameterError(f"thd: {name} is {value!r}; it must be a number of {unit} above 0.")
    if not is_number(settle) or not 0 <= settle < math.inf:
        raise ParameterError(f"thd: settle is {settle!r}; it must be a number of seconds, 0 or more.")
    check_level("thd", level_db)
    if isinstance(harmonics, bool) or not isinstance(harmonics, int) or harmonics < 2:
        raise ParameterError(f"thd: harmonics is {harmonics!r}; it must be a whole number of at least 2.")
    if frequency >= rate / 2:
        raise ParameterError(
            f"thd: frequency is {frequency:g} Hz; at a sample rate of {rate:g} Hz it must be below {rate / 2:g} Hz."
        )
    periods, frames = _coherent(frequency, rate, duration)
    lead = round(settle * rate)
    turns = torch.remainder(torch.arange(-lead, frames, dtype=torch.int64) * periods, frames).double() / frames
    tone = 10 ** (level_db / 20) * torch.sin(2 * math.pi * turns)
    heard = answer(module, tone, rate)
    if heard.shape[-1] < frames:
        raise SignalError(
            f"thd: {module!r} gave {heard.shape[-1]} samples for {len(tone)}; {frames} are needed. Raise settle."
        )
    power = torch.fft.rfft(heard[..., -frames:]).abs().square() * (2 / frames) ** 2
    if frames % 2 == 0:
        power[..., -1] /= 2
    first = power[..., periods]
    if not bool((first > 0).all()):
        raise SignalError(
            f"thd: at {frequency:g} Hz nothing comes out of {module!r}; choose a frequency that it passes."
        )
    orders = tuple(order for order in range(2, harmonics + 1) if 2 * order * periods < frames)
    of_orders = power[..., [order * periods for order in orders]] / first[..., None]
    rest = torch.cat([power[..., 1:periods], power[..., periods + 1 :]], -1).sum(-1)
    return Distortion(
        periods * rate / frames,
        float(level_db),
        rate,
        _plain(decibels(first)),
        orders,
        decibels(of_orders),
        _plain(decibels(of_orders.sum(-1))),
        _plain(decibels(rest / first)),
    )


def check_level(caller: str, level_db: Any) -> None:
    """Raise a `ParameterError` unless it is a finite number."""
    if not is_number(level_db) or not math.isfinite(level_db):
        raise ParameterError(f"{caller}: level_db is {level_db!r}; it must be a number of dBFS, such as -6.")


def decibels(power: Tensor) -> Tensor:
    """Ten times the logarithm; minus infinity for nothing."""
    return 10 * torch.log10(power)


def _coherent(frequency: float, rate: float, duration: float) -> tuple[int, int]:
    """Whole numbers of periods and of samples without a common factor, for the tone nearest to `frequency`."""
    longest = max(16, round(duration * rate), math.ceil(4 * rate / frequency))
    best, nearest = (1, longest), math.inf
    for frames in range(longest, max(8, longest - min(longest // 4, 2000)), -1):
        periods = max(1, round(frequency * frames / rate))
        away = abs(periods * rate / frames - frequency)
        if away < nearest and 2 * periods < frames and math.gcd(periods, frames) == 1:
            best, nearest = (periods, frames), away
    return best


def _plain(value: Tensor) -> Level:
    return value.item() if value.ndim == 0 else value
