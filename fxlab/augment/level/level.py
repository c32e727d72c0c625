"""Augmentations that are one gain for the whole sound, and `Identity`."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab import effects
from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import ANY
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.random_module import RandomModule


class Gain(RandomModule):
    """A drawn gain in dB; see `fx.Gain`.

    >>> Gain(gain_db=-20.0, p=1.0)(torch.ones(3), 8000).round(decimals=3)
    tensor([0.1000, 0.1000, 0.1000])
    """

    processor = effects.Gain
    gain_db = Range((-18.0, 6.0), effects.Gain.gain_db)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` times the drawn gains."""
        return torch.mul(x, (10 ** (drawn["gain_db"] / 20)).to(x.dtype), out=drawn.output(x))


class PolarityInversion(RandomModule):
    """The opposite sign of every sample; see `fx.Invert`.

    >>> PolarityInversion(p=1.0)(torch.ones(2), 8000)
    tensor([-1., -1.])
    """

    processor = effects.Invert

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `−x`, `(rows, channels, time)`."""
        return torch.neg(x, out=drawn.output(x))


class PeakNormalization(RandomModule):
    """A gain after which the largest sample of all channels has a drawn level, by default 0 dBFS; see `fx.Normalize`.

    >>> PeakNormalization(p=1.0)(torch.tensor([0.5, -0.25]), 8000)
    tensor([ 1.0000, -0.5000])
    """

    processor = effects.Normalize
    level_db = Range((0.0, 0.0), effects.Normalize.level_db)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each row scaled to the drawn peak level."""
        y = drawn.output(x)
        if y is None or not x.shape[-1]:
            return super().augment(x, sample_rate, drawn)
        peak = torch.maximum(x.amax((-2, -1), keepdim=True), -x.amin((-2, -1), keepdim=True)).double()
        gain = torch.where(peak > 0, 10 ** (drawn["level_db"] / 20) / peak, 1.0)
        return torch.mul(x, gain.to(x.dtype), out=y)


class LoudnessNormalization(RandomModule):
    """A gain after which the integrated loudness has a drawn value in LUFS; see `fx.Normalize`.

    Source:
        ITU-R BS.1770-4.

    >>> LoudnessNormalization(p=1.0, seed=1)(torch.randn(2, 1, 16_000), 16_000).shape
    torch.Size([2, 1, 16000])
    """

    processor = effects.Normalize
    fixed: ClassVar[dict[str, Any]] = {"kind": "loudness"}
    level_db = Range((-31.0, -13.0), effects.Normalize.level_db, doc="Integrated loudness after the gain, in LUFS.")


class Identity(Augmentation):
    """No change, as one of the choices of `OneOf`.

    >>> Identity(p=1.0)(torch.ones(2), 8000)
    tensor([1., 1.])
    """

    takes = ANY

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` unchanged."""
        return x
