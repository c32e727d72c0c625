"""`Shift` and `TimeInversion` (also called `Reverse`), which delay, advance or reverse the sound."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.augment.time.time_edit import TimeEdit, pick, positions, whole
from fxlab.engine.torch_support.row_windows import row_windows
from fxlab.module import Choice, Param, Switch


class Shift(TimeEdit):
    """The sound and its targets shifted by a drawn time: later if the time is positive, and earlier if it is negative.

    Samples that leave at one end enter at the other; without `rollover` silence enters. The start of a shifted sound
    fades in and its end fades out, each over `fade_ms` with a quarter of a sine period.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> Shift(shift=0.25, p=1.0, fade_ms=0.0)(torch.tensor([1.0, 2.0, 3.0, 4.0]), 8000)
    tensor([4., 1., 2., 3.])
    """

    checks_rows = True
    shift = Range((-0.5, 0.5), low=-1.0, high=1.0, doc="Shift, as a fraction of the length or in seconds.")
    unit = Choice("fraction", ("fraction", "seconds"), doc="Unit of the shift.")
    rollover = Switch(True, doc="Whether samples that leave at one end enter at the other.")
    fade_ms = Param(5.0, low=0.0, high=50.0, unit="ms", at_least=0.0, doc="Duration of the fades at both ends.")

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` delayed by the drawn shift; see `TimeEdit.edit`."""
        samples = x.shape[-1]
        unit = samples if self.unit == "fraction" else rate
        fade = 0 if is_target else round(self.fade_ms / 1000 * rate)
        arrays = None if is_target else RowArrays.of(x, drawn)
        if arrays is not None:
            shifts = np.rint(arrays.values("shift") * unit).astype(int).tolist()
            return _move(arrays, shifts, fade if fade >= 2 else 0, self.rollover)
        shift = whole(drawn["shift"] * unit)
        if self.rollover:
            y = _rotate(x, (shift % samples).long().reshape(-1).expand(len(x)))
        else:
            y = pick(x, positions(x) - shift)
        if fade < 2:
            return y
        # The cut is where the input begins; there are fades on both sides of it, or on one side without rollover.
        begin = positions(x) - shift % samples
        rising = ((begin % samples) / (fade - 1)).clamp(max=1.0)
        falling = (((-begin - 1) % samples) / (fade - 1)).clamp(max=1.0)
        gain = torch.sin(0.5 * torch.pi * rising) * torch.sin(0.5 * torch.pi * falling)
        return y * torch.where(shift == 0, 1.0, gain).to(x.dtype)


class TimeInversion(TimeEdit):
    """The sound and its targets reversed in time; see `fx.Reverse`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> TimeInversion(p=1.0)(torch.tensor([1.0, 2.0, 3.0]), 8000)
    tensor([3., 2., 1.])
    """

    checks_rows = True

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` reversed in time; see `TimeEdit.edit`."""
        arrays = None if is_target else RowArrays.of(x, drawn)
        if arrays is None:
            return x.flip(-1)
        return arrays.write_blocks(lambda _, source, output: np.copyto(output, source[..., ::-1]))


Reverse = TimeInversion


def _rotate(x: Tensor, shift: Tensor) -> Tensor:
    """Return `x` `(rows, channels, time)`, each row rotated to later times.

    `shift` has the number of samples for each row, `(rows,)`, from 0 to the length − 1.
    """
    samples = x.shape[-1]
    # Two copies one after the other contain every rotation as a part.
    starts = (samples - shift).reshape(-1, 1).expand(x.shape[:2]).reshape(-1, 1)
    return row_windows(torch.cat([x, x], -1).flatten(0, 1), starts, samples).reshape(x.shape)


def _move(arrays: RowArrays, shifts: list[int], fade: int, rollover: bool) -> Tensor:
    """Return each row delayed by its shift in samples; `shifts` has one for each row, which may be negative.

    Samples that leave at one end enter at the other; without `rollover` silence enters. The start of a row that is
    moved fades in and its end fades out, each over `fade` samples.
    """
    samples = arrays.source.shape[-1]
    size = min(fade, samples)
    rising = np.sin(0.5 * np.pi * np.arange(size) / max(fade - 1, 1)).astype(arrays.source.dtype)
    falling = rising[::-1]

    def write(row: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        shift = shifts[row]
        parts: tuple[tuple[int, int, int], ...]
        if rollover:
            place = shift % samples
            parts = ((0, samples - place, place), (samples - place, samples, 0))
        else:
            first, last = min(max(0, -shift), samples), max(0, samples - max(0, shift))
            output[:, : samples - last] = 0.0
            output[:, samples - first :] = 0.0
            parts = ((first, last, max(0, shift)),)
        for begin, end, place in parts:
            if begin >= end:
                continue
            moved = output[:, place : place + end - begin]
            moved[...] = source[:, begin:end]
            if shift and begin < size:
                moved[:, : size - begin] *= rising[begin:end]
            if shift and end > samples - size:
                start = max(begin, samples - size)
                moved[:, start - begin :] *= falling[start - samples + size : end - samples + size]

    return arrays.write(write)
