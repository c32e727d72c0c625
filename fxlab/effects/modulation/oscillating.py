"""`Oscillating`: the base class of effects that an oscillator modulates."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from fxlab.module import StatefulModule
from fxlab.module.checked_values import checked_values
from fxlab.module.parameters.active_values import use_values


class Modulated(NamedTuple):
    """The name and the unit of the quantity that an oscillator modulates, for the label of an axis."""

    label: str
    unit: str = ""


class Oscillating(StatefulModule):
    """An effect with an oscillator of its own, which moves a delay, a frequency or a gain.

    A subclass names the modulated quantity in `modulated`, and defines `modulation`, which returns its value at any
    phase. The panel draws this value over one cycle, and the phase of each channel while the sound plays.
    """

    modulated: ClassVar[Modulated]
    rate_parameter: ClassVar[str] = "rate_hz"
    """The name of the parameter that sets the frequency of the oscillator."""

    @abstractmethod
    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the value of the modulated quantity at `phase` in cycles; parameters broadcast against `phase`."""

    def modulation_at(self, phase: Tensor, sample_rate: float | None = None) -> Tensor:
        """Return the value of the modulated quantity at `phase` in cycles, in the unit of `modulated`.

        Shape:
            phase: `(n,)`. Returns `(n,)`.

        Raises:
            ParameterError: A value is invalid.
            SignalError: There is no sample rate.

        >>> from fxlab.effects import Tremolo
        >>> Tremolo(depth=1.0).modulation_at(torch.tensor([0.0, 0.25, 0.5]), sample_rate=8000).round(decimals=3)
        tensor([1.0000, 0.5000, 0.0000])
        """
        rate = self._resolve_rate(sample_rate)
        with use_values(self, checked_values(self, phase, rate)):
            return self.modulation(phase, rate).expand(phase.shape)

    def phase_offsets(self, channels: int) -> Tensor:
        """Return the phase, in cycles, by which each channel is ahead of the first one, `(channels,)`.

        Without `stereo_phase`, or if it is 0, all channels share one oscillator, and the result is `(1,)`. Of
        several values of `stereo_phase`, the first one counts.
        """
        degrees: Any = getattr(self, "stereo_phase", 0.0)
        step = float(torch.as_tensor(degrees).flatten()[0]) / 360
        return torch.arange(channels if step else 1, dtype=torch.float64) * step
