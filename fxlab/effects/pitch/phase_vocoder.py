"""A phase vocoder: a change of the length of a sound that keeps its pitch."""

from __future__ import annotations

import math

import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.pitch.nearest_peaks import REACH, nearest_peaks
from fxlab.effects.pitch.peak_turns import PeakTurns
from fxlab.effects.pitch.unit import unit
from fxlab.engine.torch_support.row_windows import row_windows
from fxlab.engine.torch_support.tracing import is_plain_tensor, needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

WINDOW_SECONDS = 0.046
OVERLAP = 4
PART = 1 << 18
"""The approximate number of samples of the rows stretched together; their spectra fit in a processor's cache."""

TILE = 1 << 16
"""The approximate number of samples of the frames processed at once; they fit in a core's own cache."""


def stretch(x: Tensor, rate: float | Tensor, length: int, sample_rate: float) -> Tensor:
    """Return `x`, `(..., time)`, played `rate` times as fast with the same pitch, as `(..., length)`.

    Successive frames of the output are a quarter of a window apart, and those of the input `rate` times as far, rounded
    to whole samples. The phase of every peak of a spectrum advances from frame to frame by as much as it does in the
    input over the same time. This advance is measured with a second frame, a quarter of a window earlier. All bins
    around a peak are rotated by the same angle as the peak. At a rate of 1 no bin is rotated, and the output is the
    input up to rounding, cut or padded to `length`.

    `rate` may be a tensor with one value for each of the rows of `x`, flattened to `(rows, time)`. The window length
    depends on `sample_rate`, in Hz.

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
    """Return slices of the rows `(rows, time)` for threads; a single slice on a GPU or if a gradient may be needed."""
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
    if not is_plain_tensor(rows) or needs_derivative(rows) or size // 2 < 2 * REACH:
        output = _turn(row_windows(padded, starts, size + hop), window, scaled, turns=turns)
        return _overlap_add(output, hop)[:, size : size + length]
    every = sliding_window_view(padded.numpy().reshape(-1), size + hop)
    places = (starts + torch.arange(len(rows))[:, None] * padded.shape[-1]).mT.numpy()  # `(frames, rows)`
    total = rows.new_zeros(len(frames) + OVERLAP - 1, len(rows), hop)
    tile, memory = max(8, TILE // (len(rows) * size)), PeakTurns()
    for begin in range(0, len(frames), tile):
        parts = torch.from_numpy(every[places[begin : begin + tile]])
        spectra = torch.fft.rfft(parts[..., -size:] * window)
        if turns:
            earlier = torch.fft.rfft(parts[..., :size] * window)
            torch.mul(spectra, memory.next_factors(spectra, earlier), out=spectra)
        output = torch.fft.irfft(spectra, size)
        for part, (samples, factors) in enumerate(
            zip(torch.split(output, hop, -1), torch.split(scaled, hop), strict=True)
        ):
            total[begin + part : begin + part + len(parts)].addcmul_(samples, factors)
    return total.movedim(1, 0).flatten(1)[:, size : size + length]


def _turn(parts: Tensor, window: Tensor, scaled: Tensor, *, turns: bool) -> Tensor:
    """Return the frames of the output `(rows, frames, size)`, windowed, from those of the input, `parts`.

    `parts` is `(rows, frames, size + hop)`; each part begins with the second frame, and ends with the frame itself.
    `window` is applied to the input and `scaled` to the output, `(size,)` each. If `turns` is False, the phases are not
    changed.
    """
    size = len(window)
    spectra = torch.fft.rfft(parts[..., -size:] * window)  # `(rows, frames, bins)`
    if turns:
        spectra = spectra * _rotations(spectra, torch.fft.rfft(parts[..., :size] * window))
    frames: Tensor = torch.fft.irfft(spectra, size) * scaled
    return frames


def window_size(sample_rate: float) -> int:
    """Return the number of samples of a window, a power of two of at least 16: 2048 at 44.1 and 48 kHz."""
    return max(16, 1 << round(math.log2(WINDOW_SECONDS * sample_rate)))


def _rotations(spectra: Tensor, earlier: Tensor) -> Tensor:
    """Return the factors of magnitude 1 that rotate the bins of the frames, `(rows, frames, bins)`.

    `spectra` and `earlier`, of the same shape, are the spectra of the frames and of the second frames.
    """
    known = spectra.detach()
    peaks = nearest_peaks(known.real.square() + known.imag.square())
    turn, steps = torch.ones_like(spectra[:, 0]), unit(spectra[:, :-1] * earlier[:, 1:].conj())
    turns = [turn]
    for frame in range(steps.shape[1]):
        turn = (turn * steps[:, frame]).gather(-1, peaks[:, frame + 1])
        turns.append(turn)
    return torch.stack(turns, 1)


def _overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Return the sum of overlapping frames, each of which starts `hop` samples after the one before.

    `frames` is `(rows, frames, size)`, where `size` is a multiple of `hop`; the result is
    `(rows, (frames - 1) hop + size)`.
    """
    rows, count, size = frames.shape
    parts = frames.reshape(rows, count, size // hop, hop)
    total = frames.new_zeros(rows, count + size // hop - 1, hop)
    for part in range(size // hop):
        total = total + pad(parts[:, :, part], (0, 0, part, size // hop - 1 - part))
    return total.flatten(1)
