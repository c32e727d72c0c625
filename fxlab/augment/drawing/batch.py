"""`Batch`: the sounds of a call as rows, with their targets."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.applied_rows import Indices
from fxlab.augment.drawing.row_pass import RowPass
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import SignalError
from fxlab.module.checks import check_finite
from fxlab.signal.samples import is_number

SOUNDS, SPECTROGRAMS, ANY = "sounds", "spectrograms", "sounds and spectrograms"
"""The kinds of input of an augmentation."""


class Batch(NamedTuple):
    """The sounds of a call, `(rows, channels, time)`, or its spectrograms, `(rows, channels, frequency, frames)`.

    `rate` is the sample rate in Hz. `targets` is `(rows, channels, frames, classes)`, or None if there are none;
    `target_rate` is the number of frames of the targets per second. `is_own` is True if `x` is an intermediate result
    to which nothing else refers, so that the next augmentation may write its output into it. `is_checked` is False as
    long as the samples must still be checked for NaN and infinity. `row_pass` contains changes that are not yet written
    to `x`; None stands for none.
    """

    x: Tensor
    rate: float
    targets: Tensor | None = None
    target_rate: float = 0.0
    is_own: bool = False
    is_checked: bool = True
    row_pass: RowPass | None = None

    def split_channels(self) -> Batch:
        """Return a batch in which every channel is a row of its own."""
        targets = None if self.targets is None else self.targets.flatten(0, 1)[:, None]
        return self._replace(x=self.x.flatten(0, 1)[:, None], targets=targets)

    def join_channels(self, channels: int) -> Batch:
        """Undo `split_channels`: return a batch whose rows have `channels` channels each."""
        rows = self.x.shape[0] // channels
        targets = None if self.targets is None else self.targets.reshape(rows, channels, *self.targets.shape[2:])
        return self._replace(x=self.x.reshape(rows, channels, *self.x.shape[2:]), targets=targets)

    def in_shape_of(self, x: Tensor, targets: Tensor | None, own: int) -> tuple[Tensor, Tensor | None]:
        """Return the sounds and their targets with the leading dimensions of the inputs of the call.

        The number of channels and the other dimensions are those of the batch.

        Args:
            x: The sounds or spectrograms of the call, of any rank.
            targets: The targets of the call, or None.
            own: The number of dimensions after the channels: 1 for sounds, 2 for spectrograms.
        """
        lead = (*x.shape[: -own - 1], *(self.x.shape[1:2] if x.ndim > own else ()))
        y = self.x if x.ndim == own + 2 else self.x.reshape(*lead, *self.x.shape[2:])
        if targets is None or self.targets is None:
            return y, targets
        classes = targets.shape[x.ndim - own + 1 :]
        return y, self.targets.reshape(*lead, self.targets.shape[2], *classes)

    def checked(self, owner: str) -> Batch:
        """Return the batch, marked as checked by `check_finite`; `owner` is the name in the error message.

        Raises:
            SignalError: `check_finite` finds a sample that is NaN or infinite.
        """
        if self.is_checked:
            return self
        check_finite(self.x, owner)
        return self._replace(is_checked=True)

    @property
    def may_share_pass(self) -> bool:
        """Whether a `RowPass` can change the rows.

        `x` must contain sounds that NumPy can read, with at least one sample; there must be no targets, and no
        derivative may be requested.
        """
        if self.row_pass is not None:
            return True
        is_plain = self.targets is None and self.x.ndim == 3 and self.x.numel() > 0 and may_use_numpy(self.x)
        return is_plain and not needs_derivative(self.x)

    def with_pass(self) -> Batch:
        """Return the batch with a `RowPass`, to which several augmentations can add changes; see `written`."""
        if self.row_pass is not None:
            return self
        y = self.x if self.is_own else allocate_like(self.x)
        return self._replace(x=y, is_checked=True, row_pass=RowPass(self.x, y, is_checked=self.is_checked))

    def written(self, owner: str) -> Batch:
        """Return the batch after the changes of its `RowPass`, without the pass.

        `owner` is the name in the error message.

        Raises:
            SignalError: A sample of the batch to which the pass was added is not finite.
        """
        changes = self.row_pass
        if changes is None:
            return self
        if changes.is_empty:
            return self._replace(x=changes.x, is_checked=changes.is_checked, row_pass=None)
        changes.run()
        if not changes.is_checked:
            check_finite(changes.x, owner)
        return self._replace(is_own=True, row_pass=None)

    def select(self, rows: Indices) -> Batch:
        """Return a batch with copies of the rows with the indices `rows`."""
        index = torch.from_numpy(rows)
        targets = None if self.targets is None else self.targets.index_select(0, index.to(self.targets.device))
        return self._replace(x=self.x.index_select(0, index.to(self.x.device)), targets=targets, is_own=True)

    def replace_rows(self, rows: Indices, changed: Batch, owner: str) -> Batch:
        """Return the batch with the rows at the indices `rows` replaced by those of `changed`.

        The sounds are overwritten if `is_own` is True and no derivative may be requested. `owner` is the name in the
        error message.

        Raises:
            SignalError: The shape of a row or the sample rate of `changed` differs from that of the batch.
        """
        if changed.x.shape[1:] != self.x.shape[1:] or changed.rate != self.rate:
            before, after = (f"{' × '.join(map(str, b.x.shape[1:]))} values at {b.rate:g} Hz" for b in (self, changed))
            raise SignalError(
                f"{owner} changed {len(rows)} of {len(self.x)} sounds from {before} to {after}; all sounds of a batch "
                "have the same. Apply it to whole batches with mode='per_batch' and p_mode='per_batch', or keep the "
                "length."
            )
        targets = self.targets
        if targets is not None and changed.targets is not None:
            index = torch.from_numpy(rows).to(targets.device)
            targets = targets.index_copy(0, index, changed.targets.to(targets.dtype))
        index, values = torch.from_numpy(rows).to(self.x.device), changed.x.to(self.x.dtype)
        if self.is_own and not needs_derivative(self.x, values):
            return self._replace(x=self.x.index_copy_(0, index, values), targets=targets)
        return self._replace(x=self.x.index_copy(0, index, values), targets=targets, is_own=True)


def check_kind(x: Tensor, takes: str, owner: str) -> None:
    """Raise a `SignalError` if `x` `(rows, channels, …)` is not of the kind `takes`: `SOUNDS`, `SPECTROGRAMS` or `ANY`.

    `owner` is the name in the message.
    """
    if takes == ANY or x.ndim == (4 if takes == SPECTROGRAMS else 3):
        return
    if takes == SPECTROGRAMS:
        raise SignalError(
            f"{owner} augments spectrograms (..., channels, frequency, frames), and the part before it gives sounds. "
            "Put a feature such as fx.MelSpectrogram() between them."
        )
    raise SignalError(f"{owner} augments sounds, and the part before it gives spectrograms. Put it before the feature.")


def as_batch(x: Tensor, rate: float, labels: tuple[Tensor | None, float | None], owner: str, own: int = 1) -> Batch:
    """Return the sounds or spectrograms `x` and their targets as a `Batch`.

    Args:
        x: Sounds `(time,)` or `(..., channels, time)`; with `own=2` spectrograms `(frequency, frames)` or
            `(..., channels, frequency, frames)`.
        rate: The sample rate in Hz.
        labels: A pair: the targets `(..., channels, frames)` or `(..., channels, frames, classes)`, or None, and the
            number of their frames per second, or None if they extend over the duration of `x`.
        owner: The name in error messages.
        own: The number of dimensions after the channels: 1 for sounds, 2 for spectrograms.

    Raises:
        SignalError: `x` has fewer than `own` dimensions; or the targets have no frames, do not match `x` in their
            dimensions or (of sounds) in their duration, or have a rate that is not a finite number above 0.
    """
    targets, target_rate = labels
    if x.ndim < own:
        raise SignalError(
            f"{owner} augments spectrograms (..., channels, frequency, frames), not a tensor of shape {tuple(x.shape)}."
        )
    shape = (1, *x.shape) if x.ndim == own else x.shape[-own - 1 :]
    # PyTorch marks the imaginary part of a conjugate as negative, and NumPy cannot read it.
    rows = x.resolve_neg() if x.is_neg() else x
    if x.ndim != own + 2:
        rows = rows.reshape(math.prod(x.shape[: -own - 1]), *shape)
    if targets is None:
        return Batch(rows, rate)
    kind = "sounds" if own == 1 else "spectrograms"
    lead = x.shape[:-own]
    if targets.ndim - len(lead) not in (1, 2) or targets.shape[: len(lead)] != lead:
        raise SignalError(
            f"{owner}: targets have shape {tuple(targets.shape)} and the {kind} {tuple(x.shape)}; targets must be "
            "(..., channels, frames) or (..., channels, frames, classes) with the same dimensions before frames."
        )
    frames = targets.shape[len(lead)]
    if target_rate is not None and not (is_number(target_rate) and 0 < target_rate < math.inf):
        raise SignalError(f"{owner}: target_rate is {target_rate!r}; it must be a number of Hz above 0, or None.")
    if not frames and x.shape[-1]:
        raise SignalError(f"{owner}: the targets have no frames; give at least one, a label of the complete sound.")
    own_rate = rate * max(frames, 1) / max(x.shape[-1], 1) if target_rate is None else float(target_rate)
    expected = x.shape[-1] / rate * own_rate
    # The rate of the frames of a spectrogram is not known.
    if own == 1 and not abs(frames - expected) <= 1:
        raise SignalError(
            f"{owner}: targets have {frames} frames at {own_rate:g} Hz, {frames / own_rate:g} s, and the sounds "
            f"{x.shape[-1] / rate:g} s; they must be equally long."
        )
    flat = (
        targets.reshape(*rows.shape[:2], frames, -1) if targets.numel() else targets.reshape(*rows.shape[:2], frames, 0)
    )
    return Batch(rows, rate, flat, own_rate)


def copied_to_tensor(array: NDArray[Any], owner: str) -> Tensor:
    """Return a tensor with a copy of `array`, which may be read-only and have any byte order and strides.

    Raises:
        SignalError: PyTorch does not have the dtype of `array`.
    """
    try:
        return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))
    except TypeError:
        raise SignalError(
            f"{owner}: the array has the dtype {array.dtype}, which PyTorch does not have. Convert it with "
            "array.astype('float32')."
        ) from None


def as_targets(targets: Any, owner: str) -> Tensor:
    """Return `targets`, a tensor, an array or nested lists of numbers, as a tensor.

    Raises:
        SignalError: The elements are not numbers, lists have unequal lengths, or PyTorch does not have the dtype.
    """
    if isinstance(targets, Tensor):
        return targets
    if isinstance(targets, np.ndarray):
        return copied_to_tensor(targets, owner)
    try:
        return torch.as_tensor(targets)
    except (TypeError, ValueError, RuntimeError):
        raise SignalError(
            f"{owner}: targets are a {type(targets).__name__} that is not a tensor, array or nested list of numbers."
        ) from None
