"""One stage of a conversion of the sample rate, as a differentiable operator: a matrix product for each frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, prod
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.resampling.nyquist_taps import context, conversion_matrix, stage_factors
from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives

BLOCK = 128
"""Samples at the higher rate that one row of a matrix product computes."""


class Stage(NamedTuple):
    """A conversion by one matrix, between `multiple` times the lowest sample rate and `factor` times that rate."""

    factors: tuple[int, ...]
    multiple: int

    @property
    def factor(self) -> int:
        """The ratio of the higher to the lower rate."""
        return prod(self.factors)

    @property
    def block(self) -> int:
        """The number of samples at the lower rate that are converted at once."""
        return max(16, BLOCK // self.factor)

    @property
    def context(self) -> int:
        """The number of samples at the lower rate before and after a block that it depends on."""
        return context(self.factors, self.multiple)


def stages(factor: int) -> list[Stage]:
    """Return the first interpolator, which has a long filter, and all later ones, with short filters, as one stage.

    >>> stages(8)
    [Stage(factors=(2,), multiple=1), Stage(factors=(2, 2), multiple=2)]
    """
    first, rest = stage_factors(factor)[:1], stage_factors(factor)[1:]
    found = [Stage(tuple(first), 1)] if first else []
    return [*found, Stage(tuple(rest), first[0])] if rest else found


def convert_stage(x: Tensor, stage: Stage, raises: bool) -> Tensor:
    """Raise the sample rate of `x` by one stage, or lower it; the signal is zero beyond its ends.

    Lowering is the adjoint of raising, divided by the factor, so each is the derivative of the other.
    """
    y: Tensor = apply_custom_op(RateConversion, CONVERSION_OP, x, stage.factors, stage.multiple, raises)
    return y


def _convert(x: Tensor, factors: Sequence[int], multiple: int, raises: bool) -> Tensor:
    stage = Stage(tuple(factors), multiple)
    factor, block, around = stage.factor, stage.block, stage.context
    own, other = (1, factor) if raises else (factor, 1)  # samples of input and output for one at the lower rate
    matrix = torch.from_numpy(_matrix(stage, raises, x.dtype == torch.float64)).to(x)
    lead, time = x.shape[:-1], x.shape[-1] // own
    frames = max(1, ceil(time / block))
    missing = frames * block - time
    rows = pad(x.reshape(prod(lead), x.shape[-1]), (around * own, (around + missing) * own))
    framed = rows.unfold(-1, (block + 2 * around) * own, block * own)
    # One product for each row, so that equal rows have equal outputs.
    with torch.autocast(x.device.type, enabled=False):
        y = torch.bmm(framed, matrix.expand(len(rows), -1, -1))
    return y.reshape(*lead, frames * block * other)[..., : time * other]


@lru_cache(maxsize=32)
def _matrix(stage: Stage, raises: bool, is_double: bool) -> NDArray[Any]:
    """Return the matrix by which a frame of the input, with its context, is multiplied; in float64 or float32."""
    around, block = stage.context, stage.block
    full = conversion_matrix(stage.factors, stage.multiple, block)
    inner = slice(around * stage.factor, (around + block) * stage.factor)
    matrix = full[:, inner] if raises else full[around : around + block].T / stage.factor
    return np.ascontiguousarray(matrix, np.float64 if is_double else np.float32)


def _fake_conversion(x: Tensor, factors: list[int], multiple: int, raises: bool) -> Tensor:  # noqa: ARG001
    time = x.shape[-1] * prod(factors) if raises else x.shape[-1] // prod(factors)
    return x.new_empty(*x.shape[:-1], time)


CONVERSION_OP = register_custom_op(
    "convert_stage(Tensor x, int[] factors, int multiple, bool raises) -> Tensor", _convert, _fake_conversion
)


class RateConversion(torch.autograd.Function):
    """The conversion with its derivatives."""

    @staticmethod
    def forward(x: Tensor, factors: tuple[int, ...], multiple: int, raises: bool) -> Tensor:
        """Raise or lower the sample rate."""
        y: Tensor = CONVERSION_OP(x, factors, multiple, raises)
        return y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Save the constants that the derivatives need."""
        _, factors, multiple, ctx.raises = inputs
        ctx.stage = Stage(tuple(factors), multiple)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        """Convert the gradient in the other direction."""
        scale = ctx.stage.factor if ctx.raises else 1 / ctx.stage.factor
        return convert_stage(grads[0], ctx.stage, not ctx.raises) * scale, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Convert the tangent in the same direction."""
        return convert_stage(tangents[0], ctx.stage, ctx.raises)

    @staticmethod
    def vmap(
        _info: Any, in_dims: tuple[Any, ...], x: Tensor, factors: tuple[int, ...], multiple: int, raises: bool
    ) -> tuple[Tensor, int]:
        """Treat the mapped dimension as one more leading dimension."""
        return convert_stage(x.movedim(in_dims[0], 0), Stage(tuple(factors), multiple), raises), 0


register_derivatives("convert_stage", RateConversion)
