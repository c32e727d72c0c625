"""`ClippingDistortion`, `TanhDistortion`, `BitCrush` and `Limiter`: clipping, saturation, rounding and a limiter."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab import effects
from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.augment.noise.signal_to_noise import root_mean_square
from fxlab.augment.random_module import RandomModule
from fxlab.engine.torch_support.buffer_pool import NUMPY_DTYPES
from fxlab.engine.torch_support.tracing import is_transformed
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.module import Module, Switch


def percentiles(x: Tensor, *shares: Tensor) -> list[Tensor]:
    """Return the quantiles `shares` of all samples of each row of `x` `(rows, channels, time)`, in float64.

    Each share, from 0 to 1, has the shape `(rows, 1, 1)`, or one element for all rows; each result has the shape
    `(rows, 1, 1)`. The quantiles are interpolated linearly, as by `numpy.quantile`, and no gradient passes to `x`.
    """
    flat = x.detach().flatten(1)
    last = flat.shape[-1] - 1
    place = torch.cat([(share.reshape(-1, 1) * last).expand(len(x), 1) for share in shares], 1)
    below = place.floor().long().clamp(0, last)
    both = torch.cat([below, (below + 1).clamp(max=last)], 1)
    if flat.is_cpu and flat.dtype in NUMPY_DTYPES and not is_transformed():
        found = _in_order(flat.numpy(), both.tolist())
    else:
        found = flat.sort(-1).values.gather(1, both)
    lower, upper = found[:, : len(shares)].double(), found[:, len(shares) :].double()
    return [value.reshape(-1, 1, 1) for value in torch.lerp(lower, upper, place - below).unbind(1)]


def _in_order(rows: NDArray[Any], indices: list[list[int]]) -> Tensor:
    """Return the values that each row would have at its `indices` if it were sorted, `(rows, indices)`."""
    # To sort the rows would take three times as long.
    found = run_parts(lambda row: np.partition(rows[row], indices[row])[indices[row]], range(len(rows)), max_workers())
    return torch.from_numpy(np.stack(found))


class ClippingDistortion(Augmentation):
    """Clipping of a drawn percentage of the samples: half of them the highest, half of them the lowest.

    All channels are clipped at the same two values, unless `mode` or `p_mode` is "per_channel".

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> ClippingDistortion(percentile=40.0, p=1.0)(torch.linspace(-1, 1, 101), 8000).max()
    tensor(0.6000)
    """

    percentile = Range(
        (0.0, 40.0), low=0.0, high=100.0, unit="%", at_least=0.0, at_most=100.0, doc="Share of the samples to clip."
    )

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` clipped at two percentiles of the samples of each row."""
        half = drawn["percentile"] / 200
        low, high = (value.to(x.dtype) for value in percentiles(x, half, 1 - half))
        return torch.minimum(torch.maximum(x, low), high)


class TanhDistortion(Augmentation):
    """Soft saturation by a hyperbolic tangent, scaled to the root mean square of the input.

    The output is `c · tanh(x / (2 · m))`, where m is the percentile `100 − 99 · amount` of the magnitudes of the input
    x, plus 10⁻⁶, and c is the gain after which the output has the root mean square of the input.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Source:
        The definition of the amount is that of audiomentations.

    >>> x = torch.sin(torch.arange(1000) * 0.1)
    >>> y = TanhDistortion(amount=0.5, p=1.0)(x, 8000)
    >>> bool(torch.isclose(y.square().mean(), x.square().mean()))
    True
    """

    amount = Range((0.01, 0.7), low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc="Amount of distortion.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return the hyperbolic tangent of the amplified `x` `(rows, channels, time)`, scaled to the level of `x`."""
        threshold = percentiles(x.abs(), 1 - 0.99 * drawn["amount"])[0].to(x.dtype)
        y = torch.tanh(x * (0.5 / (threshold + 1e-6)))
        before, after = root_mean_square(x), root_mean_square(y)
        return y * torch.where(after > 0, before / torch.where(after > 0, after, 1.0), 1.0)


class BitCrush(RandomModule):
    """Rounding to a drawn whole number of bits; see `fx.BitCrush`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> BitCrush(bits=(5, 10), p=1.0)(torch.randn(4, 1, 100), 8000).shape
    torch.Size([4, 1, 100])
    """

    processor = effects.BitCrush
    checks_rows = edits_in_place = True
    bits = Range((5, 10), effects.BitCrush.bits, whole=True)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` rounded to the drawn numbers of bits."""
        arrays = RowArrays.of(x, drawn, in_place=True)
        if arrays is None:
            return super().augment(x, sample_rate, drawn)
        # The steps are powers of 2, so that the products with them are exact.
        steps = arrays.factors(2 ** (1 - arrays.values("bits")))

        def write(block: slice, source: NDArray[Any], output: NDArray[Any]) -> None:
            np.multiply(source, 1 / steps[block], out=output)
            np.rint(output, out=output)
            np.multiply(output, steps[block], out=output)

        return arrays.write_blocks(write)


class Limiter(RandomModule):
    """A limiter with drawn ceiling, lookahead and release; see `fx.Limiter`.

    By default (`relative`) the ceiling is relative to the peak of each sound.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> y = Limiter(ceiling_db=-6.0, p=1.0)(torch.randn(4, 1, 2000), 16_000)
    >>> y.shape
    torch.Size([4, 1, 2000])
    """

    processor = effects.Limiter
    ceiling_db = Range((-24.0, -2.0), effects.Limiter.ceiling_db)
    lookahead_ms = Range((0.5, 5.0), effects.Limiter.lookahead_ms)
    release_ms = Range((50.0, 700.0), effects.Limiter.release_ms)
    relative = Switch(True, doc="Whether the ceiling is relative to the largest sample, instead of full scale.")

    def run_module(self, module: Module, x: Tensor, sample_rate: float) -> Tensor:
        """Return the limited sound; if the ceiling is relative, full scale is the peak of each row."""
        if not self.relative:
            return module(x, sample_rate)
        peak = x.detach().abs().amax((-2, -1), keepdim=True)
        scale = torch.where(peak > 0, peak, 1.0)
        return module(x / scale, sample_rate) * scale
