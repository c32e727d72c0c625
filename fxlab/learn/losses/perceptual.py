"""Losses that weight frequencies as hearing does: mel bands and K-weighted loudness."""

from __future__ import annotations

from torch import Tensor

from fxlab.effects.level.integrated_loudness import block_powers
from fxlab.errors import SignalError
from fxlab.features import MelSpectrogram
from fxlab.learn.losses.loss import Loss

FLOOR = 1e-10
"""The constant that is added to powers before their logarithm is taken: -100 dB."""


class LogMel(Loss):
    """The mean absolute difference of two mel spectrograms in dB, with 1e-10 (-100 dB) added to all powers.

    The mean is that over channels, bands and frames.

    Args:
        sample_rate: The sample rate of both signals in Hz.
        n_fft: The length of the DFT in samples.
        hop_length: The number of samples between frames.
        n_mels: The number of mel bands.

    Raises:
        ParameterError: `n_fft`, `hop_length` or `n_mels` is invalid.
        SignalError: The shapes do not match, a Signal has another sample rate than the loss, or the signals have
            `n_fft // 2` samples or fewer.

    >>> import torch
    >>> target = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    >>> round(LogMel(16_000)(0.5 * target, target).item(), 3)
    6.021
    """

    is_nonnegative = True

    def __init__(self, sample_rate: float, n_fft: int = 1024, hop_length: int = 256, n_mels: int = 64) -> None:
        super().__init__()
        self.sample_rate: float = sample_rate
        self.bands = MelSpectrogram(n_fft=n_fft, hop_length=hop_length, n_mels=n_mels, normalized="window")

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the mean absolute difference in dB for each example, over channels, bands and frames, `(...)`.

        Raises:
            SignalError: The signals have `n_fft // 2` samples or fewer.
        """
        if output.shape[-1] <= self.bands.n_fft // 2:
            raise SignalError(
                f"LogMel: the signals have {output.shape[-1]} samples; n_fft={self.bands.n_fft} needs more than "
                f"{self.bands.n_fft // 2}. Use longer signals or a smaller n_fft."
            )
        y, wanted = (10.0 * (self.bands(x, self.sample_rate) + FLOOR).log10() for x in (output, target))
        return (y - wanted).abs().mean((-3, -2, -1))


class Loudness(Loss):
    """The mean absolute difference of the momentary loudness in LU, over K-weighted blocks of 400 ms, every 100 ms.

    The power of a block is the sum over the channels, with the weights of ITU-R BS.1770, plus 1e-10. A signal
    shorter than 400 ms is one block.

    Args:
        sample_rate: The sample rate of both signals in Hz, at least 2000.

    Raises:
        ParameterError: The sample rate is below 2000 Hz; raised by the first call.
        SignalError: The shapes do not match, there are no samples, or a Signal has another sample rate than the loss.

    Source:
        Recommendation ITU-R BS.1770-5, without its gates, which have no gradient.

    >>> import torch
    >>> target = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    >>> round(Loudness(16_000)(0.5 * target, target).item(), 3)
    6.021
    """

    is_nonnegative = True

    def __init__(self, sample_rate: float) -> None:
        super().__init__()
        self.sample_rate: float = sample_rate

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the mean absolute difference in LU for each example, over its blocks, `(...)`."""
        window = min(0.4, output.shape[-1] / self.sample_rate)
        powers = (block_powers(x, self.sample_rate, window, 0.1) for x in (output, target))
        y, wanted = (10.0 * (power + FLOOR).log10() for power in powers)
        return (y - wanted).abs().mean(-1).to(output.dtype)
