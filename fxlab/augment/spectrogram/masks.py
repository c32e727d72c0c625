"""`SpecFrequencyMask`, `SpecTimeMask` and `SpecChannelShuffle`: masks and permuted channels of spectrograms."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import SPECTROGRAMS
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.level.shuffle_channels import ShuffleChannels
from fxlab.augment.time.time_edit import share_range
from fxlab.module import Choice, Param


class SpectrogramAugmentation(Augmentation):
    """The base class of augmentations of spectrograms `(..., channels, frequency, frames)`; they need no sample rate.

    The result for a `Feature` is a `Feature` with the same axes. Spectrograms may be complex.
    """

    takes = SPECTROGRAMS
    takes_sound: bool = False
    gives_sound: bool = False


class SpecMask(SpectrogramAugmentation):
    """The base class of masks over a part of an axis, frequency or frames; the targets are unchanged.

    The class attribute `axis` is the index of the axis, −2 or −1. With `fill="mean"` the masked part becomes the mean
    of an example over all its channels, frequencies and frames; if `mode` or `p_mode` is "per_channel", it is the mean
    of the channel.
    """

    axis: ClassVar[int]
    fill = Choice("zero", ("zero", "mean", "value"), doc="Content of the masked part: 0, the mean, or fill_value.")
    fill_value = Param(0.0, low=-100.0, high=0.0, only=("fill", ("value",)), doc="Value of the masked part.")
    fraction = share_range(0.03, 0.25, "Size of the masked part, as a fraction of the axis.")
    place = share_range(0.0, 1.0, "Place of the part: 0 at the start of the axis, 1 at its end.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, frequency, frames)` with the drawn part of the axis replaced."""
        count = x.shape[self.axis]
        size = (drawn["fraction"] * count).round()
        start = (drawn["place"] * (count - size)).round()
        number = torch.arange(count, dtype=torch.float64, device=x.device)
        inside = (number >= start) & (number < start + size)  # (rows or 1, 1, count)
        inside = inside.reshape(-1, 1, 1, count)
        mask = inside if self.axis == -1 else inside.mT
        if self.fill == "mean":
            value: Any = x.mean((-3, -2, -1), keepdim=True)
        else:
            value = 0.0 if self.fill == "zero" else torch.as_tensor(self.fill_value, dtype=x.dtype, device=x.device)
        return torch.where(mask, value, x)


class SpecFrequencyMask(SpecMask):
    """A mask over a drawn band of frequencies in a spectrogram.

    Shape:
        `(frequency, frames)` or `(..., channels, frequency, frames)`.

    Source:
        D. S. Park et al., "SpecAugment", Interspeech 2019.

    >>> SpecFrequencyMask(fraction=0.5, place=0.0, p=1.0)(torch.ones(4, 2)).tolist()
    [[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]
    """

    axis = -2


class SpecTimeMask(SpecMask):
    """A mask over a drawn interval of time in a spectrogram.

    Shape:
        `(frequency, frames)` or `(..., channels, frequency, frames)`.

    Source:
        D. S. Park et al., "SpecAugment", Interspeech 2019.

    >>> SpecTimeMask(fraction=0.5, place=1.0, p=1.0)(torch.ones(1, 4)).tolist()
    [[1.0, 1.0, 0.0, 0.0]]
    """

    axis = -1


class SpecChannelShuffle(SpectrogramAugmentation, ShuffleChannels):
    """The channels of a spectrogram in a drawn order, which is applied to the channels of the targets too.

    Shape:
        `(..., channels, frequency, frames)`.

    >>> SpecChannelShuffle(p=1.0, seed=1)(torch.arange(3.0).reshape(3, 1, 1)).flatten()
    tensor([1., 0., 2.])
    """

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, frequency, frames)` with its channels in the drawn order."""
        order = drawn.row_values("order").to(x.device).expand(len(x), -1)
        return x.gather(1, order[..., None, None].expand_as(x))
