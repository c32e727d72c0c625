"""`Parallel`: the base class of `Sum`, `Send`, `Mix` and `MidSide`, which add the outputs of branches for one input."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError, SignalError
from fxlab.module.checks import stale_state
from fxlab.module.compose.sample_delay import delayed
from fxlab.module.lti.cascade_sum import CascadeSum
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.lti.sum_zeros import Branch
from fxlab.module.module import Module
from fxlab.module.parameters.broadcasting import align_batch, concatenate_vectors
from fxlab.module.settle import settle
from fxlab.module.tail import tail_samples

Branches = list[tuple[Tensor | float, Module | None]]
"""The weight and the module of each branch; None as the module stands for the unchanged input."""


class Parallel(CascadeSum):
    """The base class of weighted sums of branches for the same input.

    A sum has a response while all branches have one; its second-order sections carry no gradient. If `align` is True,
    branches with less latency than others are delayed. The output of a branch with a shorter tail than others is padded
    with silence.
    """

    align: Any

    @abstractmethod
    def _branches(self) -> Branches:
        """Return the weight and the module of each branch."""

    @abstractmethod
    def _combine(self, outputs: Sequence[Tensor]) -> Tensor:
        """Return the weighted sum of the branches' outputs, which all have the same length."""

    # -- latency ------------------------------------------------------------------------------------------------

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the latency that all branches have in common, in samples; with `align`, the largest latency.

        Raises:
            ParameterError: The branches have different latencies and are not aligned.
        """
        latencies = _latencies(self._branches(), self._resolve_rate(sample_rate))
        if not self.align and len(set(latencies)) > 1:
            listed = " and ".join(f"{one:g}" for one in sorted(set(latencies)))
            raise ParameterError(
                f"{self._name()}: its branches have different latencies ({listed} samples), so it has none; set "
                "align=True, which delays the branches with less."
            )
        return max(latencies)

    def _delays(self, branches: Branches, rate: float) -> list[int]:
        """Return the delay in samples that aligns each branch with the others; 0 for all if `align` is False.

        Raises:
            ParameterError: `align` is True, and latencies differ by a number of samples that is not whole.
        """
        if not self.align:
            return [0] * len(branches)
        latencies = _latencies(branches, rate)
        delays = [max(latencies) - latency for latency in latencies]
        for delay in delays:
            if abs(delay - round(delay)) > 1e-6:
                raise ParameterError(
                    f"{self._name()}: align is True, but the latencies of its branches differ by {delay:g} samples, "
                    "which is not a whole number. Change the length of a filter by one tap, or set align=False."
                )
        return [round(delay) for delay in delays]

    def tail_samples(self, sample_rate: float | None = None) -> int:
        """Return the number of samples by which the output continues after the input: the longest tail of a branch."""
        rate = self._resolve_rate(sample_rate)
        return max(tail_samples(module, rate) for _, module in self._branches())

    def _silences(self, rate: float) -> list[int]:
        """Return the number of samples of silence after each branch, until the longest tail has ended."""
        tails = [tail_samples(module, rate) for _, module in self._branches()]
        return [max(tails) - tail for tail in tails]

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the output in Hz, which is the same for all branches.

        Raises:
            SignalError: The outputs of the branches have different sample rates and cannot be added.
        """
        rate = self._resolve_rate(sample_rate)
        rates = {rate if module is None else module.output_rate(rate) for _, module in self._branches()}
        if len(rates) > 1:
            listed = ", ".join(f"{value:g}" for value in sorted(rates))
            raise SignalError(
                f"{self._name()}: its branches have outputs of different sample rates ({listed} Hz), which cannot be "
                "added. Put the Resample before or after it."
            )
        return rates.pop() if rates else rate

    # -- sound --------------------------------------------------------------------------------------------------

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the weighted sum of the outputs of the branches for `x`.

        Raises:
            SignalError: The outputs have different sample rates, or different lengths without their tails.
            ParameterError: `align` is True, and latencies differ by a number of samples that is not whole.
        """
        self.output_rate(sample_rate)
        branches = self._branches()
        outputs = [x if module is None else module(x, sample_rate=sample_rate) for _, module in branches]
        outputs = [
            pad(y, (0, rest)) if rest else y for y, rest in zip(outputs, self._silences(sample_rate), strict=True)
        ]
        if any(y.shape[-1] != outputs[0].shape[-1] for y in outputs):
            lengths = ", ".join(
                f"{'the input' if module is None else repr(module)} has {y.shape[-1]}"
                for (_, module), y in zip(branches, outputs, strict=True)
            )
            raise SignalError(
                f"{self._name()}: the outputs of its branches have different numbers of samples ({lengths}), so they "
                "cannot be added. Pad or cut in the branch, so that its output is as long as its input."
            )
        for number, delay in enumerate(self._delays(branches, sample_rate)):
            if delay:
                outputs[number] = pad(outputs[number], (delay, 0))[..., : outputs[number].shape[-1]]
        return self._combine(outputs)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the weighted sum of the branches' outputs as far as all of them are known, and the state.

        The state contains, for each branch, the state of its module, the output samples beyond the end of the shortest
        output, and the delay in samples.

        Raises:
            SignalError: The delays are not those of `state`, or the outputs have different sample rates.
            ParameterError: `align` is True, and latencies differ by a number of samples that is not whole.
        """
        if state is None:
            self.output_rate(sample_rate)
        branches = self._branches()
        delays = self._delays(branches, sample_rate)
        states, pending, before = ([None] * len(branches), [None] * len(branches), delays) if state is None else state
        if before != delays:
            raise stale_state(self._name(), f"the delays of its branches changed from {before} to {delays} samples")
        states, outputs = list(states), []
        for number, (_, module) in enumerate(branches):
            y = x
            if module is not None:
                y, states[number] = module._run_block(x, states[number], sample_rate)
            earlier = pending[number]
            if state is None and delays[number]:
                earlier = y.new_zeros(*y.shape[:-1], delays[number])
            outputs.append(y if earlier is None else torch.cat([earlier, y], -1))
        ready = min(y.shape[-1] for y in outputs)
        rest = [y[..., ready:] if y.shape[-1] > ready else None for y in outputs]
        return self._combine([y[..., :ready] for y in outputs]), (states, rest, delays)

    def settled_state(self, x: Tensor, sample_rate: float) -> Any:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        branches = self._branches()
        delays = self._delays(branches, sample_rate)
        settled = [(x, None) if module is None else settle(module, x, sample_rate) for _, module in branches]
        pending = [y.expand(*y.shape[:-1], d) if d else None for (y, _), d in zip(settled, delays, strict=True)]
        return [state for _, state in settled], pending, delays

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the weighted sum of the branches' remaining outputs, or None if nothing remains.

        Shorter tails are padded with silence.

        Raises:
            SignalError: The branches end after different numbers of samples.
        """
        if state is None:
            return None
        tails: list[Tensor | None] = []
        states, waiting, delays = state
        for (_, module), branch_state, pending in zip(self._branches(), states, waiting, strict=True):
            flushed = None if module is None else module._flush(branch_state, sample_rate)
            parts = [part for part in (pending, flushed) if part is not None]
            tails.append(torch.cat(parts, -1) if parts else None)
        for number, (silence, delay) in enumerate(zip(self._silences(sample_rate), delays, strict=True)):
            tail = tails[number]
            if silence:
                tail = next(one for one in tails if one is not None)[..., :0] if tail is None else tail
                tail = pad(tail, (0, silence))
            # As in a single call, the output ends with the longest tail, and what was delayed beyond it is left out.
            tails[number] = tail if tail is None else tail[..., : tail.shape[-1] - delay]
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

    def _delayed_branches(self, rate: float) -> list[tuple[Tensor | float, LinearAnalysis | None]]:
        """Return the weight and the module of each branch; the module includes the delay of the branch.

        The module is None for the unchanged input without a delay, and for a branch without a response.
        """
        branches = self._branches()
        pairs = zip(branches, self._delays(branches, rate), strict=True)
        found = [(weight, delayed(module, delay)) for (weight, module), delay in pairs]
        return [(weight, module if module is not None and has_response(module) else None) for weight, module in found]

    def _linear_branches(self, rate: float) -> list[LinearAnalysis]:
        """Return the modules of the branches that have a response, with their delays."""
        return [module for _, module in self._delayed_branches(rate) if module is not None]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        total = torch.zeros(frequencies.shape, dtype=torch.complex128, device=frequencies.device)
        for weight, module in self._delayed_branches(rate):
            response = torch.ones_like(total[(0,) * (total.ndim - 1)])
            if module is not None:
                response = module._response(frequencies, rate)
            gain = torch.as_tensor(weight, dtype=torch.float64, device=frequencies.device)[..., None]
            response = align_batch(gain, response) * align_batch(response, gain)
            total = align_batch(total, response) + align_batch(response, total)
        return total

    def _poles(self, rate: float) -> Tensor:
        return self._join_poles([module._poles(rate) for module in self._linear_branches(rate)])

    def _modes(self, rate: float) -> Tensor:
        return self._join_poles([module._modes(rate) for module in self._linear_branches(rate)])

    def _join_poles(self, poles: list[Tensor]) -> Tensor:
        # A weight has no poles, but it may have batch dimensions.
        no_poles = [torch.zeros(*torch.as_tensor(w).shape, 0, dtype=torch.complex128) for w, _ in self._branches()]
        device = poles[0].device if poles else no_poles[0].device
        return concatenate_vectors([part.to(device) for part in (*poles, *no_poles)])

    def _decay_length(self, rate: float) -> int:
        return max([super()._decay_length(rate), *(m._decay_length(rate) for m in self._linear_branches(rate))])

    def _memory(self, rate: float, tolerance: float) -> int | None:
        spans = [module._memory(rate, tolerance) for module in self._linear_branches(rate)]
        return None if None in spans else max((span for span in spans if span is not None), default=0)

    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        modules = self._linear_branches(rate)
        pole_lists = [module._roots(rate)[1] for module in modules]
        poles = concatenate_vectors(pole_lists) if modules else torch.zeros(0, dtype=torch.complex128)
        weights = [torch.as_tensor(w, dtype=torch.float64, device=poles.device) for w, _ in self._branches()]
        no_sections = torch.zeros(0, 6, dtype=torch.float64, device=poles.device)
        cascades = [no_sections if m is None else m._sos(rate) for _, m in self._delayed_branches(rate)]
        leads = [*(w.shape for w in weights), *(c.shape[:-2] for c in cascades), poles.shape[:-1]]
        rank = max(len(lead) for lead in leads)
        batch = broadcast_shapes(*(lead + (1,) * (rank - len(lead)) for lead in leads))

        def by_example(value: Tensor, own_dims: int) -> Tensor:
            """Return `value` `(batch…, *own)`, expanded to one row per example, `(examples, *own)`."""
            lead, own = value.shape[: value.ndim - own_dims], value.shape[value.ndim - own_dims :]
            expanded = value.reshape(lead + (1,) * (rank - len(lead)) + own).expand(batch + own)
            return expanded.reshape(math.prod(batch), *own)

        pairs = zip(weights, cascades, strict=True)
        branches = [zip(by_example(w, 0), by_example(c, 2), strict=True) for w, c in pairs]
        examples = zip(zip(*branches, strict=True), by_example(poles, 1), strict=True)
        return batch, [(list(own_branches), own_poles) for own_branches, own_poles in examples]


def _latencies(branches: Branches, rate: float) -> list[float]:
    """Return the latency of each branch, in samples."""
    return [0.0 if module is None else module.latency(rate) for _, module in branches]
