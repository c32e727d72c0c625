"""`Chroma`: the energy in each pitch class."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.features.axis import Axis
from fxlab.features.common import parameters
from fxlab.features.common.constants import kept
from fxlab.features.common.feature_module import Description, constant
from fxlab.features.common.safe_math import safe_ratio, safe_sqrt
from fxlab.features.common.short_time import ShortTimeSpectrum
from fxlab.features.spectra.spectrogram import to_power
from fxlab.module import Choice, Count, Param

PITCH_CLASSES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


class Chroma(ShortTimeSpectrum):
    """The energy in each pitch class, summed over all octaves, which shows the notes of a chord.

    The power of each bin of the spectrum, or its magnitude with `power="magnitude"`, is added to the pitch classes near
    it, weighted by a Gaussian about as wide as a pitch class, or wider where the bins are further apart, and by another
    over octaves, whose maximum is at `center_octave`. Each frame is then divided by its `norm`: the maximum, the sum or
    the Euclidean norm of its values, unless `norm` is `"none"`. Silence stays 0. It streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_chroma, frames)`, C first if `n_chroma` is a multiple
        of 12.

    Source:
        D. P. W. Ellis, "Chroma feature analysis and synthesis", 2007. Definition and defaults are those of
        `librosa.feature.chroma_stft`, with a known tuning.

    >>> tone = torch.sin(2 * torch.pi * 440 * torch.arange(22_050) / 22_050)
    >>> PITCH_CLASSES[Chroma()(tone, sample_rate=22_050)[:, 20].argmax()]
    'A'
    """

    n_fft = parameters.fft_length(2048)
    hop_length = parameters.hop(512)
    power = parameters.power()
    n_chroma = Count(12, low=12, high=48, doc="Number of pitch classes.")
    tuning = Param(0.0, low=-0.5, high=0.5, doc="Deviation from A = 440 Hz, in pitch classes.")
    center_octave = Param(5.0, low=1.0, high=8.0, doc="Octave that counts most, above 27.5 Hz.")
    octave_width = Param(2.0, low=0.5, high=8.0, above=0.0, doc="Standard deviation of that weight, in octaves.")
    norm = Choice("max", ("max", "sum", "euclidean", "none"), doc="Measure of each frame that is scaled to 1.")

    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the energy in each pitch class, `(..., n_chroma, frames)`, for spectra `(..., frames, bins)`."""
        power = to_power(spectra, self.power)
        y = power @ self._bank(sample_rate, power)
        if self.norm == "max":
            y = safe_ratio(y, y.abs().amax(-1, keepdim=True))
        elif self.norm == "sum":
            y = safe_ratio(y, y.abs().sum(-1, keepdim=True))
        elif self.norm == "euclidean":
            y = safe_ratio(y, safe_sqrt(y.square().sum(-1, keepdim=True)))
        return y.transpose(-1, -2)

    def _bank(self, sample_rate: float, like: Tensor) -> Tensor:
        """Return the weights of the bins in each pitch class, `(bins, n_chroma)` or `(batch…, bins, n_chroma)`.

        They have the dtype and the device of `like`, `(..., frames, bins)`, and broadcast against it.
        """
        values = [self._stored(name) for name in ("tuning", "center_octave", "octave_width")]
        numbers = tuple(constant(value) for value in values)
        if None not in numbers:
            return constant_bank(numbers, (self.n_chroma, self.n_fft, sample_rate), like.dtype, like.device)
        rank = max(value.ndim for value in values)
        aligned = [value.reshape(*value.shape, *[1] * (rank - value.ndim), 1) for value in values]
        weights = chroma_bank(aligned, self.n_chroma, self.n_fft, sample_rate)
        batch = weights.shape[:-2]
        missing = like.ndim - 2 - len(batch)
        return weights.reshape(*batch, *[1] * (missing if batch else 0), *weights.shape[-2:]).to(like)

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        values = torch.arange(self.n_chroma, dtype=torch.float64)
        labels = PITCH_CLASSES if self.n_chroma == 12 else ()
        limits = None if self.norm == "none" else (0.0, 1.0)
        return Description("Chromagram", "Energy", "", Axis("Pitch class", "", values, labels=labels), limits=limits)


def chroma_bank(values: list[Tensor], classes: int, n_fft: int, sample_rate: float) -> Tensor:
    """Return the weights of the bins in each pitch class, `(batch…, bins, classes)`.

    Args:
        values: The tuning in pitch classes; the center of the weight over octaves, in octaves above 27.5 Hz; and the
            standard deviation of this weight in octaves; each `(batch…, 1)`.
        classes: The number of pitch classes.
        n_fft: The length of the FFT in samples.
        sample_rate: The sample rate in Hz.
    """
    tuning, middle, width = values
    bins = torch.arange(1, n_fft // 2 + 2, dtype=torch.float64, device=tuning.device) * (sample_rate / n_fft)
    pitch = classes * (bins / 27.5).log2() - tuning  # in classes above the A of 27.5 Hz
    # 0 Hz has no pitch. It gets one that is an octave and a half below the first bin, so that all classes share it.
    pitch = torch.cat([pitch[..., :1] - 1.5 * classes, pitch], -1)
    spread = (pitch[..., 1:] - pitch[..., :-1]).clamp(min=1.0)
    pitch = pitch[..., :-1]
    order = torch.arange(classes, dtype=torch.float64, device=tuning.device)
    half = round(classes / 2)
    distance = torch.remainder(pitch[..., None] - order + half, classes) - half
    bell = torch.exp(-2 * (distance / spread[..., None]).square())
    bell = safe_ratio(bell, safe_sqrt(bell.square().sum(-1, keepdim=True)))
    octave = torch.exp(-0.5 * ((pitch / classes - middle) / width).square())
    return torch.roll(bell * octave[..., None], -3 * (classes // 12), -1)  # from A first to C first


@kept
def constant_bank(
    values: tuple[float, ...], layout: tuple[int, int, float], dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Return the `chroma_bank` of `values` that are numbers, `(bins, classes)`.

    `layout` contains the number of classes, the length of the FFT and the sample rate in Hz.
    """
    tensors = [torch.tensor([value], dtype=torch.float64, device="cpu") for value in values]
    return chroma_bank(tensors, *layout).to(device=device, dtype=dtype)
