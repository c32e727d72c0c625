"""The long-term spectrum of a sound, smoothed in fractions of an octave."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError, SignalError

_FLOOR = 1e-15  # -150 dB


def long_term_spectrum(
    x: Tensor,
    frequencies: Tensor,
    sample_rate: float,
    *,
    n_fft: int = 8192,
    frames: int = 64,
    octaves: float = 1 / 6,
) -> Tensor:
    """Return the mean spectrum of `x` at `frequencies`, in dB relative to a full-scale sine.

    The power of Hann-windowed frames, spread evenly over the sound, is averaged over time and channels, then summed
    over a band of `octaves` around each frequency (at least 2 bins to each side), so that tones keep their level and
    the spectrum of noise is smooth. The lowest level is -150 dB.

    Args:
        x: The sound.
        frequencies: The frequencies in Hz.
        sample_rate: The sample rate in Hz.
        n_fft: The length of a frame in samples; a shorter sound is padded with zeros.
        frames: The maximum number of frames.
        octaves: The width of the band in octaves.

    Shape:
        x: `(..., time)`, real; frequencies: `(points,)`. Returns `(points,)`, float32, on the CPU.

    Raises:
        SignalError: `x` is not a real tensor, or has no samples.
        ParameterError: `frequencies` is not a tensor.

    Source:
        P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans. Audio
        Electroacoust. 15 (1967).

    >>> t = torch.arange(48_000) / 48_000
    >>> level = long_term_spectrum(0.5 * torch.sin(2 * torch.pi * 1000 * t), torch.tensor([1000.0]), 48_000)
    >>> round(level.item(), 1)
    -6.0
    """
    _check(x, frequencies)
    x = x.detach().reshape(-1, x.shape[-1]).float()
    if x.shape[-1] < n_fft:
        x = torch.nn.functional.pad(x, (0, n_fft - x.shape[-1]))
    windows = x.unfold(-1, n_fft, 1)
    count = min(frames, max(1, 2 * (x.shape[-1] // n_fft)))
    starts = torch.linspace(0, windows.shape[1] - 1, count, device=x.device).long()
    window = torch.hann_window(n_fft, device=x.device)
    spectra = torch.fft.rfft(windows[:, starts] * (window * (2 / window.sum())))
    power = spectra.abs().square().mean((0, 1)).double().cpu()

    # The window spreads the power of a sine over its main lobe. The noise bandwidth of a Hann window is 1.5 bins, so
    # the sum over the band divided by 1.5 is the level of a tone at any position between bins.
    total = torch.cat([torch.zeros(1, dtype=torch.float64), power.cumsum(0)]) / 1.5
    bins = frequencies.double().cpu() * (n_fft / sample_rate)
    half = 2 ** (octaves / 2)
    low = torch.minimum(bins / half, bins - 2.0)
    high = torch.maximum(bins * half, bins + 2.0)
    return (10 / math.log(10) * (_band_sum(total, low, high) + _FLOOR).log()).float()


def _check(x: object, frequencies: object) -> None:
    """Raise an error unless the arguments are tensors, and `x` is real and has samples.

    Raises:
        SignalError: `x` is not a real tensor, or has no samples.
        ParameterError: `frequencies` is not a tensor.
    """
    if not isinstance(x, Tensor):
        raise SignalError(
            f"long_term_spectrum: the input is {type(x).__name__}, not a tensor (..., time). Of a Signal, pass "
            "signal.samples and signal.sample_rate."
        )
    if x.is_complex() or not x.ndim or not x.numel():
        kind = "complex" if x.is_complex() else "real"
        raise SignalError(
            f"long_term_spectrum: the input is a {kind} tensor of shape {tuple(x.shape)}; it must be real and "
            "(..., time), with at least one sample."
        )
    if not isinstance(frequencies, Tensor):
        raise ParameterError(
            f"long_term_spectrum: frequencies is {type(frequencies).__name__}, not a tensor of frequencies in Hz. "
            "Write torch.as_tensor(frequencies)."
        )


def _band_sum(total: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return the sum of the bins from `low` to `high`, which may be fractional.

    `total` is the cumulative sum of all bins, beginning with 0.
    """

    def at(position: Tensor) -> Tensor:
        point = (position + 0.5).clamp(0, len(total) - 1)
        index = point.floor().long().clamp(max=len(total) - 2)
        return torch.lerp(total[index], total[index + 1], point - index)

    return at(high) - at(low)
