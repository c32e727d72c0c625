"""`measure_tone`: distortion and noise of a recorded tone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from fxlab.analysis.distortion import Level, ToneLevels, decibels
from fxlab.analysis.signal_argument import check_signal
from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal
from fxlab.signal.samples import is_integer, is_number

SIDELOBES_DB = 170.0
"""Attenuation of the window's side lobes in dB, which limits the leakage of the fundamental into other bins."""
KAISER_BETA = 0.12438 * (SIDELOBES_DB + 6.3)
LOBE = math.ceil(math.hypot(1.0, KAISER_BETA / math.pi))
"""Half the width of the window's main lobe in bins."""
LEAST_PERIODS = 2 * LOBE + 1
"""The minimum number of periods; with fewer, the lobes of 0 Hz, the fundamental and its harmonics overlap."""
DISTINCT = 100.0
"""The minimum power of a tone that is found automatically, relative to the median power of a bin: 20 dB."""
NEWTON_STEPS = 6


@dataclass(frozen=True, eq=False, kw_only=True)
class ToneMeasurement(ToneLevels):
    """The harmonics and the noise of a recorded tone.

    Levels of a Signal of several channels have the shape `(channels,)`, and `harmonics_db` has the shape
    `(channels, orders)`; `frequency` is the same for all channels.
    """

    snr_db: Level
    """Level of the fundamental relative to everything except it, the counted harmonics and 0 Hz, in dB."""

    @property
    def sinad_db(self) -> Level:
        """The level of the fundamental relative to noise and distortion in dB, the negative of `thd_n_db`."""
        return -self.thd_n_db

    def __repr__(self) -> str:
        if isinstance(self.thd_db, Tensor):
            return f"ToneMeasurement({self.frequency:.6g} Hz: {self.thd_db.numel()} channels)"
        return (
            f"ToneMeasurement({self.frequency:.6g} Hz at {self.fundamental_db:.2f} dB: THD {self.thd_db:.1f} dB "
            f"({self.thd_percent:.3g} %), THD+N {self.thd_n_db:.1f} dB, SNR {self.snr_db:.1f} dB)"
        )


def measure_tone(signal: Signal, frequency: float | None = None, *, harmonics: int = 10) -> ToneMeasurement:
    """Measure the distortion and the noise of a recorded tone, such as the output of a device.

    To measure a module, use `thd`. The signal is windowed, so the number of periods need not be an integer. The power
    of a component is summed over the main lobe of the window, so it does not depend on its position between the bins.
    The noise in the main lobes is estimated from the median of the other bins.

    Args:
        signal: At least 17 periods of a steady tone.
        frequency: The frequency of the tone in Hz, with an error of at most 8 / duration; by default that of the
            strongest component.
        harmonics: Highest order that is counted, at least 2; higher harmonics count as noise.

    Raises:
        SignalError: `signal` is not a `Signal`, has a silent or constant channel, is too short, contains no distinct
            tone, or the second harmonic of its tone is not below half the sample rate.
        ParameterError: `frequency` or `harmonics` is invalid.

    Source:
        IEEE Std 1241-2010, "Terminology and test methods for analog-to-digital converters", on SINAD, SNR and THD;
        F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66,
        1978.

    >>> from fxlab.signal import sine
    >>> tone = sine(997.3, duration=1.0, sample_rate=48_000)
    >>> found = measure_tone(Signal(tone.samples.double() + 0.01 * tone.samples.double() ** 2, 48_000))
    >>> round(found.frequency, 3), found.orders[:3]
    (997.3, (2, 3, 4))
    """
    check_signal("measure_tone", signal, ", or use thd for a module")
    _check_arguments(frequency, harmonics, signal.sample_rate)
    rate, time = signal.sample_rate, signal.samples.shape[-1]
    if time < 8 * LOBE:
        raise SignalError(f"measure_tone: {signal!r} has {time} samples; at least {8 * LOBE} are needed.")
    x = signal.samples.detach().to("cpu", torch.float64)
    x = x - x.mean(-1, keepdim=True)
    window = torch.kaiser_window(time, periodic=False, beta=KAISER_BETA, dtype=torch.float64)
    x = x - (x @ window / window.sum())[:, None]
    _check_sound(x, signal)
    power = torch.fft.rfft(x * window).abs().square() * (2 / (time * window.square().sum()))
    if time % 2 == 0:
        power[..., -1] /= 2
    position = _find_fundamental(x * window, power.sum(0), frequency, rate)
    _check_position(position, signal)
    orders = tuple(order for order in range(2, harmonics + 1) if order * position + LOBE <= time / 2)
    return _evaluate(power, position, orders, rate, time)


def _evaluate(power: Tensor, position: float, orders: tuple[int, ...], rate: float, time: int) -> ToneMeasurement:
    """Return the measurement from the power of the bins, `(channels, bins)`.

    Args:
        power: The power of the bins.
        position: The position of the fundamental in bins.
        orders: The orders of the counted harmonics.
        rate: The sample rate in Hz.
        time: The length of the signal in samples.
    """
    bins = torch.arange(power.shape[-1], dtype=torch.float64)
    is_offset, is_fundamental = bins <= LOBE, (bins - position).abs() <= LOBE
    lobes = [(bins - order * position).abs() <= LOBE for order in orders]
    is_harmonic = torch.stack(lobes).any(0)
    is_rest = ~(is_offset | is_fundamental | is_harmonic)
    rest = power[..., is_rest]
    density = rest.median(-1).values / math.log(2)  # the power of noise in a bin is distributed exponentially
    fundamental = power[..., is_fundamental].sum(-1)
    each = torch.stack([power[..., lobe].sum(-1) for lobe in lobes], -1)
    others = rest.sum(-1)
    below_lobes = density * int((is_offset | is_fundamental).sum())
    noise = others + below_lobes + density * int(is_harmonic.sum())
    distortion_and_noise = others + below_lobes + each.sum(-1)
    return ToneMeasurement(
        frequency=position * rate / time,
        sample_rate=rate,
        fundamental_db=_level(decibels(2 * fundamental)),
        orders=orders,
        harmonics_db=decibels(each / fundamental[..., None]).squeeze(0),
        thd_db=_level(decibels(each.sum(-1) / fundamental)),
        thd_n_db=_level(decibels(distortion_and_noise / fundamental)),
        snr_db=_level(decibels(fundamental / noise)),
    )


def _find_fundamental(windowed: Tensor, power: Tensor, frequency: float | None, rate: float) -> float:
    """Return the position of the fundamental in bins, not rounded.

    It is the maximum of the spectrum of all channels together, within `LOBE` bins of `frequency` or, if that is None,
    above the lobe of 0 Hz.

    Args:
        windowed: The windowed samples, `(channels, time)`.
        power: The power of the bins of all channels together, `(bins,)`.
        frequency: The approximate frequency in Hz; None for the strongest component.
        rate: The sample rate in Hz.

    Raises:
        SignalError: `frequency` is None, and no component stands out by 20 dB.
    """
    time = windowed.shape[-1]
    last = len(power) - 1
    low, high = LOBE + 1, last
    if frequency is not None:
        center = frequency * time / rate
        low, high = max(1, math.ceil(center - LOBE)), min(last, math.floor(center + LOBE))
    peak = low + int(power[low : high + 1].argmax())
    if frequency is None and power[peak] < DISTINCT * power[low:].median():
        raise SignalError(
            f"measure_tone: no component stands out by 20 dB; the strongest one is at {peak * rate / time:.6g} Hz. "
            "Give the frequency of the tone, or record it with less noise."
        )
    index = torch.arange(time, dtype=torch.float64) - (time - 1) / 2
    position = float(peak)
    for _ in range(NEWTON_STEPS):
        # The window is symmetric, so the magnitude of the spectrum is greatest exactly at the frequency of a tone.
        turn = torch.polar(torch.ones_like(index), -2 * math.pi / time * position * index)
        value, first, second = ((windowed * index**k * turn).sum(-1) for k in range(3))
        slope = (value.conj() * first).imag.sum()
        curvature = (first.abs().square() - (value.conj() * second).real).sum()
        if not curvature < 0:
            break
        step = float(slope / curvature) * time / (2 * math.pi)
        position = min(max(position - step, peak - 1.0), peak + 1.0)
    return position


# -- checks -----------------------------------------------------------------------------------------------------------


def _check_arguments(frequency: float | None, harmonics: int, rate: float) -> None:
    if not is_integer(harmonics) or harmonics < 2:
        raise ParameterError(f"measure_tone: harmonics is {harmonics!r}; it must be an integer of at least 2.")
    if frequency is None:
        return
    if not is_number(frequency) or not 0 < frequency < rate / 2:
        raise ParameterError(
            f"measure_tone: frequency is {frequency!r}; it must be a number of Hz above 0 and below half the sample "
            f"rate ({rate / 2:g} Hz), or None for the strongest component."
        )


def _check_sound(x: Tensor, signal: Signal) -> None:
    """Raise a `SignalError` that names the channel if a channel is constant, apart from rounding."""
    size = signal.samples.detach().abs().amax(-1).to("cpu", torch.float64)
    silent = (x.abs().amax(-1) <= 1e-12 * size).nonzero().flatten().tolist()
    if silent:
        which = f"channel {silent[0]} of {signal!r}" if signal.channels > 1 else repr(signal)
        raise SignalError(f"measure_tone: {which} is silent, so it has no fundamental; record a tone.")


def _check_position(position: float, signal: Signal) -> None:
    rate, time = signal.sample_rate, signal.samples.shape[-1]
    hertz = position * rate / time
    if position < LEAST_PERIODS:
        raise SignalError(
            f"measure_tone: {signal!r} contains {position:.3g} periods of {hertz:.6g} Hz; at least {LEAST_PERIODS} are "
            f"needed, {LEAST_PERIODS / hertz:.3g} s."
        )
    if 2 * position + LOBE > time / 2:
        raise SignalError(
            f"measure_tone: the fundamental is {hertz:.6g} Hz, and its second harmonic is not below half the sample "
            f"rate ({rate / 2:g} Hz), so there is no harmonic to measure. Record at a higher sample rate, or give the "
            "frequency of a lower tone."
        )


def _level(value: Tensor) -> Level:
    return value.item() if value.numel() == 1 else value
