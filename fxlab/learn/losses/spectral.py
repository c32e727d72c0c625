"""Losses that compare the magnitudes of spectra."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.errors import ParameterError, SignalError
from fxlab.learn.losses.loss import EPSILON, Loss


class MultiResolutionSTFT(Loss):
    """Spectral convergence plus the mean absolute difference of log magnitudes, averaged over several resolutions.

    For the STFT magnitudes Y of the output and T of the target, at least 1e-4 each, the spectral convergence is
    `norm(T - Y) / norm(T)`, and the other term is the mean of `abs(log(Y) - log(T))`. Both are computed for each
    channel of each example.

    Args:
        n_fft: The length of the DFT in samples at each resolution.
        hop_length: The number of samples between frames at each resolution.
        win_length: The length of the Hann window in samples at each resolution.
        convergence: The weight of the spectral convergence.
        log_magnitude: The weight of the mean absolute difference of the natural logarithms.

    Raises:
        ParameterError: The three lists are empty or differ in length, a hop is below 1 sample, or a window is not from
            1 to `n_fft` samples long.
        SignalError: The shapes do not match, two Signals have different sample rates, or the signals have no more
            samples than half the largest `n_fft`.

    Source:
        R. Yamamoto, E. Song, J.-M. Kim, "Parallel WaveGAN", ICASSP 2020.

    >>> import torch
    >>> target = torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))
    >>> loss = MultiResolutionSTFT()
    >>> loss(target, target).item(), bool(loss(0.5 * target, target) > 1)
    (0.0, True)
    """

    is_nonnegative = True

    def __init__(
        self,
        n_fft: Sequence[int] = (1024, 2048, 512),
        hop_length: Sequence[int] = (120, 240, 50),
        win_length: Sequence[int] = (600, 1200, 240),
        convergence: float = 1.0,
        log_magnitude: float = 1.0,
    ) -> None:
        super().__init__()
        if not (n_fft and len(n_fft) == len(hop_length) == len(win_length)):
            raise ParameterError(
                f"MultiResolutionSTFT: n_fft has {len(n_fft)} resolutions, hop_length {len(hop_length)} and win_length "
                f"{len(win_length)}; give one of each for every resolution."
            )
        for bins, hop, window in zip(n_fft, hop_length, win_length, strict=True):
            if not (hop > 0 and 0 < window <= bins):
                raise ParameterError(
                    f"MultiResolutionSTFT: n_fft={bins}, hop_length={hop}, win_length={window}; the hop must be at "
                    "least 1 sample, and the window from 1 to n_fft samples."
                )
        self.resolutions = list(zip(n_fft, hop_length, win_length, strict=True))
        self.convergence, self.log_magnitude = convergence, log_magnitude
        for number, (_, _, window) in enumerate(self.resolutions):
            self.register_buffer(f"window_{number}", torch.hann_window(window), persistent=False)

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each example, the mean over its channels and the resolutions.

        Raises:
            SignalError: The signals have no more samples than half the largest `n_fft`.
        """
        longest = max(bins for bins, _, _ in self.resolutions)
        if output.shape[-1] <= longest // 2:
            raise SignalError(
                f"MultiResolutionSTFT: the signals have {output.shape[-1]} samples; the largest n_fft, {longest}, "
                f"needs more than {longest // 2}. Use longer signals or a smaller n_fft."
            )
        total = output.new_zeros(output.shape[:-2])
        for number, resolution in enumerate(self.resolutions):
            window = self.get_buffer(f"window_{number}").to(output)
            y, wanted = (_magnitude(x, resolution, window) for x in (output, target))
            error = torch.linalg.vector_norm(wanted - y, dim=(-2, -1)) if self.convergence else 0.0
            ratio = error / torch.linalg.vector_norm(wanted, dim=(-2, -1)) if self.convergence else 0.0
            logs = (y.log() - wanted.log()).abs().mean((-2, -1)) if self.log_magnitude else 0.0
            total = total + (self.convergence * ratio + self.log_magnitude * logs).mean(-1)  # type: ignore[union-attr]
        return total / len(self.resolutions)


def _magnitude(x: Tensor, resolution: tuple[int, int, int], window: Tensor) -> Tensor:
    """Return the STFT magnitudes of `x`, `(..., channels, bins, frames)`, at least the root of `EPSILON`.

    `resolution` consists of the DFT length, the hop and the window length in samples.
    """
    bins, hop, length = resolution
    rows = x.reshape(-1, x.shape[-1])
    spectra = torch.stft(rows, bins, hop, length, window, center=True, return_complex=True)
    power = (spectra.real.square() + spectra.imag.square()).clamp(min=EPSILON)
    return power.sqrt().reshape(*x.shape[:-1], *power.shape[-2:])


class LogSpectrum(Loss):
    """The root mean square difference of two spectra in dB, in bands of equal width on a logarithmic frequency axis.

    The spectra are those of the complete signals, faded out over their second half: a sudden end would spread the power
    of strong bands over all others. Levels more than 100 dB below the largest band of the target count as 100 dB below
    it. The loss of an example is the mean of the differences of its channels.

    Args:
        sample_rate: The sample rate of both signals in Hz.
        low: The lower edge of the lowest band in Hz.
        high: The upper edge of the highest band in Hz; None means half the sample rate.
        bands_per_octave: The approximate number of bands in an octave; the total number of bands is rounded.

    Raises:
        ParameterError: `low` and `high` are not in order, or not from above 0 Hz to half the sample rate.
        SignalError: The shapes do not match, there are no samples, or a Signal has another sample rate than the loss.

    >>> import torch
    >>> target = torch.randn(1, 48_000, generator=torch.Generator().manual_seed(0))
    >>> round(LogSpectrum(48_000)(0.5 * target, target).item(), 3)
    6.021
    """

    is_nonnegative = True

    def __init__(
        self, sample_rate: float, low: float = 50.0, high: float | None = None, bands_per_octave: float = 6.0
    ) -> None:
        super().__init__()
        top = sample_rate / 2 if high is None else high
        if not 0 < low < top <= sample_rate / 2:
            raise ParameterError(
                f"LogSpectrum: low={low!r} Hz and high={top!r} Hz; they must be in order, above 0 Hz and at most half "
                f"the sample rate ({sample_rate / 2:g} Hz)."
            )
        count = max(1, round(math.log2(top / low) * bands_per_octave))
        self.sample_rate: float = sample_rate
        self.edges = [low * (top / low) ** (k / count) for k in range(count + 1)]

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the root mean square difference in dB over the bands, averaged over the channels, `(...)`."""
        y, wanted = self._levels(output), self._levels(target)
        floor = wanted.amax(-1, keepdim=True) - 100.0
        difference = (torch.maximum(y, floor) - torch.maximum(wanted, floor)).square().mean(-1).add(1e-20).sqrt()
        return difference.mean(-1).to(output.dtype)

    def _levels(self, x: Tensor) -> Tensor:
        """Return the mean power of the bins of each band of the faded `x` in dB, `(..., bands)`.

        For a band that contains no bin, the power is that of the bin nearest to its lower edge.
        """
        half = x.shape[-1] // 2
        fade = torch.hann_window(2 * half, dtype=x.dtype, device=x.device)[half:]
        x = torch.cat([x[..., : x.shape[-1] - half], x[..., x.shape[-1] - half :] * fade], -1)
        power = torch.fft.rfft(x).to(torch.complex128).abs().square()  # differences of sums would lose float32's digits
        sums = pad(power.cumsum(-1), (1, 0))
        positions = [edge / self.sample_rate * x.shape[-1] for edge in self.edges]
        first = [min(round(place), power.shape[-1] - 1) for place in positions[:-1]]
        last = [min(max(round(b), a + 1), power.shape[-1]) for a, b in zip(first, positions[1:], strict=True)]
        width = torch.tensor([b - a for a, b in zip(first, last, strict=True)], dtype=power.dtype, device=x.device)
        return 10.0 * ((sums[..., last] - sums[..., first]).clamp(min=0) / width + 1e-30).log10()
