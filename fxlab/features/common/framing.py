"""The division of a sound into frames: padding at both ends, and frames across the blocks of a stream."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from fxlab.errors import SignalError


class Cut(NamedTuple):
    """The division of a sound into frames of `length` samples that begin `hop` samples apart.

    Both ends of the sound are extended by `zeros` zeros and then padded by `margin` samples in a `mode` of
    `torch.nn.functional.pad`. `owner` is the name of the module in error messages.
    """

    length: int
    hop: int
    margin: int = 0
    mode: str = "reflect"
    zeros: int = 0
    owner: str = "Framing"


class Pending(NamedTuple):
    """The samples that a stream keeps for the next frames.

    The next frame begins `start` samples after the first of them. `has_begun` is False as long as there are too few
    samples to pad the beginning of the sound.
    """

    samples: Tensor
    start: int
    has_begun: bool


def pad_ends(x: Tensor, cut: Cut, left: int, right: int) -> Tensor:
    """Return `x` padded by `left` and `right` samples in the mode `cut.mode`.

    Raises:
        SignalError: The sound is too short for this mode.
    """
    if not (left or right):
        return x
    samples = x.shape[-1]
    if cut.mode == "constant":
        return functional.pad(x, (left, right))
    least = {"reflect": max(left, right) + 1, "circular": max(left, right)}.get(cut.mode, 1)
    if samples < least:
        raise SignalError(
            f"{cut.owner}: the sound has {samples} samples; padding by {max(left, right)} samples in mode "
            f"{cut.mode!r} takes at least {least}. Use a longer sound, shorter frames, or pad_mode='constant'."
        )
    flat = x.reshape(-1, 1, samples) if x.ndim != 3 else x
    return functional.pad(flat, (left, right), mode=cut.mode).reshape(*x.shape[:-1], samples + left + right)


def whole_frames(x: Tensor, cut: Cut) -> Tensor:
    """Return all frames of a sound, `(..., frames, length)`: a view of its padded samples.

    Raises:
        SignalError: The sound is shorter than a frame, or too short for its padding.
    """
    if cut.zeros:
        x = functional.pad(x, (cut.zeros, cut.zeros))
    x = pad_ends(x, cut, cut.margin, cut.margin)
    if x.shape[-1] < cut.length:
        raise too_short(x.shape[-1], cut)
    return x.unfold(-1, cut.length, cut.hop)


def too_short(samples: int, cut: Cut) -> SignalError:
    """Return the error for a sound of `samples` samples, which is shorter than a frame."""
    return SignalError(
        f"{cut.owner}: the sound has {samples} samples and a frame {cut.length}; use a longer sound, shorter frames, "
        "or center=True, which pads both ends by half a frame."
    )


def count_frames(samples: int, cut: Cut) -> int:
    """Return the number of frames of a sound of `samples` samples; 0 if the padded sound is shorter than a frame."""
    return max(0, 1 + (samples + 2 * (cut.margin + cut.zeros) - cut.length) // cut.hop)


def next_frames(x: Tensor, pending: Pending | None, cut: Cut) -> tuple[Tensor, Pending]:
    """Return the frames that the next block of a stream completes, `(..., frames, length)`, and the samples to keep.

    `x` is the block, and `pending` are the samples kept from the previous blocks, or None for the first block.

    Raises:
        SignalError: The ends are padded in the mode `"circular"`, in which the beginning depends on the end.
    """
    if cut.margin and cut.mode == "circular":
        raise SignalError(
            f"{cut.owner}: pad_mode='circular' takes the end of the sound, which a stream does not know; use "
            "'reflect', 'replicate' or 'constant', or center=False."
        )
    if pending is None:
        pending = Pending(x.new_zeros(*x.shape[:-1], cut.zeros), 0, has_begun=False)
    samples = torch.cat([pending.samples, x], -1)
    start = pending.start
    if not pending.has_begun:
        least = {"constant": 0, "replicate": 1}.get(cut.mode, cut.margin + 1) if cut.margin else 0
        if samples.shape[-1] < least:
            return _no_frames(samples, cut), Pending(samples, 0, has_begun=False)
        # Now the samples that the padding of the start mirrors are known.
        samples = pad_ends(samples, cut, cut.margin, 0)
    count = max(0, 1 + (samples.shape[-1] - start - cut.length) // cut.hop)
    if not count:
        return _no_frames(samples, cut), Pending(samples, start, has_begun=True)
    end = start + (count - 1) * cut.hop + cut.length
    frames = samples[..., start:end].unfold(-1, cut.length, cut.hop)
    start += count * cut.hop
    # The padding at the end mirrors the last samples, so they are kept even if no frame needs them.
    first = max(0, min(start, samples.shape[-1] - cut.margin - 1))
    return frames, Pending(samples[..., first:], start - first, has_begun=True)


def last_frames(pending: Pending, cut: Cut) -> Tensor:
    """Return the frames that the padding at the end of a stream completes, `(..., frames, length)`.

    Raises:
        SignalError: The sound is too short for its padding.
    """
    samples, start = pending.samples, pending.start
    if cut.zeros:
        samples = functional.pad(samples, (0, cut.zeros))
    samples = pad_ends(samples, cut, 0 if pending.has_begun else cut.margin, cut.margin)
    samples = samples[..., min(start, samples.shape[-1]) :]
    if samples.shape[-1] < cut.length:
        return _no_frames(samples, cut)
    return samples.unfold(-1, cut.length, cut.hop)


def _no_frames(samples: Tensor, cut: Cut) -> Tensor:
    return samples.new_empty(*samples.shape[:-1], 0, cut.length)
