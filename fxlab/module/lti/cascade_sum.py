"""`CascadeSum`: the delay, zeros and sections of a weighted sum of cascades."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.lti.conditioning import warn_of_inaccurate_roots
from fxlab.module.lti.linear_analysis import LinearAnalysis
from fxlab.module.lti.simultaneous_zeros import simultaneous_zeros
from fxlab.module.lti.sum_zeros import Branch, sections_from_roots, transmission_zeros

_OFFSET = 1e-6
"""The distance from a zero of the response at which the delay is evaluated, as a fraction of the sample rate."""
_RELATIVE_SILENCE = 1e-5
"""A response below this fraction of the responses on both sides is the rounding error of a zero on the unit circle."""


class CascadeSum(LinearAnalysis):
    """The base class of weighted sums of cascades; a subclass defines the response and the cascades of the sum.

    The group delay is computed from the derivative of the response; at a zero of the response it is the mean of the
    delays just below and just above the zero. The sections carry no gradient.
    """

    def sos(self, sample_rate: float | None = None, *, pairing: str = "fxlab") -> Tensor:
        """Return second-order sections made from the poles of the parts and the zeros of the sum.

        A `BadCoefficientsWarning` is issued if their response differs by more than 0.1 dB from that of the sum, at a
        frequency at which the sum is at most 40 dB below its maximum. See `LinearAnalysis.sos`.
        """
        rate = self._checked_rate(sample_rate)
        sections = super().sos(rate, pairing=pairing)
        warn_of_inaccurate_roots(self, sections, rate, "zeros of a sum")
        return sections

    @abstractmethod
    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        """Return the shape of the batch, and for each example the branches of the sum and the poles of all branches."""

    def _shared_zeros(self, rate: float) -> Tensor:
        """Return the zeros that all branches have in common and that `_branches_by_example` leaves out.

        By default there are none. If there are any, the branches must have no other zeros, and positive gains.
        """
        return torch.zeros(0, dtype=torch.complex128, device=self._device())

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        sides = [frequencies + sign * _OFFSET * rate for sign in (-1, 1)]
        with torch.no_grad():
            here, below, above = (self._response(f, rate).abs() for f in (frequencies, *sides))
        is_silent = here <= _RELATIVE_SILENCE * torch.minimum(below, above)
        delay = self._phase_slope(frequencies, rate)
        if bool(is_silent.any()):
            # At a zero the phase jumps and has no slope.
            beside = (self._phase_slope(sides[0], rate) + self._phase_slope(sides[1], rate)) / 2
            delay = torch.where(is_silent, beside, delay)
        return delay

    def _phase_slope(self, frequencies: Tensor, rate: float) -> Tensor:
        """Return the group delay in samples, `-d(phase)/d(omega) = -Im(H'/H)`; it is invalid where the response H is 0.

        The derivative `H'` is that with respect to `omega`, the angular frequency in radians per sample.
        """
        # `H'` is differentiated exactly, by two backward passes that are equivalent to forward mode: PyTorch's own
        # forward mode imports sympy at its first use, which takes seconds.
        inputs = [frequencies, *self.parameters(), *self.buffers()]
        keep_graph = torch.is_grad_enabled() and any(value.requires_grad for value in inputs)
        with torch.enable_grad():
            f = frequencies if frequencies.requires_grad else frequencies.detach().requires_grad_()
            parts = torch.view_as_real(self._response(f, rate))
            slope = torch.zeros_like(parts)
            if parts.requires_grad:
                dual = torch.zeros_like(parts, requires_grad=True)
                (back,) = torch.autograd.grad(parts, f, dual, create_graph=True, allow_unused=True)
                if back is not None:
                    per_radian = torch.full_like(f, rate / (2 * math.pi))
                    (slope,) = torch.autograd.grad(back, dual, per_radian, create_graph=keep_graph)
        response, change = (torch.view_as_complex(part.contiguous()) for part in (parts, slope))
        delay = -(change / torch.where(response == 0, torch.ones_like(response), response)).imag
        return delay if keep_graph else delay.detach()

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        # A sum has the poles of its branches; only its zeros must be computed.
        batch, examples = self._branches_by_example(rate)
        zeros = [self._factorize(branches, poles, rate)[0] for branches, poles in examples]
        size = max(found.numel() for found in zeros)
        rows = [torch.nn.functional.pad(found, (0, size - found.numel()), value=torch.nan) for found in zeros]
        all_poles = torch.stack([poles for _, poles in examples])
        return torch.stack(rows).reshape(*batch, size), all_poles.reshape(*batch, all_poles.shape[-1])

    def _factorize(self, branches: list[Branch], poles: Tensor, rate: float) -> tuple[Tensor, Tensor, int]:
        """Return the results of `transmission_zeros`, including the zeros that all branches share."""
        shared = self._shared_zeros(rate)
        if not len(shared):
            return transmission_zeros(branches, poles)
        gain = torch.stack([weight * sos[:, 0].prod() for weight, sos in branches]).sum()
        found = simultaneous_zeros(branches, poles, len(poles) - len(shared))
        return torch.cat([found, shared]), gain, 0

    def _sos(self, rate: float) -> Tensor:
        batch, examples = self._branches_by_example(rate)
        cascades = [sections_from_roots(*self._factorize(branches, poles, rate), poles) for branches, poles in examples]
        return stack_cascades(cascades, batch).to(examples[0][1].device)
