"""`LinearDefinition`: what a linear time-invariant module defines, for the analysis by `LinearAnalysis`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.engine import settling_time
from fxlab.errors import ParameterError
from fxlab.module.lti.decay import decay_frames
from fxlab.module.lti.frequencies import frequency_grid
from fxlab.module.lti.plotted_parts import PlottedParts
from fxlab.module.module import Module


class LinearDefinition(PlottedParts, Module):
    """The base class of `LinearAnalysis` with the methods that a subclass must define, and those that it may define."""

    is_causal = True
    """Whether the output depends only on current and earlier input samples."""

    # -- what a subclass defines --------------------------------------------------------------------------------

    @abstractmethod
    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        """Return the complex response at frequencies in Hz, `(..., frequencies)`."""

    @abstractmethod
    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        """Return the group delay in samples at frequencies in Hz, `(..., frequencies)`."""

    @abstractmethod
    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        """Return the zeros and the poles in the z plane, each `(..., n)`, with NaN where an example has fewer."""

    @abstractmethod
    def _sos(self, rate: float) -> Tensor:
        """Return second-order sections `(..., sections, 6)`."""

    # -- what it may override -----------------------------------------------------------------------------------

    def _modes(self, rate: float) -> Tensor:
        """Return the poles `(..., n)` that determine the decay, without those of a pass that runs backward."""
        return self._poles(rate)

    def _why_no_response(self) -> str | None:
        """Return the error message that explains why the module has no response, or None if it has one."""
        return None

    def _poles(self, rate: float) -> Tensor:
        return self._roots(rate)[1]

    def _memory(self, rate: float, tolerance: float) -> int | None:
        return settling_time(self._sos(rate), tolerance)

    def _decay_length(self, rate: float) -> int:
        """Return the default length of `impulse_response` in samples: here an estimate of its decay by 80 dB."""
        return decay_frames(self._modes(rate), rate)

    # -- rates, frequencies and the device ----------------------------------------------------------------------

    def _checked_rate(self, sample_rate: float | None) -> float:
        """Return the sample rate in Hz, after a check of the parameters.

        Raises:
            ParameterError: The module has no response, or a parameter is invalid.
            SignalError: There is no sample rate, or it is not a finite number above 0.
        """
        reason = self._why_no_response()
        if reason is not None:
            raise ParameterError(reason)
        rate = self._resolve_rate(sample_rate)
        for module in self._modules_to_check():
            if isinstance(module, Module):
                module.check(rate)
        return rate

    def _modules_to_check(self) -> Iterator[nn.Module]:
        """Return the modules whose parameters determine the response, starting with this module."""
        return self.modules()

    def _frequency_grid(self, frequencies: Any, rate: float) -> tuple[Tensor, bool]:
        """Return the frequencies in Hz as a vector, and whether they were a single number; see `frequency_grid`."""
        return frequency_grid(frequencies, rate, self._device(), self._name())

    def _device(self) -> torch.device:
        return next((value.device for value in (*self.parameters(), *self.buffers())), torch.device("cpu"))
