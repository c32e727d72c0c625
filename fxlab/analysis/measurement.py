"""Sweep measurement of a module: its linear response and each harmonic over frequency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.analysis.distortion import check_level, decibels
from fxlab.analysis.isolated_run import check_module, first_channel_output
from fxlab.analysis.sweep import Sweep
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.signal.samples import is_integer, is_number

_POINTS = 480
_PERIODS = 12.0  # the sweep must stay near the lowest frequency for at least this many of its periods
_TOP = 0.475  # fraction of the sample rate above which the sweep fades out
_TOP_HARMONIC = 0.4  # fraction of the sample rate up to which harmonics are measured


@dataclass(frozen=True, eq=False)
class Measurement:
    """The frequency response and the harmonics of a module at one level, returned by `measure`.

    Those of a nonlinear module depend on the level.
    """

    name: str
    """The module's `repr`."""
    sample_rate: float
    """The sample rate in Hz."""
    level_db: float
    """Peak of the sweep in dBFS."""
    frequencies: Tensor
    """The measured frequencies in Hz, `(points,)`."""
    response: Tensor
    """Linear frequency response: output over input at the same frequency, complex, `(..., points)`."""
    phase: Tensor
    """Unwrapped phase of `response` in radians, `(..., points)`."""
    group_delay: Tensor
    """Group delay of `response` in samples, `(..., points)`."""
    orders: tuple[int, ...]
    """Orders of the harmonics: 2, 3, …"""
    harmonics: Tensor
    """Output at each multiple of the input frequency, relative to the input, complex, `(..., orders, points)`: a sine
    at the input gives a sine with that amplitude and phase. NaN where the multiple is too high to be measured.
    """

    @property
    def magnitude_db(self) -> Tensor:
        """The level of `response` in dB, `(..., points)`."""
        return decibels(self.response.abs().square())

    @property
    def harmonics_db(self) -> Tensor:
        """The level of each harmonic in dB relative to the fundamental of the output, `(..., orders, points)`."""
        return decibels((self.harmonics / self.response[..., None, :]).abs().square())

    @property
    def thd_db(self) -> Tensor:
        """The total level of the harmonics in dB relative to the fundamental of the output, `(..., points)`.

        NaN where no harmonic can be measured.
        """
        power = self.harmonics.abs().square()
        total = decibels(torch.nan_to_num(power).sum(-2) / self.response.abs().square())
        return torch.where(power.isnan().all(-2), torch.nan, total)

    def __repr__(self) -> str:
        low, high = self.frequencies[0].item(), self.frequencies[-1].item()
        orders = f"harmonics 2 to {self.orders[-1]}" if self.orders else "no harmonics"
        return f"Measurement({self.name} at {self.level_db:g} dB: {low:.0f} to {high:.0f} Hz, {orders})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("measurement_bundle")(self, include=include, exclude=exclude)


def shortest_duration(lowest: float, rate: float) -> float:
    """Return the shortest duration in seconds that `measure` allows for a sweep from `lowest` Hz."""
    return _PERIODS / lowest * math.log(2 * rate / lowest)


def measure(
    module: Module,
    sample_rate: float | None = None,
    *,
    level_db: float = -12.0,
    harmonics: int = 5,
    lowest: float = 20.0,
    duration: float = 8.0,
    tail: float | None = None,
) -> Measurement:
    """Measure the frequency response and the harmonics of any module with an exponential sine sweep.

    Deconvolving the response to a sweep separates the harmonics in time: the linear impulse response is at time 0 and
    the impulse response of each harmonic precedes it. The sweep is synchronized, so the phases of the harmonics are
    correct too. The response is measured up to 0.475 of the sample rate, harmonics up to 0.4 of it.

    Harmonics above the order `harmonics` are not measured. If they alias, they appear as a falling sweep, which adds
    ripple to the curves near a third of the sample rate and above; `thd` separates aliases from harmonics. A
    time-variant module, such as a tremolo, has no frequency response; its measurement is an average over time.

    Args:
        module: The module to measure, on its first channel; each example of a batch is measured.
        sample_rate: The sample rate in Hz; by default that of the module.
        level_db: Peak of the sweep in dBFS.
        harmonics: Highest order that is measured; 1 measures no harmonics.
        lowest: Lowest measured frequency in Hz.
        duration: Length of the sweep in seconds; a longer sweep separates the harmonics of a long impulse response.
        tail: Length in seconds of the impulse response that is analyzed; by default 1 s for a module with a frequency
            response, otherwise 0.25 s, since a longer part contains more aliases.

    Raises:
        ParameterError: `module` is not a `Module`, a value is invalid, or the sweep is too short for the lowest
            frequency.
        SignalError: There is no sample rate, or the output is not finite or has another sample rate.
        FxlabError: The output is not audio.

    Source:
        A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique", AES 108th
        Convention, 2000; A. Novak, P. Lotton and L. Simon, "Synchronized swept-sine: theory, application, and
        implementation", J. Audio Eng. Soc. 63, 2015.

    >>> from fxlab.module import wrap
    >>> found = measure(wrap(lambda x: x + 0.5 * x**2), level_db=0.0, sample_rate=8000)
    >>> middle = int((found.frequencies - 500).abs().argmin())
    >>> round(found.harmonics_db[0, middle].item(), 2)  # half of 0.5 is a quarter
    -12.04
    """
    check_module("measure", module)
    rate = module._resolve_rate(sample_rate)
    if tail is None:
        tail = 1.0 if module.has_response else 0.25
    for name, value in (("lowest", lowest), ("duration", duration), ("tail", tail)):
        if not is_number(value) or not 0 < value < math.inf:
            unit = "Hz" if name == "lowest" else "seconds"
            raise ParameterError(f"measure: {name} is {value!r}; it must be a number of {unit} above 0.")
    check_level("measure", level_db)
    if not is_integer(harmonics) or harmonics < 1:
        raise ParameterError(f"measure: harmonics is {harmonics!r}; it must be an integer of at least 1.")
    if lowest * 4 > _TOP * rate:
        raise ParameterError(
            f"measure: lowest is {lowest:g} Hz; at a sample rate of {rate:g} Hz it must be at most "
            f"{_TOP * rate / 4:g} Hz."
        )
    sweep = Sweep.of(
        lowest, _TOP * rate, rate, duration=duration, tail=round(tail * rate), amplitude=10 ** (level_db / 20)
    )
    least = shortest_duration(lowest, rate)
    if duration < least:
        raise ParameterError(
            f"measure: duration is {duration:g} s; a sweep from {lowest:g} Hz needs at least "
            f"{math.ceil(100 * least) / 100:g} s. Raise duration or lowest."
        )
    output = first_channel_output(module, sweep.samples(), rate)
    linear_ir, harmonics_ir = sweep.deconvolved(output)
    bins = _bins(lowest, _TOP * rate, rate, sweep.size)
    spectrum, delay, phase = sweep.linear(linear_ir, bins)
    orders = tuple(range(2, harmonics + 1))
    measured_harmonics = [sweep.harmonic(harmonics_ir, order, bins, _TOP_HARMONIC * rate) for order in orders]
    return Measurement(
        repr(module),
        rate,
        float(level_db),
        bins.double() * (rate / sweep.size),
        spectrum,
        phase,
        delay,
        orders,
        torch.stack(measured_harmonics, -2)
        if measured_harmonics
        else spectrum.new_zeros((*spectrum.shape[:-1], 0, spectrum.shape[-1])),
    )


def _bins(low: float, high: float, rate: float, size: int) -> Tensor:
    """Return the ascending bins of a transform of length `size` nearest to logarithmically spaced frequencies.

    The frequencies range from `low` to `high` in Hz; `rate` is the sample rate in Hz.
    """
    wanted = torch.logspace(math.log10(low), math.log10(high), _POINTS, dtype=torch.float64) * (size / rate)
    least, most = math.ceil(low * size / rate), math.floor(high * size / rate)
    found: Tensor = torch.unique(wanted.round().long().clamp(least, most))
    return found
