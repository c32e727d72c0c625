"""`MovingDelay`: the base class of vibrato, chorus and flanger, with their delay line and its parameters."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fxlab.effects.modulation.oscillating import Modulated, Oscillating
from fxlab.engine.torch_support.known_values import any_true, scalar_value
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import ParameterError
from fxlab.module import Count, Param
from fxlab.module.parameters.moving_values import moving_values

MAX_DELAY_MS = 100.0
"""The longest possible delay in ms, which determines the length of the line."""
TILE = 1 << 15
"""The number of samples of the parts of a long block, chosen so that temporary results stay in the cache."""


class DelayState(NamedTuple):
    """The state of a stream: the phase of the oscillator, and the samples in the line."""

    phase: Tensor | None
    """The phase in cycles, a scalar or `(..., 1)`, in float64; None before the first block."""
    line: Tensor
    """The samples written to the line, newest last, `(..., history)`."""


def delay(default: float, low: float, high: float, at_most: float, doc: str) -> Param:
    """Declare a delay in ms."""
    return Param(default, low=low, high=high, unit="ms", scale="log", at_most=at_most, doc=doc)


def order() -> Count:
    """Declare the order of the interpolation."""
    return Count(3, low=1, high=7, at_least=1, at_most=15, doc="Order of the interpolation between samples.")


class MovingDelay(Oscillating):
    """An effect that reads from a delay line while the delay moves; a subclass defines `run_line`."""

    modulated = Modulated("Delay", "ms")
    order: Any

    @abstractmethod
    def run_line(
        self, x: Tensor, phase: Tensor | None, line: Tensor, sample_rate: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the output for the next block, the phase after it, and the samples to write to the line.

        Args:
            x: The block, `(..., time)`.
            phase: The phase of the oscillator before the block in cycles, a scalar or `(..., 1)`, in float64; None at
                the first block.
            line: The samples written to the line before the block, newest last, `(..., history)`, in the dtype of the
                computation.
            sample_rate: The sample rate in Hz.

        Returns:
            The output `(..., time)` in any dtype, the phase after the block in cycles, and the samples written to the
            line, `(..., time)`.
        """

    def forward_block(self, x: Tensor, state: DelayState | None, sample_rate: float) -> tuple[Tensor, DelayState]:
        """Return the output for the next block, and the state after it, a `DelayState`."""
        before = state or DelayState(None, self._first_line(x, sample_rate))
        in_parts = moving_values(self) is None and not needs_derivative(x, *self.values().values())
        outputs = []
        for part in torch.split(x, TILE, -1) if in_parts and x.shape[-1] > TILE else (x,):
            y, phase, written = self.run_line(part, before.phase, before.line, sample_rate)
            before = DelayState(phase, keep_line(before.line, written))
            outputs.append(y.to(x.dtype))
        return (torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]), before

    def _first_line(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the samples before the first block, which are 0, `(..., history)`."""
        history = math.ceil(MAX_DELAY_MS * sample_rate / 1000) + self.order + 1
        dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
        return x.new_zeros(*x.shape[:-1], history, dtype=dtype)


def check_longest(owner: str, samples: Tensor, sample_rate: float, advice: str) -> None:
    """Raise a `ParameterError`, which ends with `advice`, if a delay of `samples` is longer than `MAX_DELAY_MS`."""
    # Some rounding is allowed, for which the line has room.
    beyond = samples.detach() > MAX_DELAY_MS * sample_rate / 1000 * (1 + 1e-9)
    if any_true(beyond):
        longest = scalar_value(samples.detach().max() * 1000 / sample_rate)
        raise ParameterError(
            f"{owner}: its delay would reach {longest:.4g} ms; it must be at most {MAX_DELAY_MS:g} ms. {advice}"
        )


def join_line(line: Tensor, sound: Tensor) -> Tensor:
    """Return the samples `line` followed by the samples `sound`."""
    return torch.cat([line.expand(*sound.shape[:-1], line.shape[-1]), sound], -1)


def keep_line(line: Tensor, written: Tensor) -> Tensor:
    """Return the line after `written` has been appended, with the oldest samples removed to keep its length."""
    if written.shape[-1] >= line.shape[-1]:
        return written[..., -line.shape[-1] :]
    return torch.cat([line.expand(*written.shape[:-1], line.shape[-1]), written], -1)[..., -line.shape[-1] :]
