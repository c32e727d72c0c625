"""`WaveformAndSpectrum`: the default loss of `fit`, the sum of a difference of waveforms and one of spectra."""

from __future__ import annotations

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.learn.losses.loss import Loss
from fxlab.learn.losses.spectral import LogSpectrum
from fxlab.learn.losses.waveform import ESR


class WaveformAndSpectrum(Loss):
    """The default loss of `fit`, `r / (1 + r) + weight * (d / 20)**2`, with a waveform error r and a spectral error d.

    For each example, r is the error-to-signal ratio, the energy of `target - output` divided by that of the target, as
    in `ESR`. d is the root mean square difference of the levels of output and target in dB, as in `LogSpectrum`, in
    bands of about a third of an octave from `low` to half the sample rate. Both are means over the channels.

    Far from the target, where the waveforms are hardly correlated, the gradient of r is small and misleading, unlike
    that of d. Near the target, r determines the phases and the polarity, which d does not depend on.

    Args:
        sample_rate: The sample rate of both signals in Hz.
        weight: The weight of the spectral term.
        low: The lower edge of the lowest band in Hz; an eighth of the sample rate if that is lower.

    Raises:
        ParameterError: `weight` is negative, or `low` is not above 0 Hz.
        SignalError: The shapes do not match, there are no samples, or a Signal has another sample rate than the loss.

    >>> import torch
    >>> target = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    >>> loss = WaveformAndSpectrum(16_000)
    >>> loss(target, target).item() < 1e-9, round(loss(-target, target).item(), 3)
    (True, 0.8)
    """

    is_nonnegative = True

    def __init__(self, sample_rate: float, weight: float = 0.1, low: float = 30.0) -> None:
        super().__init__()
        if not weight >= 0:
            raise ParameterError(f"WaveformAndSpectrum: weight is {weight!r}; it must be at least 0.")
        self.weight, self.sample_rate = weight, sample_rate
        self.waveform = ESR()
        self.spectrum = LogSpectrum(sample_rate, low=min(low, sample_rate / 8), bands_per_octave=3.0)

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each example, `(...)`."""
        ratio = self.waveform.per_example(output, target)
        difference = self.spectrum.per_example(output, target) / 20.0
        return ratio / (1 + ratio) + self.weight * difference.square()
