"""`AddGaussianNoise` and `AddGaussianSNR`: white noise of a drawn level."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.noise.signal_to_noise import noise_gain, snr_range


class AddGaussianNoise(Augmentation):
    """White Gaussian noise that is added with a drawn standard deviation.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> noise = AddGaussianNoise(amplitude=0.01, p=1.0, seed=3)(torch.zeros(4, 1, 20_000), 16_000)
    >>> round(noise.std().item(), 3)
    0.01
    """

    amplitude = Range((0.001, 0.015), low=0.0, high=0.1, at_least=0.0, doc="Standard deviation of the noise.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` plus noise of the drawn amplitude."""
        return torch.addcmul(
            x, drawn.noise(tuple(x.shape), x.dtype), drawn["amplitude"].to(x.dtype), out=drawn.output(x)
        )


class AddGaussianSNR(Augmentation):
    """White Gaussian noise that is added at a drawn signal-to-noise ratio.

    The ratio is the power of the sound divided by that of the noise, in dB. A silent sound is unchanged.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> tone = torch.sin(torch.arange(50_000) * 0.1)
    >>> noise = AddGaussianSNR(snr_db=20.0, p=1.0, seed=0)(tone, 16_000) - tone
    >>> round((noise.square().mean() / tone.square().mean()).item(), 3)
    0.01
    """

    snr_db = snr_range(5.0, 40.0)

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` plus noise at the drawn signal-to-noise ratio."""
        gain = noise_gain(x, 1.0, drawn["snr_db"])
        return torch.addcmul(x, drawn.noise(tuple(x.shape), x.dtype), gain, out=drawn.output(x))
