"""`LTISum`: what is the sum of cascades, and what follows from that."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.module.lti.linear_analysis import LinearAnalysis
from fxlab.module.lti.parallel_zeros import Branch, polished, sections, transmission_zeros
from fxlab.module.lti.recursive import padded

# In turns: at a zero of the response, where the phase has no slope, the delay is that of this far away.
_NUDGE = 1e-8


class LTISum(LinearAnalysis):
    """A weighted sum of cascades: a subclass says what its response is, and which cascades add up.

    Its delay is the derivative of the response, its zeros are found from the cascades; its sections carry no gradient.
    """

    @abstractmethod
    def _examples(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        """The batch's shape, and for each example `(weight, sections)` of every branch with the poles of all."""

    def _shared_zeros(self, rate: float) -> Tensor:
        """Zeros that every branch has, and that `_examples` leaves out of the sections."""
        return torch.zeros(0, dtype=torch.complex128, device=self._device())

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        silent = self._response(frequencies.detach(), rate) == 0
        delay = self._delay(frequencies, rate)
        if bool(silent.any()):
            delay = torch.where(silent, self._delay(frequencies + _NUDGE * rate, rate), delay)
        return delay

    def _delay(self, frequencies: Tensor, rate: float) -> Tensor:
        # -d(phase)/d(omega) = -Im(H'/H), with H' by differentiation and so exact. It is forward mode made of two passes
        # backward: torch's own loads sympy at its first use, which takes seconds.
        wanted = [frequencies, *self.parameters(), *self.buffers()]
        keep = torch.is_grad_enabled() and any(value.requires_grad for value in wanted)
        with torch.enable_grad():
            f = frequencies if frequencies.requires_grad else frequencies.detach().requires_grad_()
            parts = torch.view_as_real(self._response(f, rate))
            slope = torch.zeros_like(parts)
            if parts.requires_grad:
                dual = torch.zeros_like(parts, requires_grad=True)
                (back,) = torch.autograd.grad(parts, f, dual, create_graph=True, allow_unused=True)
                if back is not None:
                    per_radian = torch.full_like(f, rate / (2 * math.pi))
                    (slope,) = torch.autograd.grad(back, dual, per_radian, create_graph=keep)
        response, change = (torch.view_as_complex(part.contiguous()) for part in (parts, slope))
        delay = -(change / torch.where(response == 0, torch.ones_like(response), response)).imag
        return delay if keep else delay.detach()

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        # Adding moves the zeros alone: the poles are those of the branches.
        batch, examples = self._examples(rate)
        found = [self._factored(branches, poles, rate)[0] for branches, poles in examples]
        size = max(zeros.numel() for zeros in found)
        rows = [torch.nn.functional.pad(zeros, (0, size - zeros.numel()), value=torch.nan) for zeros in found]
        poles = torch.stack([poles for _, poles in examples])
        return torch.stack(rows).reshape(*batch, size), poles.reshape(*batch, poles.shape[-1])

    def _factored(self, branches: list[Branch], poles: Tensor, rate: float) -> tuple[Tensor, Tensor, int]:
        """See `transmission_zeros`; with the zeros that the branches share."""
        shared = self._shared_zeros(rate)
        zeros, gain, delay = transmission_zeros(branches, poles, len(shared))
        return (torch.cat([polished(branches, zeros), shared]) if len(shared) else zeros), gain, delay

    def _sos(self, rate: float) -> Tensor:
        batch, examples = self._examples(rate)
        found = [sections(*self._factored(branches, poles, rate), poles) for branches, poles in examples]
        return padded(found, batch).to(examples[0][1].device)
