"""`Recursive`: a filter made of second-order sections, run by the engine."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import frequency_response, group_delay, roots, sosfilt
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.module.checks import stale_state
from fxlab.module.lti.lti import LTI
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.design_cache import cached_design
from fxlab.module.stateful import StatefulModule


class Recursive(StatefulModule, LTI):
    """A filter that is designed as second-order sections; a subclass writes `design(self, sample_rate)`.

    In `design` every parameter reads as a float64 tensor, and what it returns has shape `(..., sections, 6)`, the
    leading dimensions being those of the parameters. It may call any torch function; gradients pass through.

    >>> from fxlab.module.parameters.param import Param
    >>> class Smooth(Recursive):
    ...     pole = Param(0.9, low=0.0, high=0.999, above=-1.0, below=1.0)
    ...     def design(self, sample_rate):
    ...         zero, one = torch.zeros_like(self.pole), torch.ones_like(self.pole)
    ...         return torch.stack([1 - self.pole, zero, zero, one, -self.pole, zero], -1).unsqueeze(-2)
    >>> Smooth(pole=0.5)(torch.ones(1, 3), sample_rate=8000)
    tensor([[0.5000, 0.7500, 0.8750]])
    """

    @abstractmethod
    def design(self, sample_rate: float) -> Tensor:
        """Return the sections `(..., sections, 6)` for the present values of the parameters."""
        raise NotImplementedError

    def _sos(self, rate: float) -> Tensor:
        return cached_design(self, rate, lambda: self._designed(rate))

    def _designed(self, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.design(rate)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        return frequency_response(self._sos(rate), frequencies, rate)

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        return group_delay(self._sos(rate), frequencies, rate)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        zeros, poles = roots(self._sos(rate))
        return present(zeros), present(poles)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter the next block."""
        sos = fit(self._sos(sample_rate), x)
        if state is not None and state.shape[-2] != sos.shape[-2]:
            change = f"the number of its sections changed from {state.shape[-2]} to {sos.shape[-2]}"
            raise stale_state(self._name(), change)
        return sosfilt(x, sos, state)


def present(found: Tensor) -> Tensor:
    """Roots section by section as one list, `(..., n)`, without the places where no example has one."""
    flat = found.flatten(-2)
    absent = flat.detach().isnan().reshape(-1, flat.shape[-1]).all(0)
    return flat[..., ~absent]


def fit(design: Tensor, x: Tensor, own: int = 2) -> Tensor:
    """Line a design `(batch…, *own)`, sections or taps, up with the leading dimensions of `x`, on its device."""
    lead = design.ndim - own
    missing = x.ndim - 1 - lead
    if missing > 0 and lead:
        design = design.reshape(design.shape[:lead] + (1,) * missing + design.shape[lead:])
    return design if design.device == x.device else design.to(x.device)


def idle(device: torch.device | None = None) -> Tensor:
    """One section that does nothing, `(1, 6)`."""
    return torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64, device=device)


def padded(cascades: list[Tensor], lead: tuple[int, ...]) -> Tensor:
    """One cascade for each example, filled up with sections that do nothing, as `(*lead, sections, 6)`."""
    size, unit = max(len(sos) for sos in cascades), idle(cascades[0].device)
    return torch.stack([torch.cat([sos, unit.expand(size - len(sos), 6)]) for sos in cascades]).reshape(*lead, size, 6)


def cascade(parts: list[Tensor]) -> Tensor:
    """One cascade of several, their leading dimensions lined up from the front and broadcast."""
    lead = max(part.ndim - 2 for part in parts)
    device = parts[0].device
    shaped = [
        part.to(device).reshape(part.shape[:-2] + (1,) * (lead - part.ndim + 2) + part.shape[-2:]) for part in parts
    ]
    if lead:
        batch = broadcast_shapes(*(part.shape[:-2] for part in shaped))
        shaped = [part.expand(batch + part.shape[-2:]) for part in shaped]
    return torch.cat(shaped, dim=-2)
