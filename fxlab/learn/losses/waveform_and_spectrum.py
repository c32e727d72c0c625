"""`WaveformAndSpectrum`: the default loss of `fit`, the sum of a difference of waveforms and one of spectra."""

from __future__ import annotations

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.learn.losses.loss import Loss
from fxlab.learn.losses.spectral import LogSpectrum
from fxlab.learn.losses.waveform import ESR


class WaveformAndSpectrum(Loss):
    """The sum of r / (1 + r) for the error-to-signal ratio r and `weight` times (d / 20)² for a spectral error of d dB.

    Far from the target the waveforms are uncorrelated, and the gradient of their error is small and misleading; that of
    the spectra is not. Near the target the spectra alone would not determine phases and polarity.

    Args:
        sample_rate: In Hz.
        weight: The weight of the spectra.
        low: The lower edge of the lowest band of the spectra in Hz; an eighth of the sample rate if that is lower.

    Raises:
        ParameterError: `weight` is negative, or `low` is not above 0 Hz.
        SignalError: The shapes or the sample rates differ, or there are no samples.

    >>> import torch
    >>> target = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    >>> loss = WaveformAndSpectrum(16_000)
    >>> loss(target, target).item() < 1e-9, round(loss(-target, target).item(), 3)
    (True, 0.8)
    """

    def __init__(self, sample_rate: float, weight: float = 0.1, low: float = 30.0) -> None:
        super().__init__()
        if not weight >= 0:
            raise ParameterError(f"WaveformAndSpectrum: weight is {weight!r}; it must be at least 0.")
        self.weight = weight
        self.waveform = ESR()
        self.spectrum = LogSpectrum(sample_rate, low=min(low, sample_rate / 8), bands_per_octave=3.0)

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each example."""
        ratio = self.waveform.per_example(output, target)
        difference = self.spectrum.per_example(output, target) / 20.0
        return ratio / (1 + ratio) + self.weight * difference.square()
