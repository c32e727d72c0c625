"""A phase vocoder: a change of the length of a sound that keeps its pitch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.pitch import turn_script
from fxlab.effects.pitch.nearest_peaks import nearest_peaks
from fxlab.engine.torch_support.row_windows import row_windows
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

WINDOW_SECONDS = 0.046
OVERLAP = 4
PART = 1 << 18
"""The number of samples of the rows that are stretched together, so that their spectra fit in a processor's cache."""

TILE = 1 << 16
"""The number of samples of the frames that are turned at once, so that these steps stay in a core's own cache."""

turn_frames: Callable[[Tensor, Tensor, Tensor], Tensor] = script_function(turn_script, "turn_frames")


class Frame(NamedTuple):
    """The spectrum of a frame of the input, `(rows, 1, bins)`, and the factors of its bins, `(rows, bins)`."""

    spectrum: Tensor
    factors: Tensor


def stretch(x: Tensor, rate: float | Tensor, length: int, sample_rate: float) -> Tensor:
    """Return `length` samples of `x` `(..., time)`, played `rate` times as fast with the same pitch.

    Frames of the output follow each other by a quarter of a window, and those of the input by `rate` times as much,
    rounded to whole samples. The phase of every peak of a spectrum advances from frame to frame by as much as in the
    input over the same time, which a second frame, a quarter of a window earlier, shows. All bins around a peak are
    turned by the same angle as it. At a rate of 1 nothing is turned, and the output is the input.

    `rate` may be a tensor with one value for each of the rows of `x`, flattened to `(rows, time)`.

    Source:
        J. Laroche, M. Dolson, "Improved phase vocoder time-scale modification of audio", IEEE Transactions on Speech
        and Audio Processing 7(3), 1999: identity phase locking; M. Puckette, "Phase-locked vocoder", WASPAA 1995: the
        second frame.
    """
    rows = x.reshape(-1, x.shape[-1])
    parts = row_parts(rows)

    def stretch_part(part: slice) -> Tensor:
        return _stretch(rows[part], rate[part] if isinstance(rate, Tensor) else rate, length, sample_rate)

    if len(parts) == 1:
        y = _stretch(rows, rate, length, sample_rate)
    else:
        y = torch.cat(run_parts(stretch_part, parts, max_workers()))
    return y.reshape(*x.shape[:-1], length)


def row_parts(rows: Tensor) -> list[slice]:
    """Return the rows `(rows, time)` in parts for threads; all of them in one part if a gradient may be requested."""
    if not rows.is_cpu or not rows.numel() or needs_derivative(rows):
        return [slice(None)]
    step = max(1, PART // rows.shape[-1])
    return [slice(first, first + step) for first in range(0, len(rows), step)]


def _stretch(rows: Tensor, rate: float | Tensor, length: int, sample_rate: float) -> Tensor:
    if not len(rows):
        return rows.new_zeros(0, length)
    size = window_size(sample_rate)
    hop = size // OVERLAP
    half = OVERLAP // 2  # of the frames around the start and the end
    frames = range(-half, -(-length // hop) + half)
    window = torch.hann_window(size, dtype=rows.dtype, device=rows.device)
    place = torch.tensor(list(frames), dtype=torch.float64) * hop
    rates = rate.detach().cpu().double()[:, None] if isinstance(rate, Tensor) else torch.tensor([[rate]]).double()
    starts = (place * rates).round().long().expand(len(rows), -1)
    # Each part is a frame, and before it the hop by which the second frame begins earlier.
    before, last = size // 2 + hop - int(starts.min()), int(starts.max())
    padded = pad(rows, (before, max(0, last + size // 2 - rows.shape[-1])))
    starts = starts - size // 2 - hop + before
    turns = isinstance(rate, Tensor) or rate != 1.0
    scaled = window / (window.square().sum() / hop)
    if not rows.is_cpu or needs_derivative(rows):
        output, _ = _turn(row_windows(padded, starts, size + hop), window, scaled, None, turns=turns)
        return _overlap_add(output, hop)[:, size : size + length]
    total = rows.new_zeros(len(rows), len(frames) + OVERLAP - 1, hop)
    tile, known = max(8, TILE // (max(1, len(rows)) * size)), None
    for begin in range(0, len(frames), tile):
        parts = row_windows(padded, starts[:, begin : begin + tile], size + hop)
        output, known = _turn(parts, window, scaled, known, turns=turns)
        for part, samples in enumerate(torch.split(output, hop, -1)):
            total[:, begin + part : begin + part + parts.shape[1]] += samples
    return total.flatten(1)[:, size : size + length]


def _turn(
    parts: Tensor, window: Tensor, scaled: Tensor, before: Frame | None, *, turns: bool
) -> tuple[Tensor, Frame | None]:
    """Return the frames of the output `(rows, frames, size)`, windowed, and the last one of the input.

    `parts` `(rows, frames, size + hop)` follow the frame `before`, which is None at the start of the sound.
    """
    size = len(window)
    spectra = torch.fft.rfft(parts[..., -size:] * window)  # `(rows, frames, bins)`
    if not turns:
        return torch.fft.irfft(spectra, size) * scaled, None
    factors = _rotations(spectra, torch.fft.rfft(parts[..., :size] * window), before)
    return torch.fft.irfft(spectra * factors, size) * scaled, Frame(spectra[:, -1:], factors[:, -1])


def window_size(sample_rate: float) -> int:
    """Return the number of samples of a window, a power of two: 2048 at 44.1 and 48 kHz."""
    return max(16, 1 << round(math.log2(WINDOW_SECONDS * sample_rate)))


def _rotations(spectra: Tensor, earlier: Tensor, before: Frame | None) -> Tensor:
    """Return the factor of magnitude 1 for every bin of every frame, `(rows, frames, bins)`."""
    known = spectra.detach()
    peaks = nearest_peaks(known.real.square() + known.imag.square())
    if before is None:
        first, steps, peaks = torch.ones_like(spectra[:, 0]), spectra[:, :-1] * earlier[:, 1:].conj(), peaks[:, 1:]
    else:
        first, steps = before.factors, torch.cat([before.spectrum, spectra[:, :-1]], 1) * earlier.conj()
    run = turn_script.turn_frames if needs_derivative(steps) else turn_frames
    factors = run(first, _unit(steps), peaks)
    return factors if before is None else factors[:, 1:]


def _unit(z: Tensor) -> Tensor:
    """Return `z / |z|`, and 1 where it is 0, with finite derivatives."""
    tiny = torch.finfo(z.dtype).tiny
    if not needs_derivative(z):
        # PyTorch divides by the magnitude of a subnormal number as if it were 0.
        unit = torch.sgn(torch.view_as_complex(torch.hardshrink(torch.view_as_real(z), 2.0**24 * tiny)))
        return unit + (unit == 0)
    magnitude = z.abs()
    is_zero = magnitude < tiny
    return z / torch.where(is_zero, 1.0, magnitude) + is_zero


def _overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Return the sum of frames `(rows, frames, size)` that follow each other by `hop` samples."""
    rows, count, size = frames.shape
    parts = frames.reshape(rows, count, size // hop, hop)
    total = frames.new_zeros(rows, count + size // hop - 1, hop)
    for part in range(size // hop):
        total = total + pad(parts[:, :, part], (0, 0, part, size // hop - 1 - part))
    return total.flatten(1)
