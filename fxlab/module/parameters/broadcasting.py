"""Broadcasting of parameter values against the input, against each other, and in a batch.

A value has the shape `(batch…)`, and an array `(batch…, own…)` with `ranks[name]` dimensions of its own. Batches line
up from the front: `(batch,)` with `(batch, channels)`, and both with the input `(batch, channels, time)`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes

NO_ARRAYS: dict[str, int] = {}


def align_to_input(values: dict[str, Tensor], x: Tensor, ranks: dict[str, int] = NO_ARRAYS) -> dict[str, Tensor]:
    """Return the values with dimensions of size 1 after their batch dimensions, which then align with those of `x`.

    A number with batch dimensions is converted to the dtype and the device of `x`, and broadcasts against `x`. A scalar
    keeps its dtype, since a 0-d tensor does not promote the other operand, and stays on the CPU if it is there. An
    array is converted to float64 or complex128 and to the device of `x`; its batch dimensions correspond to the
    dimensions of `x` before time.
    """
    aligned = {}
    for name, value in values.items():
        if name in ranks:
            aligned[name] = _pad_array(value, ranks[name], x.ndim - 1).to(x.device)
        elif value.ndim:
            aligned[name] = _pad(value, x.ndim).to(x)
        elif value.is_cpu or value.device == x.device:
            aligned[name] = value  # PyTorch combines a CPU scalar with tensors of every device
        else:
            aligned[name] = value.to(x.device)
    return aligned


class AlignedValues(dict[str, Tensor]):
    """A dictionary of values that are aligned by `align_to_input` when they are first read."""

    __slots__ = ("_ranks", "_x", "stored")

    def __init__(self, values: dict[str, Tensor], x: Tensor, ranks: dict[str, int]) -> None:
        super().__init__()
        self.stored, self._x, self._ranks = values, x, ranks

    def __missing__(self, name: str) -> Tensor:
        aligned = self[name] = align_to_input({name: self.stored[name]}, self._x, self._ranks)[name]
        return aligned


def pad_dims(values: dict[str, Tensor], ndim: int, ranks: dict[str, int] = NO_ARRAYS) -> dict[str, Tensor]:
    """Return the values with dimensions of size 1 appended to their batch dimensions, up to `ndim` batch dimensions.

    Scalars are unchanged. The last `ranks[name]` dimensions of an array are its own and stay the last; an array is also
    converted to float64 or complex128.
    """
    return {
        name: _pad_array(value, ranks[name], ndim) if name in ranks else _pad(value, ndim)
        for name, value in values.items()
    }


def broadcast_together(values: dict[str, Tensor], ranks: dict[str, int] = NO_ARRAYS) -> dict[str, Tensor]:
    """Return the values in float64, with dimensions of size 1 so that their batch dimensions broadcast together.

    Scalars stay scalars. In an array, dimensions of size 1 are inserted before its last `ranks[name]` dimensions, which
    are its own; a complex array is converted to complex128.
    """
    ndim = max((value.ndim - ranks.get(name, 0) for name, value in values.items()), default=0)
    double = {
        name: value if value.dtype == torch.float64 or name in ranks else value.double()
        for name, value in values.items()
    }
    return pad_dims(double, ndim, ranks) if ndim or ranks else double


def align_batch(value: Tensor, other: Tensor) -> Tensor:
    """Return `value`, `(batch…, n)`, with as many dimensions as `other`: those of size 1 are inserted before the last.

    A value without batch dimensions, or with as many dimensions as `other` or more, is returned unchanged.
    """
    missing = other.ndim - value.ndim
    if missing <= 0 or value.ndim == 1:
        return value
    return value.reshape(value.shape[:-1] + (1,) * missing + value.shape[-1:])


def concatenate_vectors(parts: list[Tensor]) -> Tensor:
    """Return vectors `(batch…, n)` concatenated along the last dimension; batches are aligned from the front."""
    longest = max(parts, key=lambda part: part.ndim)
    shaped = [align_batch(part, longest) for part in parts]
    batch = broadcast_shapes(*(part.shape[:-1] for part in shaped))
    return torch.cat([part.expand(batch + part.shape[-1:]) for part in shaped], -1)


def _pad(value: Tensor, ndim: int) -> Tensor:
    return value.reshape(value.shape + (1,) * max(0, ndim - value.ndim)) if value.ndim else value


def _pad_array(value: Tensor, rank: int, ndim: int) -> Tensor:
    batch, own = value.shape[: value.ndim - rank], value.shape[value.ndim - rank :]
    exact = value.to(torch.complex128 if value.is_complex() else torch.float64)
    return exact.reshape(batch + (1,) * max(0, ndim - len(batch)) + own)
