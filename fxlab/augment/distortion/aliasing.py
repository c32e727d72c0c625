"""`Aliasing`: conversion to a lower sample rate and back, without a filter against aliases."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays


class Aliasing(Augmentation):
    """Conversion to a drawn sample rate and back by linear interpolation, without a low-pass against aliases.

    A sound is unchanged if the drawn rate is not below its sample rate.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> y = Aliasing(rate=4000.0, p=1.0)(torch.tensor([0.0, 1.0, 4.0, 9.0, 16.0]), 8000)
    >>> y
    tensor([ 0.,  2.,  4., 10., 16.])
    """

    checks_rows = True
    rate = Range((8000.0, 30_000.0), low=1000.0, high=48_000.0, unit="Hz", scale="log", doc="Lower sample rate.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` interpolated twice: at the lower rate, and back."""
        last = x.shape[-1] - 1
        arrays = RowArrays.of(x, drawn)
        if arrays is not None:
            return _interpolate_twice(arrays, np.maximum(sample_rate / arrays.values("rate"), 1.0).tolist())
        step = (sample_rate / drawn["rate"]).clamp(min=1.0)
        number = torch.arange(last + 1, dtype=torch.float64, device=x.device) / step
        below = number.floor()
        share = (number - below).to(x.dtype)
        lower, upper = (_at(x, (place * step).clamp(max=last)) for place in (below, below + 1))
        return torch.lerp(lower, upper, share)


def _at(x: Tensor, position: Tensor) -> Tensor:
    """Return `x` `(rows, channels, time)` at fractional positions in samples, by linear interpolation.

    `position` is `(rows, 1, time)`, or `(1, 1, time)` for all rows.
    """
    whole = position.floor()
    index = whole.long().expand_as(x)
    after = (index + 1).clamp(max=x.shape[-1] - 1)
    return torch.lerp(x.gather(-1, index), x.gather(-1, after), (position - whole).to(x.dtype))


def _interpolate_twice(arrays: RowArrays, steps: list[float]) -> Tensor:
    """Return the sounds interpolated at positions `steps` samples apart, and from these values back at every sample.

    `steps` has one number of at least 1 for each row, which may be fractional.
    """
    last = arrays.source.shape[-1] - 1
    number = np.arange(last + 1, dtype=np.float64)

    def write(row: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        step = steps[row]
        if step == 1.0:
            output[:] = source
            return
        place = np.minimum(number[: int(last / step) + 2] * step, last)
        coarse = _on_lines(source, place)
        _on_lines(coarse, number / step, output)

    return arrays.write(write)


def _on_lines(x: NDArray[Any], position: NDArray[np.float64], out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return `x` `(channels, time)` at fractional positions in samples, `(positions,)`, by linear interpolation.

    The result, `(channels, positions)`, is written to `out` if it is not None.
    """
    index = position.astype(np.intp)
    share = np.subtract(position, index).astype(x.dtype)
    # The last sample may be a position too; after it the slope is 0.
    slope = np.diff(x, axis=-1, append=x[:, -1:])
    risen = slope.take(index, -1)
    risen *= share
    made: NDArray[Any] = np.add(x.take(index, -1), risen, out=out)
    return made
