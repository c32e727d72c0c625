"""The inversion of spectra to sound by overlap-add, and the estimation of phases by Griffin and Lim's method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from fxlab.errors import SignalError
from fxlab.features.common.framing import whole_frames
from fxlab.features.common.safe_math import safe_sqrt
from fxlab.features.feature import Feature
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.features.common.short_time import ShortTimeSpectrum
    from fxlab.features.spectra.mel_spectrogram import BandSpectrogram

ITERATIONS, MOMENTUM, SEED = 32, 0.99, 0


def overlap_add(settings: ShortTimeSpectrum, spectra: Tensor, length: int | None = None) -> Tensor:
    """Return the sound with given complex spectra: the inverse of the transform of `settings`, by least squares.

    Args:
        settings: The module whose transform is inverted.
        spectra: The spectra, `(..., n_fft // 2 + 1, frames)`.
        length: The length of the sound in samples; None for that of the frames without their padding.

    Returns:
        The sound, `(..., time)`.

    Raises:
        SignalError: The hop is so long that samples lie in no window.

    Source:
        D. W. Griffin, J. S. Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. Acoust.,
        Speech, Signal Process. 32 (1984).
    """
    cut, frames = settings.framing(), spectra.shape[-1]
    window = settings.window_values(spectra.real.dtype, spectra.device)
    scale = window.square().sum().sqrt() if settings.normalized == "window" else 1.0
    pieces = torch.fft.irfft(spectra.transpose(-1, -2), cut.length, norm=settings.fft_norm()) * scale * window
    total = cut.length + (frames - 1) * cut.hop
    summed = _add(pieces.reshape(-1, frames, cut.length), cut.hop, total)
    energy = _add(window.square().expand(1, frames, cut.length), cut.hop, total)
    edge = cut.margin + cut.zeros
    end = total - edge if length is None else min(total, edge + length)
    summed, energy = summed[..., edge:end], energy[..., edge:end]
    # Without centering, the first and last samples are weighted with the ends of the window, which may be 0.
    unknown = energy <= 1e-11 * window.square().max()
    inner = unknown[..., cut.length : -cut.length] if cut.margin == 0 else unknown
    if bool(inner.any()):
        raise SignalError(
            f"{cut.owner}: {int(inner.sum())} samples lie in no window, so that the sound cannot be recovered: a hop "
            f"of {cut.hop} samples is too long for the window. Use a smaller hop_length."
        )
    y = torch.where(unknown, summed, summed / torch.where(unknown, 1.0, energy))
    if length is not None and y.shape[-1] < length:
        y = functional.pad(y, (0, length - y.shape[-1]))
    return y.reshape(*spectra.shape[:-2], y.shape[-1])


def estimate_phase(
    settings: ShortTimeSpectrum,
    magnitudes: Tensor,
    length: int | None = None,
    *,
    iterations: int = ITERATIONS,
    momentum: Tensor | float = MOMENTUM,
    seed: int | None = SEED,
) -> Tensor:
    """Return a sound, `(..., time)`, whose spectra have approximately these magnitudes.

    Args:
        settings: The module whose transform is inverted.
        magnitudes: The magnitudes, `(..., n_fft // 2 + 1, frames)`.
        length: The length of the sound in samples; None for that of the frames without their padding.
        iterations: The number of passes between spectra and sound.
        momentum: From 0, for Griffin and Lim's method, to below 1; larger values converge faster.
        seed: The seed of the random initial phases; None for initial phases of 0.

    Raises:
        SignalError: The hop is so long that samples lie in no window.

    Source:
        D. W. Griffin, J. S. Lim, 1984; N. Perraudin, P. Balazs, P. L. Søndergaard, "A fast Griffin-Lim algorithm",
        WASPAA 2013.
    """
    real, device = magnitudes.dtype, magnitudes.device
    if seed is None:
        phases = torch.ones_like(magnitudes, dtype=magnitudes.dtype.to_complex())
    else:
        draw = torch.rand(magnitudes.shape, dtype=real, generator=torch.Generator().manual_seed(seed)).to(device)
        phases = torch.polar(torch.ones_like(draw), 2 * torch.pi * draw)
    before, weight = torch.zeros_like(phases), momentum / (1 + momentum)
    tiny = 1e-16 if real == torch.float64 else 1e-8
    frames = magnitudes.shape[-1]
    for _ in range(iterations):
        sound = overlap_add(settings, magnitudes * phases, length)
        rebuilt = settings.spectra(whole_frames(sound, settings.framing())).transpose(-1, -2)[..., :frames]
        rebuilt = functional.pad(rebuilt, (0, frames - rebuilt.shape[-1]))
        phases = rebuilt - weight * before
        phases = phases / (phases.abs() + tiny)
        before = rebuilt
    return overlap_add(settings, magnitudes * phases, length)


def invert_spectrogram(module: ShortTimeSpectrum, feature: Feature) -> Signal:
    """Return the sound of a complex spectrogram, or a sound estimated from a real one, which `module` computed.

    Raises:
        SignalError: The data have a batch dimension, or the hop is so long that samples lie in no window.
    """
    data = feature.data
    if data.ndim != 3:
        raise SignalError(f"{feature.name}: the data have a batch dimension, and a Signal none; invert one example.")
    if data.is_complex():
        return Signal._of_channels(overlap_add(module, data, feature.samples), feature.sample_rate)
    magnitudes = safe_sqrt(data) if feature.kind == "power" else data
    return Signal._of_channels(estimate_phase(module, magnitudes.detach(), feature.samples), feature.sample_rate)


def invert_bands(module: BandSpectrogram, feature: Feature) -> Signal:
    """Return a sound estimated from the powers or magnitudes in the bands of `module`, the data of `feature`.

    Raises:
        SignalError: The data have a batch dimension, the bands differ between examples, or the hop is so long that
            samples lie in no window.
    """
    bank = module.bank(feature.sample_rate, feature.data.dtype, feature.data.device)
    spectrum = spread_bands(feature.data.detach(), bank)
    magnitudes = safe_sqrt(spectrum) if feature.kind == "power" else spectrum
    return Signal._of_channels(estimate_phase(module, magnitudes, feature.samples), feature.sample_rate)


def spread_bands(levels: Tensor, bank: Tensor, iterations: int = 100) -> Tensor:
    """Return a spectrum without negative values that has approximately the given levels in the bands of `bank`.

    `iterations` is the number of updates of the estimate.

    Shape:
        levels: `(..., bands, frames)`; bank: `(bins, bands)`. Returns `(..., bins, frames)`.

    Raises:
        SignalError: The bank has a batch dimension.

    Source:
        D. D. Lee, H. S. Seung, "Algorithms for non-negative matrix factorization", NIPS 2000: the multiplicative
        update for the least squares error, with a fixed matrix.
    """
    if bank.ndim > 2:
        raise SignalError("The sound cannot be estimated from bands that differ between examples; invert one example.")
    target = bank @ levels.clamp(min=0)
    gram, tiny = bank @ bank.T, torch.finfo(levels.dtype).tiny
    estimate = target.clone()
    for _ in range(iterations):
        estimate = estimate * (target / (gram @ estimate).clamp(min=tiny))
    return estimate


def _add(pieces: Tensor, hop: int, total: int) -> Tensor:
    """Return the sum `(n, total)` of frames `(n, frames, length)` that begin `hop` samples apart."""
    length = pieces.shape[-1]
    folded = functional.fold(pieces.transpose(-1, -2), (1, total), (1, length), stride=(1, hop))
    return folded[:, 0, 0]
