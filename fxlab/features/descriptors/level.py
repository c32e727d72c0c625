"""`RMS` and `ZeroCrossingRate`: the level and the rate of sign changes of each frame."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from fxlab.features.common import parameters
from fxlab.features.common.feature_module import FULL_SCALE_SINE, Description
from fxlab.features.common.safe_math import safe_sqrt
from fxlab.features.common.sample_frames import SampleFrames
from fxlab.features.descriptors.spectral_shape import one_row
from fxlab.module import Choice, Param, Switch


class OfSamples(SampleFrames):
    """The base class of features of one number per frame that is computed from the samples of the frame."""

    has_rows: ClassVar[bool] = False
    frame_length = parameters.frame_length()
    hop_length = parameters.hop(512, "a quarter of the frame")
    center = Switch(True, doc=parameters.centering())


class RMS(OfSamples):
    """The root mean square of each frame, 0.707 for a full-scale sine. It streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`.

    Source:
        The definition is that of `librosa.feature.rms`.

    >>> import torch
    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(8000) / 8000)
    >>> round(RMS()(tone, sample_rate=8000)[8].item(), 4)
    0.7071
    """

    pad_mode = Choice("constant", parameters.PAD_MODES, doc="How both ends are padded if the frames are centered.")

    def of_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the root mean square of each frame."""
        return safe_sqrt(frames.square().mean(-1))

    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output: levels are relative to a full-scale sine."""
        return Description("RMS", "RMS", "", one_row("RMS", ""), "magnitude", 0.5**0.5, FULL_SCALE_SINE, (-100.0, 0.0))


class ZeroCrossingRate(OfSamples):
    """The fraction of the samples of each frame whose sign differs from that of the sample before.

    A sample has a negative sign if it is below −`threshold`, and a positive one otherwise. The first sample of a frame
    is not compared. The rate has no gradient, since it is a count. It streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, from 0 to 1.

    Source:
        The definition is that of `librosa.feature.zero_crossing_rate`.

    >>> import torch
    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(8000) / 8000 + 0.1)
    >>> round(ZeroCrossingRate()(tone, sample_rate=8000)[8].item(), 3)
    0.25
    """

    differentiable: bool = False
    pad_mode = "replicate"
    threshold = Param(1e-10, low=1e-12, high=1e-2, scale="log", doc="Samples up to this magnitude count as 0.")

    def of_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the number of sign changes in each frame divided by the number of its samples."""
        threshold = self.threshold.detach().to(frames)
        is_negative = frames.detach() < -(threshold[..., None] if threshold.ndim else threshold)
        crossings = (is_negative[..., 1:] != is_negative[..., :-1]).sum(-1)
        rate: Tensor = crossings.to(frames.dtype) / frames.shape[-1]
        return rate

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        name = "Zero-crossing rate"
        return Description(name, name, "", one_row(name, ""), limits=(0.0, 1.0))
