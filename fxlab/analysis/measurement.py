"""What a module does to a sweep: its linear response, and each harmonic that it adds, over frequency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.analysis.distortion import check_level, decibels
from fxlab.analysis.isolated_run import answer, check_module
from fxlab.analysis.sweep import Sweep
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.signal.samples import is_number

_POINTS = 480
_PERIODS = 12.0  # of the lowest frequency, for which a sweep stays about it
_TOP = 0.475  # of the sample rate: above it the sweep fades out
_TOP_HARMONIC = 0.4


@dataclass(frozen=True, eq=False)
class Measurement:
    """A module's behaviour at one level, by `measure`; what it would be at another level need not be the same."""

    name: str
    """How the module was written."""
    sample_rate: float
    level_db: float
    """The peak of the sweep in dBFS."""
    frequencies: Tensor
    """In Hz, `(points,)`."""
    response: Tensor
    """What comes out at the frequency that goes in, complex, `(..., points)`."""
    phase: Tensor
    """That of `response` in radians, without jumps, `(..., points)`."""
    group_delay: Tensor
    """In samples, `(..., points)`."""
    orders: tuple[int, ...]
    """Of the harmonics: 2, 3, …"""
    harmonics: Tensor
    """What comes out at each multiple of the frequency that goes in, relative to what goes in, complex, `(..., orders,
    points)`: for a sine a sine with that amplitude and phase. NaN where the multiple lies beyond what can be measured.
    """

    @property
    def magnitude_db(self) -> Tensor:
        """The level of `response` in dB."""
        return decibels(self.response.abs().square())

    @property
    def harmonics_db(self) -> Tensor:
        """Each harmonic relative to the fundamental that comes out, in dB, `(..., orders, points)`."""
        return decibels((self.harmonics / self.response[..., None, :]).abs().square())

    @property
    def thd_db(self) -> Tensor:
        """The harmonics together, relative to the fundamental that comes out, `(..., points)`; NaN beyond them."""
        power = self.harmonics.abs().square()
        total = decibels(torch.nan_to_num(power).sum(-2) / self.response.abs().square())
        return torch.where(power.isnan().all(-2), torch.nan, total)

    def __repr__(self) -> str:
        low, high = self.frequencies[0].item(), self.frequencies[-1].item()
        orders = f"harmonics 2 to {self.orders[-1]}" if self.orders else "no harmonics"
        return f"Measurement({self.name} at {self.level_db:g} dB: {low:.0f} to {high:.0f} Hz, {orders})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("measurement_bundle")(self, include=include, exclude=exclude)


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
    """Measure any module, linear or not, with an exponential sine sweep.

    In the response to a sweep the harmonics lie apart in time: its deconvolution has the impulse response at 0, and
    that of each harmonic before it. The sweep is a synchronised one, so that their phases are right too. The
    response is measured up to 0.475 of the sample rate, harmonics where they lie below 0.4 of it.

    A harmonic beyond that is not counted. Where the module lets it alias, it comes back as a falling sweep, which
    roughens the curves near a third of the sample rate and above; `thd` tells aliases apart. What varies with time by
    itself, as a tremolo does, has no response, and what is measured is a mean.

    Args:
        module: What is measured: its first channel; of a batch each example.
        sample_rate: In Hz; left out, the module's own.
        level_db: The peak of the sweep in dBFS.
        harmonics: The highest order.
        lowest: The frequency in Hz from which on is measured.
        duration: Of the sweep, in seconds; a longer one keeps the harmonics of a long response apart.
        tail: How much of the impulse response is kept, in seconds: a second of a linear module, else a quarter, since a
            longer part holds more of the aliases.

    Raises:
        ParameterError: A value that cannot be.
        SignalError: What comes out is not finite.

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
    if isinstance(harmonics, bool) or not isinstance(harmonics, int) or harmonics < 1:
        raise ParameterError(f"measure: harmonics is {harmonics!r}; it must be a whole number of at least 1.")
    if lowest * 4 > _TOP * rate:
        raise ParameterError(
            f"measure: lowest is {lowest:g} Hz; at a sample rate of {rate:g} Hz it must be at most "
            f"{_TOP * rate / 4:g} Hz."
        )
    sweep = Sweep.of(
        lowest, _TOP * rate, rate, duration=duration, tail=round(tail * rate), amplitude=10 ** (level_db / 20)
    )
    least = _PERIODS / lowest * math.log(2 * rate / lowest)
    if duration < least:
        raise ParameterError(
            f"measure: duration is {duration:g} s; a sweep from {lowest:g} Hz takes at least {least:.2g} s. Make it "
            "longer, or raise lowest."
        )
    heard = answer(module, sweep.samples(), rate)
    linear, apart = sweep.deconvolved(heard)
    bins = _bins(lowest, _TOP * rate, rate, sweep.size)
    spectrum, delay, angle = sweep.linear(linear, bins)
    orders = tuple(range(2, harmonics + 1))
    added = [sweep.harmonic(apart, order, bins, _TOP_HARMONIC * rate) for order in orders]
    return Measurement(
        repr(module),
        rate,
        float(level_db),
        bins.double() * (rate / sweep.size),
        spectrum,
        angle,
        delay,
        orders,
        torch.stack(added, -2) if added else spectrum.new_zeros((*spectrum.shape[:-1], 0, spectrum.shape[-1])),
    )


def _bins(low: float, high: float, rate: float, size: int) -> Tensor:
    """The bins of a transform of `size` nearest to frequencies evenly spaced by ear."""
    wanted = torch.logspace(math.log10(low), math.log10(high), _POINTS, dtype=torch.float64) * (size / rate)
    least, most = math.ceil(low * size / rate), math.floor(high * size / rate)
    found: Tensor = torch.unique(wanted.round().long().clamp(least, most))
    return found
