"""Augmentations that are one gain for the whole sound, and `Identity`."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor

from fxlab import effects
from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.random_module import RandomModule


class Gain(RandomModule):
    """A drawn gain in dB; see `fx.Gain`.

    >>> import torch
    >>> Gain(gain_db=-20.0, p=1.0)(torch.ones(3), 8000).round(decimals=3)
    tensor([0.1000, 0.1000, 0.1000])
    """

    processor = effects.Gain
    gain_db = Range((-18.0, 6.0), effects.Gain.gain_db)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Apply the gains, which are one product without the engine."""
        return x * (10 ** (drawn["gain_db"] / 20)).to(x.dtype)


class PolarityInversion(RandomModule):
    """The sign of every sample is changed; see `fx.Invert`.

    >>> import torch
    >>> PolarityInversion(p=1.0)(torch.ones(2), 8000)
    tensor([-1., -1.])
    """

    processor = effects.Invert

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Change the sign, without the engine."""
        return -x


class PeakNormalization(RandomModule):
    """A gain after which the largest sample of all channels has a drawn level, by default 0 dBFS; see `fx.Normalize`.

    >>> import torch
    >>> PeakNormalization(p=1.0)(torch.tensor([0.5, -0.25]), 8000)
    tensor([ 1.0000, -0.5000])
    """

    processor = effects.Normalize
    level_db = Range((0.0, 0.0), effects.Normalize.level_db)


class LoudnessNormalization(RandomModule):
    """A gain after which the integrated loudness has a drawn value in LUFS; see `fx.Normalize`.

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
    """No change, as one of the choices of `OneOf`.

    >>> import torch
    >>> Identity(p=1.0)(torch.ones(2), 8000)
    tensor([1., 1.])
    """

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return the sound."""
        return x
