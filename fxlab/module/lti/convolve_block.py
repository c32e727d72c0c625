"""`convolve_block`: one block of a stream that is convolved with an impulse response."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine import StreamingConvolver, convolve
from fxlab.engine.convolution.short_blocks import convolve_short_block
from fxlab.module.block_state import copy_state
from fxlab.module.checks import stale_state

MIN_PARTITIONED_TAPS = 1024
"""The smallest number of taps for which a stream convolves in partitions, unless a gradient is needed."""


class ConvolutionState(NamedTuple):
    """The state of a stream: the last `taps - 1` input samples, and the convolver that processed them.

    `convolver` is None if the last block was not convolved in partitions, and in a copy or a settled state.
    """

    last_inputs: Tensor
    convolver: StreamingConvolver | None = None

    def copied(self) -> ConvolutionState:
        """Return a copy without the convolver, which must not be shared because it changes with every block."""
        return ConvolutionState(copy_state(self.last_inputs))


def convolve_block(
    x: Tensor, taps: Tensor, state: ConvolutionState | None, owner: str
) -> tuple[Tensor, ConvolutionState]:
    """Return the block `x`, `(..., time)`, convolved with `taps`, `(..., taps)`, and the state after it.

    `state` is the state after the previous block, or None before the first.

    Raises:
        SignalError: The number of taps has changed since the previous block; the message names the module `owner`.
    """
    past = taps.shape[-1] - 1
    before = ConvolutionState(x.new_zeros(*x.shape[:-1], past)) if state is None else state
    if before.last_inputs.shape[-1] != past:
        change = f"the number of its taps changed from {before.last_inputs.shape[-1] + 1} to {past + 1}"
        raise stale_state(owner, change)
    inputs = torch.cat([before.last_inputs, x], -1)
    last_inputs = inputs[..., inputs.shape[-1] - past :]
    needs_gradient = torch.is_grad_enabled() and (x.requires_grad or taps.requires_grad)
    if taps.shape[-1] < MIN_PARTITIONED_TAPS or needs_gradient:
        y = convolve_short_block(inputs, taps)
        if y is not None:
            return y, ConvolutionState(last_inputs)
        return convolve(inputs, taps)[..., past:], ConvolutionState(last_inputs)
    convolver = before.convolver
    if convolver is None or (convolver.taps is not taps and not torch.equal(convolver.taps, taps)):
        convolver = StreamingConvolver(taps)
        if state is not None:
            convolver(before.last_inputs)
    return convolver(x), ConvolutionState(last_inputs, convolver)
