"""`AdaptiveFilter`: the base class of filters whose taps adapt so that the filtered reference approaches a signal."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.errors import SignalError
from fxlab.module import Choice, Count, StatefulModule
from fxlab.module.checks import check_audio, rate_of_signal
from fxlab.signal import Signal

BLOCK = 64
"""The largest number of samples in one call of `adapt_block`."""


class AdaptiveState(NamedTuple):
    """The state of an adaptive filter between two blocks of a stream."""

    past: Tensor
    """The last `taps - 1` samples of the reference, `(..., taps - 1)`."""
    weights: Tensor
    """The taps, `(..., taps)`."""
    memory: Tensor | None = None
    """Further state of the algorithm, such as the inverse correlation matrix of `RLS`; None if it has none."""


class Adaptation(NamedTuple):
    """The error, the estimate and the last taps of a filter that has adapted to a signal."""

    error: Tensor
    """The desired signal minus the estimate, `(..., 1, time)`."""
    estimate: Tensor
    """The filtered reference at each sample, before the taps have adapted to it, `(..., 1, time)`."""
    weights: Tensor
    """The taps after the last sample, `(..., taps)`; the first is the factor of the newest sample of the reference."""


class AdaptiveFilter(StatefulModule):
    """An FIR filter whose taps adapt at each sample, so that the filtered reference estimates the desired signal.

    The input has two channels: the reference, such as the signal of a loudspeaker, and the desired signal, such as that
    of a microphone that picks up a voice and, through the room, the loudspeaker. The parameter `output` selects what is
    returned: the error, here the voice without the echo, or the estimate, here the echo. All taps are 0 at the start of
    a stream.

    Shape:
        Input: `(..., 2, time)`. Output: `(..., 1, time)`.

    Raises:
        SignalError: The input does not have two channels.
    """

    taps = Count(32, low=1, high=512, at_least=1, at_most=65_536, doc="Number of taps.")
    output = Choice(
        "error", ["error", "estimate"], doc="The output: the desired signal minus its estimate, or the estimate."
    )

    def adapt(self, x: Signal | Tensor, sample_rate: float | None = None) -> Adaptation:
        """Return the error, the estimate and the last taps for a signal of two channels, beginning with taps of 0.

        Args:
            x: The reference and the desired signal, `(..., 2, time)`.
            sample_rate: In Hz, needed if `x` is a tensor and the module has no sample rate. A Signal has its own.

        Raises:
            SignalError: The input is not valid audio, has no sample rate, or does not have two channels, or
                `sample_rate` is not that of the Signal.
            ParameterError: A value is invalid.
        """
        if isinstance(x, Signal):
            return self.adapt(x.samples, rate_of_signal(x, sample_rate, self._name()))
        rate = self._resolve_rate(sample_rate)
        check_audio(x, self._name())
        self.check(rate)
        y, after = self._run_block(x, None, rate)
        other = x[..., 1:, :] - y
        error, estimate = (y, other) if self.output == "error" else (other, y)
        return Adaptation(error, estimate, after.block.weights.to(x.dtype))

    def forward_block(self, x: Tensor, state: AdaptiveState | None, sample_rate: float) -> tuple[Tensor, AdaptiveState]:
        """Return the error or the estimate of the next block, whichever `output` selects, and the state after it.

        `x` has the shape `(..., 2, time)`, the output `(..., 1, time)`. `state` is None at the start of a stream.

        Raises:
            SignalError: The input does not have two channels.
        """
        if x.ndim < 2 or x.shape[-2] != 2:
            raise SignalError(
                f"{self._name()}: the input has shape {tuple(x.shape)}; it must have two channels, the reference "
                "and the desired signal: torch.stack([reference, desired], -2)."
            )
        both = x.to(torch.float64)
        if state is None:
            lead = x.shape[:-2]
            state = AdaptiveState(both.new_zeros(*lead, self.taps - 1), both.new_zeros(*lead, self.taps))
        reference, desired = both[..., 0, :], both[..., 1, :]
        line = torch.cat([state.past, reference], -1)
        # Row n holds the reference at n - taps + 1, …, n: a view, of which a block is reversed at a time.
        rows = line.unfold(-1, self.taps, 1) if x.shape[-1] else line.new_zeros(*line.shape[:-1], 0, self.taps)
        errors = []
        for first in range(0, x.shape[-1], BLOCK):
            part = slice(first, first + BLOCK)
            error, state = self.adapt_block(
                rows[..., part, :].flip(-1), desired[..., part], state, self._settings(x, part)
            )
            errors.append(error)
        error = torch.cat(errors, -1) if errors else desired
        y = error if self.output == "error" else desired - error
        past = line[..., line.shape[-1] - (self.taps - 1) :]
        return y[..., None, :].to(x.dtype), state._replace(past=past)

    @abstractmethod
    def adapt_block(
        self, rows: Tensor, desired: Tensor, state: AdaptiveState, settings: dict[str, Tensor]
    ) -> tuple[Tensor, AdaptiveState]:
        """Return the errors of a block, `(..., samples)`, and the state after the block.

        The error of each sample is that of the taps that have adapted to all earlier samples.

        Args:
            rows: The last `taps` samples of the reference at each sample, newest first, `(..., samples, taps)`.
            desired: The desired signal, `(..., samples)`.
            state: The state before the block, whose `past` need not be updated.
            settings: The continuous parameters by name, in float64: a scalar, or the value at each sample,
                `(..., samples)`.
        """

    def _settings(self, x: Tensor, part: slice) -> dict[str, Tensor]:
        """Return the continuous parameters by name, at the samples `part` of the input `x` if they are not scalars."""
        found = {}
        for name in self.continuous:
            value = torch.as_tensor(getattr(self, name), dtype=torch.float64)
            found[name] = value.expand(*x.shape[:-2], 2, x.shape[-1])[..., 0, part] if value.ndim else value
        return found


def solve_lower(gram: Tensor, gains: Tensor, difference: Tensor) -> Tensor:
    """Return e with `e[n] = difference[n] - sum over k < n of gram[n, k] gains[k] e[k]`, `(..., samples)`.

    This is the error of each sample of a block after the taps have adapted to all earlier ones.

    Args:
        gram: The inner products of the rows of the reference for each pair of samples, `(..., samples, samples)`.
        gains: The step size at each sample, `(..., samples)`.
        difference: The error of the taps before the block, `(..., samples)`.
    """
    system = torch.tril(gram * gains[..., None, :], -1)
    unit = system + torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    errors: Tensor = torch.linalg.solve_triangular(unit, difference[..., None], upper=False, unitriangular=True)
    return errors[..., 0]
