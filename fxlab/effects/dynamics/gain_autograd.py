"""The multiplication by a gain in dB, with a custom derivative."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.time_tiles import in_time_tiles
from fxlab.engine.torch_support.tracing import is_plain_backward

NEPERS_PER_DB = math.log(10) / 20


def multiply_by_gain(x: Tensor, reduction: Tensor, makeup: Tensor) -> Tensor:
    """Return `x` with its level reduced by `reduction` dB and raised by `makeup` dB, in the dtype of `x`."""
    return x * torch.exp((makeup - reduction) * NEPERS_PER_DB).to(x.dtype)


class GainInDecibels(torch.autograd.Function):
    """The function `multiply_by_gain` with a derivative for which only its inputs and its output are saved."""

    @staticmethod
    def forward(x: Tensor, reduction: Tensor, makeup: Tensor) -> Tensor:
        """Return `multiply_by_gain(x, reduction, makeup)`, computed in tiles of time."""
        return in_time_tiles(multiply_by_gain, x, reduction, makeup)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Save the inputs and the output."""
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """Return the gradients for x, reduction and makeup."""
        x, reduction, makeup, y = ctx.saved_tensors
        needs_x, needs_reduction, needs_makeup = ctx.needs_input_grad
        grad_x = grad_reduction = grad_makeup = None
        if needs_x:
            values = g, reduction, makeup
            scaled = in_time_tiles(multiply_by_gain, *values) if is_plain_backward(g) else multiply_by_gain(*values)
            grad_x = scaled.sum_to_size(x.shape)
        if needs_reduction or needs_makeup:
            change = (g * y).mul(NEPERS_PER_DB)
        if needs_makeup:
            grad_makeup = change.sum_to_size(makeup.shape).to(makeup.dtype)
        if needs_reduction:
            grad_reduction = -change.sum_to_size(reduction.shape).to(reduction.dtype)
        return grad_x, grad_reduction, grad_makeup
