"""`AddColoredNoise`: noise whose power density is a power of the frequency."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.noise.signal_to_noise import noise_gain, root_mean_square, snr_range
from fxlab.engine.torch_support.tracing import needs_derivative


class AddColoredNoise(Augmentation):
    """Noise that is added with a power density proportional to `1 / frequency^decay`.

    The noise is white for a `decay` of 0, pink for 1, brown for 2, blue for −1 and violet for −2. The ratio of the
    sound's power to that of the noise is drawn in dB; a silent sound is unchanged. All channels of an example get the
    same noise, unless `mode` or `p_mode` is "per_channel".

    Shape:
        `(time,)` or `(..., channels, time)`.

    Source:
        J. Timmer, M. König, "On generating power law noise", Astronomy and Astrophysics 300, 1995.

    >>> AddColoredNoise(p=1.0)(torch.randn(2, 1, 1000), 16_000).shape
    torch.Size([2, 1, 1000])
    """

    snr_db = snr_range(3.0, 30.0)
    decay = Range((-2.0, 2.0), low=-3.0, high=3.0, doc="Decrease of the noise level in units of 3 dB per octave.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` plus noise of the drawn color and signal-to-noise ratio."""
        if x.dtype in (torch.float16, torch.bfloat16):  # PyTorch has no Fourier transform of them
            return self.augment(x.float(), sample_rate, drawn).to(x.dtype)
        samples = x.shape[-1]
        length = samples + samples % 2
        bins = length // 2 + 1
        # The spectrum of white noise is white noise too; its last bin, at half the sample rate, is real. Real and
        # imaginary parts alternate in memory, so that `view_as_complex` needs no copy.
        spectrum = drawn.noise((len(x), bins, 2), x.dtype)
        spectrum[:, 0] = 0.0  # no constant part
        spectrum[:, -1, 0] *= math.sqrt(2)
        octaves = (torch.arange(bins, dtype=torch.float64, device=x.device).clamp(min=1.0) / bins).log().to(x.dtype)
        shape = torch.exp(octaves.repeat_interleave(2) * (-drawn["decay"] / 2).to(x.dtype)).reshape(-1, bins, 2)
        shaped = torch.mul(spectrum, shape, out=None if needs_derivative(shape) else spectrum)
        noise: Tensor = torch.fft.irfft(torch.view_as_complex(shaped)[:, None], length)[..., :samples]
        gain = noise_gain(x, root_mean_square(noise), drawn["snr_db"])
        return torch.addcmul(x, noise, gain, out=drawn.output(x))
