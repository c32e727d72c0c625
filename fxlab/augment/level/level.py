"""Augmentations that multiply the complete sound by one gain, and `Identity`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fxlab import effects
from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import ANY
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.augment.random_module import RandomModule


class Gain(RandomModule):
    """A drawn gain in dB; see `fx.Gain`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> import torch
    >>> Gain(gain_db=-20.0, p=1.0)(torch.ones(3), 8000).round(decimals=3)
    tensor([0.1000, 0.1000, 0.1000])
    """

    processor = effects.Gain
    checks_rows = edits_in_place = True
    gain_db = Range((-18.0, 6.0), effects.Gain.gain_db)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` times the drawn gains."""
        arrays = RowArrays.of(x, drawn, in_place=True)
        if arrays is None:
            return x * (10 ** (drawn["gain_db"] / 20)).to(x.dtype)
        gains = arrays.factors(10 ** (arrays.values("gain_db") / 20))
        return arrays.write_blocks(lambda block, source, output: np.multiply(source, gains[block], out=output))


class PolarityInversion(RandomModule):
    """The opposite sign of every sample; see `fx.Invert`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> import torch
    >>> PolarityInversion(p=1.0)(torch.ones(2), 8000)
    tensor([-1., -1.])
    """

    processor = effects.Invert
    checks_rows = edits_in_place = True

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `−x`, `(rows, channels, time)`."""
        arrays = RowArrays.of(x, drawn, in_place=True)
        return -x if arrays is None else arrays.write_blocks(lambda _, source, output: np.negative(source, out=output))


class PeakNormalization(RandomModule):
    """A gain after which the largest magnitude of the samples has a drawn level, by default 0 dBFS.

    All channels get the same gain, unless `mode` or `p_mode` is "per_channel". Silence is unchanged. See
    `fx.Normalize`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> import torch
    >>> PeakNormalization(p=1.0)(torch.tensor([0.5, -0.25]), 8000)
    tensor([ 1.0000, -0.5000])
    """

    processor = effects.Normalize
    checks_rows = edits_in_place = True
    level_db = Range((0.0, 0.0), effects.Normalize.level_db)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each row scaled to the drawn peak level; silent rows are unchanged."""
        arrays = RowArrays.of(x, drawn, in_place=True)
        if arrays is None:
            return super().augment(x, sample_rate, drawn)
        levels = arrays.factors(10 ** (arrays.values("level_db") / 20))

        def write(block: slice, source: NDArray[Any], output: NDArray[Any]) -> None:
            peak = np.maximum(source.max((1, 2), keepdims=True), -source.min((1, 2), keepdims=True))
            gain = np.where(peak > 0, levels[block] / peak, 1)
            np.multiply(source, gain, out=output, dtype=output.dtype)

        return arrays.write_blocks(write)


class LoudnessNormalization(RandomModule):
    """A gain after which the integrated loudness has a drawn value in LUFS.

    Silence is unchanged. See `fx.Normalize`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Source:
        ITU-R BS.1770-4.

    >>> import torch
    >>> LoudnessNormalization(p=1.0, seed=1)(torch.randn(2, 1, 16_000), 16_000).shape
    torch.Size([2, 1, 16000])
    """

    processor = effects.Normalize
    fixed: ClassVar[dict[str, Any]] = {"kind": "loudness"}
    level_db = Range((-31.0, -13.0), effects.Normalize.level_db, doc="Integrated loudness after the gain, in LUFS.")


class Identity(Augmentation):
    """An augmentation that returns its input unchanged, for example as one of the transforms of a `OneOf`.

    Shape:
        Sounds `(time,)` or `(..., channels, time)`; spectrograms `(frequency, frames)` or
        `(..., channels, frequency, frames)`, which may be complex.

    >>> import torch
    >>> Identity(p=1.0)(torch.ones(2), 8000)
    tensor([1., 1.])
    """

    takes = ANY

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` unchanged."""
        return x
