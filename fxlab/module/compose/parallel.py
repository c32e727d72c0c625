"""`Parallel`: the base class of `Sum` and `Mix`, whose branches process the same input."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import SignalError
from fxlab.module.lti.cascade_sum import CascadeSum
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.lti.sum_zeros import Branch
from fxlab.module.module import Module
from fxlab.module.parameters.broadcasting import align_batch, concatenate_vectors
from fxlab.module.settle import settle


class Parallel(CascadeSum):
    """A weighted sum of branches. It has a response while all branches have one; its sections carry no gradient."""

    @abstractmethod
    def _branches(self) -> list[tuple[Tensor | float, Module | None]]:
        """Return `(weight, module)` of each branch; None as the module stands for the unchanged input."""

    @abstractmethod
    def _combine(self, outputs: Sequence[Tensor]) -> Tensor:
        """Return the weighted sum of the branches' outputs, which all have the same length."""

    # -- sound --------------------------------------------------------------------------------------------------

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Run the branches on `x` and add their outputs."""
        branches = self._branches()
        outputs = [x if module is None else module(x, sample_rate=sample_rate) for _, module in branches]
        if any(y.shape[-1] != outputs[0].shape[-1] for y in outputs):
            lengths = ", ".join(
                f"{'the input' if module is None else repr(module)} has {y.shape[-1]}"
                for (_, module), y in zip(branches, outputs, strict=True)
            )
            raise SignalError(
                f"{self._name()}: the outputs of its branches have different numbers of samples ({lengths}), so they "
                "cannot be added. Pad or cut in the branch, so that its output is as long as its input."
            )
        return self._combine(outputs)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Run the branches on the next block, and add the samples that all of them have output.

        The state holds the state of each branch, and the output samples of each that the slowest branch still lacks.
        """
        branches = self._branches()
        states, pending = state if state is not None else ([None] * len(branches), [None] * len(branches))
        states, outputs = list(states), []
        for number, (_, module) in enumerate(branches):
            y = x
            if module is not None:
                y, states[number] = module._run_block(x, states[number], sample_rate)
            earlier = pending[number]
            outputs.append(y if earlier is None else torch.cat([earlier, y], -1))
        ready = min(y.shape[-1] for y in outputs)
        rest = [y[..., ready:] if y.shape[-1] > ready else None for y in outputs]
        return self._combine([y[..., :ready] for y in outputs]), (states, rest)

    def settled_state(self, x: Tensor, sample_rate: float) -> Any:
        """Return the state after an endless constant input; see `StatefulModule.settled_state`."""
        modules = [module for _, module in self._branches()]
        return [None if m is None else settle(m, x, sample_rate)[1] for m in modules], [None] * len(modules)

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Flush the branches and combine their remaining outputs, which must have the same length."""
        if state is None:
            return None
        tails: list[Tensor | None] = []
        for (_, module), branch_state, pending in zip(self._branches(), *state, strict=True):
            flushed = None if module is None else module._flush(branch_state, sample_rate)
            parts = [part for part in (pending, flushed) if part is not None]
            tails.append(torch.cat(parts, -1) if parts else None)
        lengths = {0 if tail is None else tail.shape[-1] for tail in tails}
        if len(lengths) > 1:
            raise SignalError(f"{self!r}: its branches end after different numbers of samples and cannot be added.")
        return None if lengths == {0} else self._combine([tail for tail in tails if tail is not None])

    # -- analysis -----------------------------------------------------------------------------------------------

    def _why_no_response(self) -> str | None:
        for _, module in self._branches():
            if module is not None and not has_response(module):
                name = self._name()
                return f"{name}: its branch {module!r} is not linear and time-invariant, so the {name} has no response."
        return None

    def _linear_branches(self) -> list[LinearAnalysis]:
        """Return the modules among the branches that have a response."""
        return [module for _, module in self._branches() if module is not None and has_response(module)]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        total = torch.zeros(frequencies.shape, dtype=torch.complex128, device=frequencies.device)
        for weight, module in self._branches():
            response = torch.ones_like(total[(0,) * (total.ndim - 1)])
            if module is not None and has_response(module):
                response = module._response(frequencies, rate)
            gain = torch.as_tensor(weight, dtype=torch.float64, device=frequencies.device)[..., None]
            response = align_batch(gain, response) * align_batch(response, gain)
            total = align_batch(total, response) + align_batch(response, total)
        return total

    def _poles(self, rate: float) -> Tensor:
        return self._join_poles([module._poles(rate) for module in self._linear_branches()])

    def _modes(self, rate: float) -> Tensor:
        return self._join_poles([module._modes(rate) for module in self._linear_branches()])

    def _join_poles(self, poles: list[Tensor]) -> Tensor:
        # A weight has no poles, but it may have batch dimensions.
        no_poles = [torch.zeros(*torch.as_tensor(w).shape, 0, dtype=torch.complex128) for w, _ in self._branches()]
        device = poles[0].device if poles else no_poles[0].device
        return concatenate_vectors([part.to(device) for part in (*poles, *no_poles)])

    def _decay_length(self, rate: float) -> int:
        return max([super()._decay_length(rate), *(m._decay_length(rate) for m in self._linear_branches())])

    def _memory(self, rate: float, tolerance: float) -> int | None:
        spans = [module._memory(rate, tolerance) for module in self._linear_branches()]
        return None if None in spans else max((span for span in spans if span is not None), default=0)

    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        modules = self._linear_branches()
        pole_lists = [module._roots(rate)[1] for module in modules]
        poles = concatenate_vectors(pole_lists) if modules else torch.zeros(0, dtype=torch.complex128)
        weights = [torch.as_tensor(w, dtype=torch.float64, device=poles.device) for w, _ in self._branches()]
        no_sections = torch.zeros(0, 6, dtype=torch.float64, device=poles.device)
        cascades = [m._sos(rate) if m is not None and has_response(m) else no_sections for _, m in self._branches()]
        leads = [*(w.shape for w in weights), *(c.shape[:-2] for c in cascades), poles.shape[:-1]]
        rank = max(len(lead) for lead in leads)
        batch = broadcast_shapes(*(lead + (1,) * (rank - len(lead)) for lead in leads))

        def by_example(value: Tensor, own_dims: int) -> Tensor:
            """Expand `value` `(batch…, *own)` to one row per example, `(examples, *own)`."""
            lead, own = value.shape[: value.ndim - own_dims], value.shape[value.ndim - own_dims :]
            expanded = value.reshape(lead + (1,) * (rank - len(lead)) + own).expand(batch + own)
            return expanded.reshape(math.prod(batch), *own)

        pairs = zip(weights, cascades, strict=True)
        branches = [zip(by_example(w, 0), by_example(c, 2), strict=True) for w, c in pairs]
        examples = zip(zip(*branches, strict=True), by_example(poles, 1), strict=True)
        return batch, [(list(own_branches), own_poles) for own_branches, own_poles in examples]
