"""Total harmonic distortion, measured with a coherently sampled sine tone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab.analysis.isolated_run import check_module, first_channel_output
from fxlab.errors import ParameterError, SignalError
from fxlab.module import Module
from fxlab.signal.sample_grid import MAX_LEVEL_DB
from fxlab.signal.samples import is_integer, is_number

Level = float | Tensor
"""A number, or a tensor with one number for each example `(batch,)` or channel `(channels,)`."""

NO_COMPONENT = 1e-20
"""The power of a component, relative to the largest one, below which it may consist of rounding errors."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ToneLevels:
    """The base class of measurements of a tone: the levels of its fundamental, harmonics and noise."""

    frequency: float
    """Frequency of the fundamental in Hz."""
    sample_rate: float
    """Sample rate in Hz."""
    fundamental_db: Level
    """Peak of the fundamental in dBFS."""
    orders: tuple[int, ...]
    """Orders of the counted harmonics: the requested ones, from 2 on, whose frequency is below half the sample rate.

    In a `ToneMeasurement`, the complete main lobe around the harmonic must lie below half the sample rate.
    """
    harmonics_db: Tensor
    """Level of each harmonic, `(..., orders)`, in dB relative to the fundamental."""
    thd_db: Level
    """Total level of the harmonics in dB relative to the fundamental."""
    thd_n_db: Level
    """Total level of everything except the fundamental and 0 Hz, in dB relative to the fundamental: harmonics, aliases,
    noise and hum."""

    @property
    def thd_percent(self) -> Level:
        """The total harmonic distortion as an amplitude ratio, in percent."""
        return 100 * 10 ** (self.thd_db / 20)

    @property
    def thd_n_percent(self) -> Level:
        """`thd_n_db` as an amplitude ratio, in percent."""
        return 100 * 10 ** (self.thd_n_db / 20)


@dataclass(frozen=True, eq=False, kw_only=True)
class DistortionMeasurement(ToneLevels):
    """The harmonics and noise that a module adds to a tone; ratios are relative to the fundamental of the output.

    `frequency` is close to the requested frequency and has an integer number of periods in the analyzed part.
    """

    level_db: float
    """Peak of the input tone in dBFS."""

    def __repr__(self) -> str:
        tone = f"{self.frequency:.6g} Hz at {self.level_db:g} dB"
        if isinstance(self.thd_db, Tensor):
            return f"DistortionMeasurement({tone}: a batch of {self.thd_db.numel()})"
        thd = f"THD {self.thd_db:.1f} dB ({self.thd_percent:.3g} %)"
        return f"DistortionMeasurement({tone}: {thd}, THD+N {self.thd_n_db:.1f} dB ({self.thd_n_percent:.3g} %))"


def thd(
    module: Module,
    frequency: float = 1000.0,
    sample_rate: float | None = None,
    *,
    level_db: float = -6.0,
    harmonics: int = 10,
    duration: float = 1.0,
    settle: float = 1.0,
) -> DistortionMeasurement:
    """Measure the harmonic distortion of `module` with a sine tone.

    The analyzed part contains an integer number of periods, so each harmonic falls on one bin and no window is needed.
    The numbers of periods and of samples have no common factor, so aliases of high harmonics fall beside the low
    harmonics and count as noise. The frequency is changed slightly to make this possible: with one second at 48 kHz, by
    up to about 20 ppm for frequencies from 100 Hz on, and by more for lower frequencies or fewer samples.
    `DistortionMeasurement.frequency` is the frequency used. Harmonics above half the sample rate are not counted. The
    measurement runs in float64, if the module accepts it.

    Args:
        module: The module to measure, on its first channel; each example of a batch is measured.
        frequency: Frequency of the tone in Hz.
        sample_rate: The sample rate in Hz; by default that of the module.
        level_db: Peak of the tone in dBFS.
        harmonics: Highest order that is counted, at least 2.
        duration: Length of the analyzed part in seconds.
        settle: Length of the tone before the analyzed part in seconds; it should exceed the module's settling time.

    Raises:
        ParameterError: `module` is not a `Module`, the frequency is not between 0 and half the sample rate, or another
            value is invalid.
        SignalError: There is no sample rate, or the output has no component at that frequency above the rounding errors
            of the others, is not finite, is too short, or has another sample rate.
        FxlabError: The output is not audio.

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
    if not is_integer(harmonics) or harmonics < 2:
        raise ParameterError(f"thd: harmonics is {harmonics!r}; it must be an integer of at least 2.")
    if frequency >= rate / 2:
        raise ParameterError(
            f"thd: frequency is {frequency:g} Hz; at a sample rate of {rate:g} Hz it must be below {rate / 2:g} Hz."
        )
    periods, frames = _coherent_tone(frequency, rate, duration)
    lead = round(settle * rate)
    cycles = torch.remainder(torch.arange(-lead, frames, dtype=torch.int64) * periods, frames).double() / frames
    tone = 10 ** (level_db / 20) * torch.sin(2 * math.pi * cycles)
    output = first_channel_output(module, tone, rate)
    if output.shape[-1] < frames:
        raise SignalError(
            f"thd: {module!r} returned {output.shape[-1]} samples for {len(tone)}; {frames} are needed. Raise settle."
        )
    power = torch.fft.rfft(output[..., -frames:]).abs().square() * (2 / frames) ** 2
    if frames % 2 == 0:
        power[..., -1] /= 2
    fundamental = power[..., periods]
    if not bool((fundamental > NO_COMPONENT * power.amax(-1)).all()):
        raise SignalError(
            f"thd: the output of {module!r} has no component at {frequency:g} Hz; choose a frequency that it passes."
        )
    orders = tuple(order for order in range(2, harmonics + 1) if 2 * order * periods < frames)
    harmonic_power = power[..., [order * periods for order in orders]] / fundamental[..., None]
    rest = torch.cat([power[..., 1:periods], power[..., periods + 1 :]], -1).sum(-1)
    return DistortionMeasurement(
        frequency=periods * rate / frames,
        level_db=float(level_db),
        sample_rate=rate,
        fundamental_db=_scalar(decibels(fundamental)),
        orders=orders,
        harmonics_db=decibels(harmonic_power),
        thd_db=_scalar(decibels(harmonic_power.sum(-1))),
        thd_n_db=_scalar(decibels(rest / fundamental)),
    )


def check_level(caller: str, level_db: Any) -> None:
    """Raise a `ParameterError` that names `caller` unless `level_db` is a finite number of at most `MAX_LEVEL_DB`."""
    if not is_number(level_db) or not math.isfinite(level_db):
        raise ParameterError(f"{caller}: level_db is {level_db!r}; it must be a number of dBFS, such as -6.")
    if level_db > MAX_LEVEL_DB:
        raise ParameterError(f"{caller}: level_db is {level_db:g}; it must be at most {MAX_LEVEL_DB:g} dBFS.")


def decibels(power: Tensor) -> Tensor:
    """Return a power ratio in dB, minus infinity for 0."""
    return 10 * torch.log10(power)


def _coherent_tone(frequency: float, rate: float, duration: float) -> tuple[int, int]:
    """Return coprime numbers of periods and samples for the tone nearest to `frequency` in Hz.

    The largest number of samples is that of `duration` seconds at the sample rate `rate` in Hz, or that of four periods
    if these are longer, and at least 16. Smaller numbers of samples are tried too: more than three quarters of the
    largest number, and less than 2000 below it.
    """
    longest = max(16, round(duration * rate), math.ceil(4 * rate / frequency))
    best, nearest = (1, longest), math.inf
    for frames in range(longest, max(8, longest - min(longest // 4, 2000)), -1):
        periods = max(1, round(frequency * frames / rate))
        error = abs(periods * rate / frames - frequency)
        if error < nearest and 2 * periods < frames and math.gcd(periods, frames) == 1:
            best, nearest = (periods, frames), error
    return best


def _scalar(value: Tensor) -> Level:
    return value.item() if value.ndim == 0 else value
