"""`PCEN`: per-channel energy normalization."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine import one_pole
from fxlab.features.common.feature_transform import FeatureTransform, renamed
from fxlab.features.feature import Feature
from fxlab.module import Param


class PCEN(FeatureTransform):
    """Per-channel energy normalization: an automatic gain for each band, followed by a root instead of a logarithm.

    The output is `(x / (eps + m)^gain + bias)^power − bias^power`, where m is the band x smoothed over time by a
    one-pole low-pass with the time constant `time_constant`, so that stationary noise and the distance from the
    microphone matter less. m begins as if x had been 1 before the first frame. With a `power` of 0 the output is
    `log(1 + x / (eps + m)^gain)`. All parameters have gradients, so that they can be learned together with a network.
    It streams.

    Shape:
        Input and output: `(..., frequency, frames)`, not negative. For a tensor, `sample_rate` is the number of frames
        per second.

    Source:
        Y. Wang, P. Getreuer, T. Hughes, R. F. Lyon, R. A. Saurous, "Trainable frontend for robust and far-field keyword
        spotting", ICASSP 2017. Names and defaults are those of `librosa.pcen`.

    >>> levels = PCEN()(torch.tensor([[1.0, 1.0, 100.0, 1.0]]), sample_rate=62.5)
    >>> [round(value, 2) for value in levels.flatten().tolist()]
    [0.32, 0.32, 3.4, 0.08]
    """

    needs_rate = True
    gain = Param(0.98, low=0.0, high=1.0, at_least=0.0, doc="Exponent of the automatic gain: 0 is none, 1 all of it.")
    bias = Param(2.0, low=0.01, high=10.0, at_least=0.0, doc="Offset before the root.")
    power = Param(0.5, low=0.0, high=1.0, at_least=0.0, doc="Exponent of the compression; 0 is a logarithm.")
    time_constant = Param(0.4, low=0.01, high=2.0, unit="s", scale="log", doc="Time constant of the smoothed level.")
    eps = Param(1e-6, low=1e-9, high=1e-2, scale="log", doc="Level below which the automatic gain ends.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` after the automatic gain and the compression, in the same shape."""
        return self.forward_block(x, None, sample_rate)[0]

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the next frames after the gain and the compression, and the state: the smoothed level of each band.

        `state` is that of the previous call, or None for the first block.
        """
        frames = self.time_constant * sample_rate
        weight = (torch.sqrt(1 + 4 * frames.square()) - 1) / (2 * frames.square())
        weight = weight.to(x)
        before = x.new_ones(*x.shape[:-1], 1) if state is None else state
        smooth, after = one_pole(x, 1 - (weight[..., 0] if weight.ndim else weight), before)
        gain, bias, power, eps = (value.to(x) for value in (self.gain, self.bias, self.power, self.eps))
        level = x * (eps + smooth) ** -gain
        return _compress(level, bias, power), after

    def describe_result(self, feature: Feature, data: Tensor) -> Feature:
        """Return the normalized levels `data` with the axes of the feature."""
        return renamed(feature, data, f"PCEN of {feature.name}", "Normalized level")


def _compress(level: Tensor, bias: Tensor, power: Tensor) -> Tensor:
    """Return `(level + bias)^power - bias^power`, or `log(1 + level)` for a power of 0."""
    is_log, no_bias = power == 0, bias == 0
    safe_bias, safe_power = torch.where(no_bias, 1.0, bias), torch.where(is_log, 1.0, power)
    root = safe_bias**safe_power * torch.expm1(safe_power * torch.log1p(level / safe_bias))
    tiny = torch.finfo(level.dtype).tiny
    plain = torch.exp(safe_power * level.clamp(min=tiny).log())
    return torch.where(is_log, torch.log1p(level), torch.where(no_bias, plain, root))
