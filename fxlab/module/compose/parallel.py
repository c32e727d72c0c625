"""`Parallel`: branches that hear the same input and are added; `Sum` and `Mix` are the two."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import SignalError
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.lti.lti_sum import LTISum
from fxlab.module.lti.parallel_zeros import Branch
from fxlab.module.module import Module
from fxlab.module.parameters.broadcasting import align_batch, concatenate_vectors


class Parallel(LTISum):
    """A weighted sum of branches. It answers what an `LTI` answers; its sections carry no gradient."""

    @abstractmethod
    def _branches(self) -> list[tuple[Tensor | float, Module | None]]:
        """`(weight, module)` of each branch; a module of None is a plain wire."""

    # -- sound --------------------------------------------------------------------------------------------------

    def _same_length(self, *heard: Tensor) -> tuple[Tensor, ...]:
        """`heard`, one of each branch, as it is; branches of different lengths cannot be added."""
        if len({y.shape[-1] for y in heard}) > 1:
            ends = ", ".join(
                f"{'the input' if module is None else repr(module)} has {y.shape[-1]}"
                for (_, module), y in zip(self._branches(), heard, strict=True)
            )
            raise SignalError(
                f"{self._name()}: its branches end after different numbers of samples ({ends}), so they cannot be "
                "added. Pad or cut in the branch, so that it gives as many samples as it gets."
            )
        return heard

    def _advance_branches(self, x: Tensor, state: Any, rate: float) -> tuple[list[Tensor], Any]:
        """The next block of every branch; one that lags behind the others makes them wait."""
        branches = self._branches()
        states, waiting = state if state is not None else ([None] * len(branches), [None] * len(branches))
        states, heard = list(states), []
        for number, (_, module) in enumerate(branches):
            y = x
            if module is not None:
                y, states[number] = module._advance(x, states[number], rate)
            early = waiting[number]
            heard.append(y if early is None else torch.cat([early, y], -1))
        ready = min(y.shape[-1] for y in heard)
        rest = [y[..., ready:] if y.shape[-1] > ready else None for y in heard]
        return [y[..., :ready] for y in heard], (states, rest)

    def _drain_branches(self, state: Any, rate: float) -> list[Tensor] | None:
        """What is still to come out of every branch when the input ends."""
        if state is None:
            return None
        ends: list[Tensor | None] = []
        for (_, module), held, waiting in zip(self._branches(), *state, strict=True):
            tail = None if module is None else module._drain(held, rate)
            parts = [part for part in (waiting, tail) if part is not None]
            ends.append(torch.cat(parts, -1) if parts else None)
        lengths = {0 if end is None else end.shape[-1] for end in ends}
        if len(lengths) > 1:
            raise SignalError(f"{self!r}: its branches end after different numbers of samples and cannot be added.")
        return None if lengths == {0} else [end for end in ends if end is not None]

    # -- response -----------------------------------------------------------------------------------------------

    def _why_no_response(self) -> str | None:
        for _, module in self._branches():
            if module is not None and not has_response(module):
                return (
                    f"{self._name()}: its branch {module!r} is not linear and time-invariant, so the whole has "
                    "no response."
                )
        return None

    def _analyzed(self) -> list[LinearAnalysis]:
        """The branches with a response: all of them but plain wires, where the whole has one."""
        return [module for _, module in self._branches() if module is not None and has_response(module)]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        total = torch.zeros(frequencies.shape, dtype=torch.complex128, device=frequencies.device)
        for weight, module in self._branches():
            part = torch.ones_like(total[(0,) * (total.ndim - 1)])
            if module is not None and has_response(module):
                part = module._response(frequencies, rate)
            share = torch.as_tensor(weight, dtype=torch.float64, device=frequencies.device)[..., None]
            part = align_batch(share, part) * align_batch(part, share)
            total = align_batch(total, part) + align_batch(part, total)
        return total

    def _poles(self, rate: float) -> Tensor:
        return self._of_branches([part._poles(rate) for part in self._analyzed()])

    def _modes(self, rate: float) -> Tensor:
        return self._of_branches([part._modes(rate) for part in self._analyzed()])

    def _of_branches(self, found: list[Tensor]) -> Tensor:
        # A weight has no poles, but may differ by example.
        nothing = [torch.zeros(*torch.as_tensor(w).shape, 0, dtype=torch.complex128) for w, _ in self._branches()]
        device = found[0].device if found else nothing[0].device
        return concatenate_vectors([part.to(device) for part in (*found, *nothing)])

    def _decay(self, rate: float) -> int:
        parts = self._analyzed()
        return max(super()._decay(rate), *(part._decay(rate) for part in parts)) if parts else super()._decay(rate)

    def _memory(self, rate: float, left: float) -> int | None:
        spans = [module._memory(rate, left) for module in self._analyzed()]
        return None if None in spans else max((span for span in spans if span is not None), default=0)

    def _examples(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        """See `LTISum`."""
        modules = self._analyzed()
        pole_lists = [module._roots(rate)[1] for module in modules]
        poles = concatenate_vectors(pole_lists) if modules else torch.zeros(0, dtype=torch.complex128)
        weights = [torch.as_tensor(w, dtype=torch.float64, device=poles.device) for w, _ in self._branches()]
        wire = torch.zeros(0, 6, dtype=torch.float64, device=poles.device)
        cascades = [m._sos(rate) if m is not None and has_response(m) else wire for _, m in self._branches()]
        leads = [*(w.shape for w in weights), *(c.shape[:-2] for c in cascades), poles.shape[:-1]]
        rank = max(len(lead) for lead in leads)
        batch = broadcast_shapes(*(lead + (1,) * (rank - len(lead)) for lead in leads))

        def rows(value: Tensor, own: int) -> Tensor:
            """`value` `(lead…, *own)` with one row for each example."""
            lead, rest = value.shape[: value.ndim - own], value.shape[value.ndim - own :]
            wide = value.reshape(lead + (1,) * (rank - len(lead)) + rest).expand(batch + rest)
            return wide.reshape(math.prod(batch), *rest)

        by_branch = [zip(rows(w, 0), rows(c, 2), strict=True) for w, c in zip(weights, cascades, strict=True)]
        by_example = zip(zip(*by_branch, strict=True), rows(poles, 1), strict=True)
        return batch, [(list(branches), own) for branches, own in by_example]
