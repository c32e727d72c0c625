"""`Finite`: the base class of filters with a finite impulse response, which the engine runs as a convolution."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import partial
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import convolve, polynomial_response
from fxlab.module.lti.cascades import align_design
from fxlab.module.lti.convolve_block import ConvolutionState, convolve_block
from fxlab.module.lti.crossfade_taps import crossfade_taps
from fxlab.module.lti.export_sections import PROGRAM_FORMATS
from fxlab.module.lti.export_taps import format_taps
from fxlab.module.lti.linear_phase_delay import linear_phase_delay
from fxlab.module.lti.phase import limit_at_zeros
from fxlab.module.lti.rational import MAX_ROOTS, Rational
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.design_cache import cached_design
from fxlab.module.parameters.moving_values import moving_values
from fxlab.module.stateful import StatefulModule

POINTS_PER_TAP = 32
"""Points per tap of the frequency grid on which the phase of a long filter is unwrapped."""


class Finite(StatefulModule, Rational):
    """The base class of filters that are designed as taps; a subclass defines `design(self, sample_rate)`.

    In `design` every continuous parameter is a float64 (or complex128) tensor. The result has shape `(..., taps)`,
    where the leading dimensions are the batch dimensions of the parameters. The output is as long as the input.

    >>> from fxlab.module.parameters.param import Param
    >>> class Echo(Finite):
    ...     level = Param(0.5, low=0.0, high=1.0)
    ...     def design(self, sample_rate):
    ...         one = torch.ones_like(self.level)
    ...         return torch.stack([one, 0 * one, self.level], -1)
    >>> Echo()(torch.tensor([[1.0, 0.0, 0.0, 0.0]]), sample_rate=8000)
    tensor([[1.0000, 0.0000, 0.5000, 0.0000]])
    """

    @abstractmethod
    def design(self, sample_rate: float) -> Tensor:
        """Return the taps `(..., taps)` for the current values of the parameters.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def kernel(self, sample_rate: float | None = None) -> Tensor:
        """Return the taps `(..., taps)`, which are the complete impulse response."""
        return self._taps(self._checked_rate(sample_rate)).clone()

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay in samples: the center of symmetry of symmetric or antisymmetric taps, and 0 for others.

        Zeros at the start and the end of the taps are ignored.

        Raises:
            ParameterError: The examples of a batch have different delays.
            FxlabError: The values of the taps are unknown, as in `torch.compile`, `torch.export` and `torch.vmap`.
        """
        return linear_phase_delay(self._taps(self._checked_rate(sample_rate)), self._name())

    def export(self, format: str, sample_rate: float | None = None, *, name: str = "", channels: int = 2) -> str:
        """Return the taps, or a program, as source code for another tool; see `LinearAnalysis.export`."""
        if format in PROGRAM_FORMATS:
            return super().export(format, sample_rate, name=name, channels=channels)
        rate = self._checked_rate(sample_rate)
        return format_taps(self._taps(rate), rate, format, name or self._name().lower(), repr(self))

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """Return the energy of the taps; see `LinearAnalysis.noise_gain`."""
        return self.kernel(sample_rate).square().sum(-1)

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` convolved with the taps and truncated to the length of `x`."""
        if moving_values(self) is not None:
            return self.forward_block(x, None, sample_rate)[0]
        return convolve(x, self._aligned_taps(x, sample_rate))

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the `ConvolutionState` after it."""
        moving = moving_values(self)
        if moving is not None:
            y, last_inputs = crossfade_taps(
                x,
                None if state is None else state.last_inputs,
                moving,
                lambda values: self._design_at(values, sample_rate),
            )
            return y, ConvolutionState(last_inputs)
        taps = self._aligned_taps(x, sample_rate)
        return convolve_block(x, taps, state, self._name())

    def settled_state(self, x: Tensor, sample_rate: float) -> ConvolutionState:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        return ConvolutionState(x.expand(*x.shape[:-1], self._taps(sample_rate).shape[-1] - 1))

    # -- analysis -----------------------------------------------------------------------------------------------

    def _taps(self, rate: float) -> Tensor:
        return cached_design(self, rate, partial(self._run_design, rate))

    def _run_design(self, rate: float) -> Tensor:
        return self._design_at(broadcast_together(self.values(), self.ranks), rate)

    def _design_at(self, values: dict[str, Tensor], rate: float) -> Tensor:
        """Return the taps `(..., taps)` for these values of the parameters."""
        with use_values(self, values):
            return self.design(rate)

    def _aligned_taps(self, x: Tensor, rate: float) -> Tensor:
        """Return the taps `(..., taps)`, aligned with the leading dimensions of `x`."""
        return align_design(self, self._taps(rate), x, own_dims=1)

    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        taps = self._taps(rate)
        return taps, torch.ones_like(taps[..., :1])

    def _decay_length(self, rate: float) -> int:
        return self._taps(rate).shape[-1]

    def _memory(self, rate: float, tolerance: float) -> int:
        return self._taps(rate).shape[-1] - 1

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        taps = self._taps(rate)
        count = taps.shape[-1]
        if count <= MAX_ROOTS:
            return super()._phase(grid, rate)
        # The roots of a long filter are not computed, so its phase is unwrapped along a grid. With this many points and
        # the delay of the taps' center removed, it usually changes by far less than half a turn between neighbors.
        power = taps.detach().square()
        index = torch.arange(count, dtype=torch.float64, device=taps.device)
        center = ((power * index).sum(-1, keepdim=True) / power.sum(-1, keepdim=True)).nan_to_num()
        last = POINTS_PER_TAP * count
        turns = torch.linspace(0, 0.5, last + 1, dtype=torch.float64, device=taps.device)
        spectrum = torch.fft.rfft(taps.detach(), 2 * last)
        centered = torch.angle(spectrum * torch.polar(torch.ones_like(center), 2 * math.pi * center * turns))
        jumps = torch.round(torch.diff(centered) / (2 * math.pi))
        full_turns = torch.nn.functional.pad(torch.cumsum(jumps, -1), (1, 0))
        unwrapped = centered - 2 * math.pi * full_turns - 2 * math.pi * center * turns

        def phase_at(frequencies: Tensor, nearby: Tensor) -> Tensor:
            """Return the angle of the response plus the full turns of `unwrapped` at the bin nearest to `nearby`."""
            angle = torch.angle(polynomial_response(taps, frequencies / rate))
            nearest = torch.round(nearby.detach() / rate * 2 * last).long().clamp(max=last)
            expected = unwrapped[..., nearest] - 2 * math.pi * center * (frequencies.detach() / rate - turns[nearest])
            return angle + 2 * math.pi * torch.round((expected - angle.detach()) / (2 * math.pi))

        return limit_at_zeros(self, phase_at, phase_at(grid, grid), grid, rate)
