"""One stage of a conversion of the sample rate by an integer factor, as a differentiable operator."""

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
"""The approximate number of samples at the higher rate in one row of a matrix product; see `Stage.block`."""


class Stage(NamedTuple):
    """A conversion by one matrix, between the rate `multiple * r` and the rate `factor * multiple * r`.

    r is the lowest sample rate of all stages. `factors` are the factors of the interpolators that the matrix combines;
    their product is `factor`.
    """

    factors: tuple[int, ...]
    multiple: int

    @property
    def factor(self) -> int:
        """The ratio of the higher to the lower rate."""
        return prod(self.factors)

    @property
    def block(self) -> int:
        """The number of samples at the lower rate that one row of a matrix product converts."""
        return max(16, BLOCK // self.factor)

    @property
    def context(self) -> int:
        """The number of samples at the lower rate, on either side of a block, that are used to convert it."""
        return context(self.factors, self.multiple)


def stages(factor: int) -> list[Stage]:
    """Return the stages of an oversampling by `factor`: the first interpolator, and all later ones as one stage.

    The first interpolator has a long filter, and the later ones have short filters. A factor of 1 needs no stage.

    >>> stages(8)
    [Stage(factors=(2,), multiple=1), Stage(factors=(2, 2), multiple=2)]
    """
    first, rest = stage_factors(factor)[:1], stage_factors(factor)[1:]
    found = [Stage(tuple(first), 1)] if first else []
    return [*found, Stage(tuple(rest), first[0])] if rest else found


def convert_stage(x: Tensor, stage: Stage, raises: bool) -> Tensor:
    """Return `x` at the higher sample rate of a stage if `raises` is true, or at its lower rate if not.

    The signal is zero beyond its ends. The conversion to the lower rate is the adjoint of that to the higher rate,
    divided by the factor; so each gives the gradient of the other, up to the factor.

    Shape:
        x: `(..., time)`, float32 or float64; to convert to the lower rate, `time` is a multiple of the factor. Returns
        `(..., time * factor)` or `(..., time / factor)`.
    """
    y: Tensor = apply_custom_op(RateConversion, CONVERSION_OP, x, stage.factors, stage.multiple, raises)
    return y


def _convert(x: Tensor, factors: Sequence[int], multiple: int, raises: bool) -> Tensor:
    stage = Stage(tuple(factors), multiple)
    factor, block, around = stage.factor, stage.block, stage.context
    own, other = (1, factor) if raises else (factor, 1)  # input and output samples for each sample at the lower rate
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
    """Return the matrix by which a block of the input with its context, a row vector, is multiplied.

    It is float64 if `is_double` is true, and otherwise float32.

    Shape:
        Returns `(block + 2 * context, factor * block)` if `raises` is true, and otherwise
        `(factor * (block + 2 * context), block)`, with the properties of `stage`.
    """
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
    """`convert_stage` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, factors: tuple[int, ...], multiple: int, raises: bool) -> Tensor:
        """Return `x` converted by the stage with these `factors` and `multiple`; see `Stage` and `convert_stage`."""
        y: Tensor = CONVERSION_OP(x, factors, multiple, raises)
        return y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Save the stage and the direction of the conversion in `ctx`."""
        _, factors, multiple, ctx.raises = inputs
        ctx.stage = Stage(tuple(factors), multiple)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        """Return the gradient for `x`: that for the output, converted in the other direction and scaled."""
        scale = ctx.stage.factor if ctx.raises else 1 / ctx.stage.factor
        return convert_stage(grads[0], ctx.stage, not ctx.raises) * scale, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Return the tangent of the output: that of `x`, converted in the same direction."""
        return convert_stage(tangents[0], ctx.stage, ctx.raises)

    @staticmethod
    def vmap(
        _info: Any, in_dims: tuple[Any, ...], x: Tensor, factors: tuple[int, ...], multiple: int, raises: bool
    ) -> tuple[Tensor, int]:
        """Return the converted signals with the mapped dimension first, and the position of this dimension."""
        return convert_stage(x.movedim(in_dims[0], 0), Stage(tuple(factors), multiple), raises), 0


register_derivatives("convert_stage", RateConversion)
