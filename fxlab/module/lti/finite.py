"""`Finite`: a filter whose impulse response ends, run by the engine as a convolution."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fxlab.engine import StreamingConvolver, convolve, on_circle
from fxlab.module.checks import stale_state
from fxlab.module.lti.export_taps import written_taps
from fxlab.module.lti.phase import with_limits
from fxlab.module.lti.rational import MOST_ROOTS, Rational
from fxlab.module.lti.recursive import fit
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.design_cache import cached_design
from fxlab.module.stateful import StatefulModule

LONG = 1024
"""Taps from which on a stream convolves in partitions, unless a gradient is asked for."""
DENSE = 32
"""Points for each tap between which the phase of a long filter is followed."""


class Tail(NamedTuple):
    """What a stream remembers: the inputs that still sound, and the convolver that heard them."""

    heard: Tensor
    partitions: StreamingConvolver | None = None


class Finite(StatefulModule, Rational):
    """A filter that is designed as taps; a subclass writes `design(self, sample_rate)`.

    In `design` every parameter reads as a float64 tensor, and what it returns has shape `(..., taps)`, the leading
    dimensions being those of the parameters. The output is causal and as long as the input.

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
        """Return the taps `(..., taps)` for the present values of the parameters."""
        raise NotImplementedError

    def kernel(self, sample_rate: float | None = None) -> Tensor:
        """The taps `(..., taps)`: its whole impulse response."""
        return self._kernel(self._ready(sample_rate))

    def export(self, form: str, sample_rate: float | None = None, *, name: str = "") -> str:
        """The taps as source text for another tool; see `LinearAnalysis.export`."""
        rate = self._ready(sample_rate)
        return written_taps(self._kernel(rate), rate, form, name or self._name().lower(), repr(self))

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """The energy of the taps; see `LinearAnalysis.noise_gain`."""
        return self.kernel(sample_rate).square().sum(-1)

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Filter `x`; see the class."""
        return convolve(x, self._fitted(x, sample_rate))

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter the next block."""
        taps = self._fitted(x, sample_rate)
        past = taps.shape[-1] - 1
        before: Tail = Tail(x.new_zeros(*x.shape[:-1], past)) if state is None else state
        if before.heard.shape[-1] != past:
            change = f"the number of its taps changed from {before.heard.shape[-1] + 1} to {past + 1}"
            raise stale_state(self._name(), change)
        row = torch.cat([before.heard, x], -1)
        heard = row[..., row.shape[-1] - past :]
        asked = torch.is_grad_enabled() and (x.requires_grad or taps.requires_grad)
        if past + 1 < LONG or asked:
            return convolve(row, taps)[..., past:], Tail(heard)
        partitions = before.partitions
        if partitions is None or not torch.equal(partitions.taps, taps):
            partitions = StreamingConvolver(taps)
            if state is not None:
                partitions(before.heard)
        return partitions(x), Tail(heard, partitions)

    # -- within -------------------------------------------------------------------------------------------------

    def _kernel(self, rate: float) -> Tensor:
        return cached_design(self, rate, lambda: self._designed(rate))

    def _fitted(self, x: Tensor, rate: float) -> Tensor:
        """The taps, lined up with the leading dimensions of `x`."""
        return fit(self._kernel(rate), x, own=1)

    def _designed(self, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.design(rate)

    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        taps = self._kernel(rate)
        return taps, torch.ones_like(taps[..., :1])

    def _decay(self, rate: float) -> int:
        return self._kernel(rate).shape[-1]

    def _memory(self, rate: float, left: float) -> int:
        return self._kernel(rate).shape[-1] - 1

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        taps = self._kernel(rate)
        count = taps.shape[-1]
        if count <= MOST_ROOTS:
            return super()._phase(grid, rate)
        # Along a grid so dense that, with the delay of the taps' centre taken off, the phase turns little in a step.
        power = taps.detach().square()
        index = torch.arange(count, dtype=torch.float64, device=taps.device)
        centre = ((power * index).sum(-1, keepdim=True) / power.sum(-1, keepdim=True)).nan_to_num()
        dense = torch.linspace(0, 0.5, DENSE * count + 1, dtype=torch.float64, device=taps.device)
        spectrum = torch.fft.rfft(taps.detach(), 2 * DENSE * count)
        turned = torch.angle(spectrum * torch.polar(torch.ones_like(centre), 2 * math.pi * centre * dense))
        step = torch.diff(turned)
        whole = torch.nn.functional.pad(torch.cumsum(torch.round(step / (2 * math.pi)), -1), (1, 0))
        course = turned - 2 * math.pi * whole - 2 * math.pi * centre * dense

        def exact(at: Tensor, beside: Tensor) -> Tensor:
            """The response gives the digits, the dense course the number of whole turns."""
            angle = torch.angle(on_circle(taps, at / rate))
            near = torch.round(beside.detach() / rate * 2 * DENSE * count).long().clamp(max=DENSE * count)
            rest = course[..., near] - 2 * math.pi * centre * (at.detach() / rate - dense[near])
            return angle + 2 * math.pi * torch.round((rest - angle.detach()) / (2 * math.pi))

        return with_limits(self, exact, exact(grid, grid), grid, rate)
