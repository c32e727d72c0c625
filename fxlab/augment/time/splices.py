"""`SpliceOut` and `RepeatPart`, which cut out or repeat parts of the sound."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.augment.time.time_edit import TimeEdit, pick, positions, share_range
from fxlab.module import Choice, Param


class SpliceOut(TimeEdit):
    """The sound without drawn intervals, with short crossfades at the cuts; silence at its end keeps the length.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Source:
        A. Jain et al., "SpliceOut: a simple and efficient audio augmentation method", 2021.

    >>> SpliceOut(p=1.0)(torch.randn(4, 1, 16_000), 16_000).shape
    torch.Size([4, 1, 16000])
    """

    checks_rows = True
    shares = ("place",)
    width_s = Range((0.0, 0.4), low=0.0, high=1.0, unit="s", at_least=0.0, doc="Length of each interval.")
    intervals = Range((8, 8), low=0.0, high=20.0, at_least=0.0, whole=True, doc="Number of intervals.")
    fade_ms = Param(5.0, low=0.0, high=50.0, unit="ms", at_least=0.0, doc="Duration of the crossfades.")

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return `intervals`, the number of intervals, and for each its width `width_s` and its `place` from 0 to 1.

        Shape:
            `intervals`: `(units,)`. `width_s` and `place`: `(units, intervals)`, for the largest number of intervals.
        """
        kind = type(self)
        most = self.intervals[1]
        return {
            "intervals": kind.intervals.draw(self, numbers, units),
            "width_s": kind.width_s.draw(self, numbers, units * most).reshape(units, most),
            "place": numbers.uniform(units * most).reshape(units, most),
        }

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw does not belong to this augmentation or lacks values of an interval."""
        super().check_draw(draw)
        if draw.values and bool((draw.values["intervals"] > draw.values["width_s"].shape[-1]).any()):
            raise self._wrong_draw(f"intervals is {draw.values['intervals'].tolist()}, more than the drawn widths")

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` without the drawn intervals; see `TimeEdit.edit`."""
        samples = x.shape[-1]
        width, place = (drawn.row_values(n).to(x.device) for n in ("width_s", "place"))
        rows = width.shape[0] if width.ndim == 2 else 1
        width, place = width.reshape(rows, -1), place.reshape(rows, -1)
        fade = 0 if is_target else round(self.fade_ms / 1000 * rate)
        arrays = None if is_target else RowArrays.of(x, drawn)
        if arrays is not None:
            cuts = [value.expand(arrays.changed, -1).tolist() for value in ((width * rate).round(), place)]
            return _splice(arrays, cuts, arrays.values("intervals").tolist(), fade if fade >= 2 else 0)
        index = torch.arange(samples, dtype=torch.float64, device=x.device).expand(rows, samples)
        remaining = torch.full((rows, 1), float(samples), dtype=torch.float64, device=x.device)
        counts = drawn.row_values("intervals").to(x.device).reshape(-1, 1)
        output = torch.arange(samples, dtype=torch.float64, device=x.device)
        for number in range(width.shape[-1]):
            size = torch.minimum((width[:, number : number + 1] * rate).round(), remaining - 1)
            size = torch.where(number < counts, size, 0.0)
            start = (place[:, number : number + 1] * (remaining - size)).floor()
            moved = torch.where(output >= start, output + size, output)
            index = index.gather(1, moved.clamp(max=samples - 1).long().expand(rows, samples))
            remaining = remaining - size
        y = pick(x, torch.where(output < remaining, index, -1.0)[:, None])
        if fade < 2:
            return y
        # At each cut the sound before it continues during the fade, and is crossfaded to the sound after it.
        jump = torch.diff(index, prepend=index[:, :1] - 1) != 1
        last_cut = torch.where(jump, output, -1.0).cummax(-1).values
        since = output - last_cut
        before = index.gather(1, (last_cut - 1).clamp(min=0).long()) + since + 1
        share = torch.where(last_cut > 0, ((since + 1) / fade).clamp(max=1.0), 1.0)[:, None].to(x.dtype)
        return torch.lerp(pick(x, torch.where(output < remaining, before, -1.0)[:, None]), y, share)


def _splice(arrays: RowArrays, cuts: list[list[list[float]]], counts: list[float], fade: int) -> Tensor:
    """Return the sounds without the intervals, with crossfades of `fade` samples at the cuts; see `SpliceOut`.

    `cuts` contains the lengths of the intervals in samples, and their places from 0 to 1, each as one list for each
    row. `counts` is the number of intervals to cut out of each row.
    """
    share = _rising(fade, arrays.source.dtype)

    def write(row: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        samples = source.shape[-1]
        kept = _kept_parts(samples, cuts[0][row][: int(counts[row])], cuts[1][row])
        place, previous = 0, 0
        for begin, end in kept:
            moved = output[:, place : place + end - begin]
            moved[...] = source[:, begin:end]
            if place and fade:
                _crossfade(moved[:, :fade], source[:, previous:], share)
            place, previous = place + end - begin, end
        output[:, place:] = 0.0

    return arrays.write(write)


def _kept_parts(samples: int, lengths: list[float], places: list[float]) -> list[tuple[int, int]]:
    """Return the parts of a sound that are left after intervals are cut out, as pairs of the first index and the end.

    Each interval is cut out of the rest that the previous ones leave, of which at least one sample remains. Its length
    is in samples, and its place is from 0 at the start of the rest to 1 at its end.
    """
    kept, remaining = [(0, samples)], samples
    for length, place in zip(lengths, places, strict=False):
        size = min(int(length), remaining - 1)
        first = int(place * (remaining - size))
        last, position, parts = first + size, 0, []
        for begin, end in kept:
            # The samples of this part before the interval, and those after it.
            before = min(end, max(begin, begin + first - position))
            after = max(begin, min(end, begin + last - position))
            if after <= before:
                parts.append((begin, end))
            else:
                parts += [part for part in ((begin, before), (after, end)) if part[0] < part[1]]
            position += end - begin
        kept, remaining = parts, remaining - size
    return kept


class RepeatPart(TimeEdit):
    """The sound in which a drawn part is followed by a drawn number of repetitions of it; the length is unchanged.

    The repetitions replace the sound after the part, or with `insert="insert"` delay it, so that its end is cut off.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> RepeatPart(part_s=0.25, place=0.0, repeats=1, fade_ms=0.0, p=1.0)(torch.arange(8.0), 8)
    tensor([0., 1., 0., 1., 4., 5., 6., 7.])
    """

    checks_rows = True
    repeats = Range((1, 3), low=1.0, high=8.0, at_least=1.0, whole=True, doc="Number of repetitions.")
    part_s = Range((0.25, 1.2), low=0.01, high=5.0, unit="s", scale="log", doc="Length of the part.")
    place = share_range(0.0, 1.0, "Place of the part: 0 at the start, 1 at the end.")
    fade_ms = Param(5.0, low=0.0, high=50.0, unit="ms", at_least=0.0, doc="Duration of the crossfades.")
    insert = Choice("replace", ("replace", "insert"), doc="Whether the rest is replaced, or moved back and cut off.")

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` with the drawn part repeated; see `TimeEdit.edit`."""
        samples = x.shape[-1]
        fade = 0 if is_target else round(self.fade_ms / 1000 * rate)
        arrays = None if is_target else RowArrays.of(x, drawn)
        if arrays is not None:
            lengths = np.rint(arrays.values("part_s") * rate).clip(1, samples)
            starts = np.rint(arrays.values("place") * (samples - lengths))
            parts = [values.astype(int).tolist() for values in (starts, lengths, arrays.values("repeats"))]
            return _repeat(arrays, parts, fade if fade >= 2 else 0, self.insert == "insert")
        length = (drawn["part_s"] * rate).round().clamp(1, samples)
        start = (drawn["place"] * (samples - length)).round()
        time = positions(x)
        end = start + length
        stop = end + drawn["repeats"] * length
        inside = (time >= end) & (time < stop)
        offset = torch.where(inside, ((time - end) / length).floor() * length + length, 0.0)
        if self.insert == "insert":
            offset = torch.where(time >= stop, drawn["repeats"] * length, offset)
        index = time - offset
        y = pick(x, index)
        if fade < 2:
            return y
        # At the start of each repetition and after the last, the sound before the cut continues during the fade.
        since = torch.where(inside, (time - end) % length, time - stop)
        is_fading = (since >= 0) & (since < fade) & (time >= end)
        before = torch.where(inside, start + length + since, end + since)
        share = torch.where(is_fading, (since + 1) / fade, 1.0).clamp(max=1.0).to(x.dtype)
        return torch.lerp(pick(x, before), y, share)


def _repeat(arrays: RowArrays, parts: list[list[int]], fade: int, inserts: bool) -> Tensor:
    """Return the sounds with parts repeated and crossfades of `fade` samples; see `RepeatPart`.

    `parts` contains three lists of one number for each row: the start of the part and its length in samples, and the
    number of repetitions. `inserts` says whether the rest is delayed instead of replaced.
    """
    share = _rising(fade, arrays.source.dtype)

    def write(row: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        samples = source.shape[-1]
        start, length, repeats = (values[row] for values in parts)
        end = start + length
        stop = end + repeats * length
        output[:, :end] = source[:, :end]
        seams = [*range(end, min(samples, stop), length)]
        for seam in seams:
            size = min(length, samples - seam)
            output[:, seam : seam + size] = source[:, start : start + size]
        if stop < samples:
            output[:, stop:] = source[:, end : end + samples - stop] if inserts else source[:, stop:]
            seams.append(stop)
        for seam in seams if fade else ():
            size = fade if seam == stop else min(fade, length)
            _crossfade(output[:, seam : seam + size], source[:, end:], share)

    return arrays.write(write)


def _rising(fade: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the gains, rising linearly to 1, of the sound after a cut during a crossfade of `fade` samples."""
    return (np.arange(1, fade + 1) / max(fade, 1)).astype(dtype)


def _crossfade(after: NDArray[Any], before: NDArray[Any], share: NDArray[Any]) -> None:
    """Crossfade, in place, from the sound that would have followed without a cut to the samples `after` the cut.

    Args:
        after: The samples after the cut during the crossfade, `(channels, size)`; they are overwritten.
        before: The sound that would have followed, `(channels, time)`; silence follows if it is shorter than `size`.
        share: The gain of `after` at each sample, at least `size` of them; that of `before` is 1 minus it.
    """
    size = after.shape[-1]
    continued = np.zeros_like(after)
    rest = before[:, :size]
    continued[:, : rest.shape[-1]] = rest
    after[...] = continued + share[:size] * (after - continued)
