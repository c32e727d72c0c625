"""`TimeMask`, `Padding` and `Fade`, which silence, replace or fade parts of the sound."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab import effects
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.augment.random_module import RandomModule
from fxlab.augment.time.time_edit import TimeEdit, pick, positions, share_range, whole
from fxlab.module import Choice, Param


class TimeMask(TimeEdit):
    """Silence over a drawn part of the sound, with linear fades at both ends of the part.

    The fades lie within the part, each over at most half of it. The targets are unchanged, since their labels still
    apply to the masked part.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> TimeMask(fraction=0.5, place=1.0, fade_ms=0.0, p=1.0)(torch.ones(4), 8000)
    tensor([1., 1., 0., 0.])
    """

    checks_rows = edits_in_place = True
    fraction = share_range(0.01, 0.2, "Length of the silence, as a fraction of the sound.")
    place = share_range(0.0, 1.0, "Place of the silence: 0 at the start, 1 at the end.")
    fade_ms = Param(5.0, low=0.0, high=50.0, unit="ms", at_least=0.0, doc="Duration of the fades.")

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` with the drawn part silenced; targets are unchanged. See `TimeEdit.edit`."""
        if is_target:
            return x
        samples = x.shape[-1]
        longest = round(self.fade_ms / 1000 * rate)
        arrays = RowArrays.of(x, drawn, in_place=True)
        if arrays is not None:
            lengths = np.floor(arrays.values("fraction") * samples)
            return _silence(arrays, np.rint(arrays.values("place") * (samples - lengths)), lengths, longest)
        length = (drawn["fraction"] * samples).floor()
        start = (drawn["place"] * (samples - length)).round()
        time = positions(x) - start
        fade = torch.minimum(x.new_tensor(longest).double(), (length / 2).floor())
        # The gain is 1 outside of the part and at its first and last sample, and 0 between the fades.
        inward = torch.minimum(time, length - 1 - time)
        ramp = (1 - inward / (fade - 1).clamp(min=1.0)).clamp(0.0, 1.0)
        hard = (inward < 0).double()
        return x * torch.where(fade >= 2, torch.where(inward < 0, 1.0, ramp), hard).to(x.dtype)


class Padding(TimeEdit):
    """The sound with a part of drawn length, at its start or end, replaced by silence or a copy of the rest.

    The copy is a repetition (`padding="wrap"`) or a reflection (`"reflect"`) of the rest.

    The total length is unchanged. The targets are edited in the same way; with silence, those of the replaced part
    become 0.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> Padding(fraction=0.5, p=1.0)(torch.ones(4), 8000)
    tensor([1., 1., 0., 0.])
    """

    checks_rows = True
    fraction = share_range(0.01, 0.7, "Length of the padding, as a fraction of the sound.")
    padding = Choice("silence", ("silence", "wrap", "reflect"), doc="Content of the replaced part.")
    section = Choice("end", ("start", "end"), doc="End at which the part lies.")

    @property
    def writes_rows(self) -> bool:
        """Whether the padding is silence, for which `augment` uses `RowArrays`; other paddings are made by indices."""
        padding: str = self.padding
        return padding == "silence"

    @property
    def edits_in_place(self) -> bool:  # type: ignore[override]
        """Whether the padding is silence, which is written into the sound; see `writes_rows`."""
        return self.writes_rows

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` with its start or end replaced by padding; see `TimeEdit.edit`."""
        samples = x.shape[-1]
        if self.padding == "silence":
            arrays = None if is_target else RowArrays.of(x, drawn, in_place=True)
            if arrays is not None:
                lengths = np.rint(arrays.values("fraction") * samples)
                return _silence(arrays, 0 * lengths if self.section == "start" else samples - lengths, lengths, 0)
            padded = whole(drawn["fraction"] * samples)
            number = torch.arange(samples, dtype=torch.int32, device=x.device)
            is_kept = number < (samples - padded).int() if self.section == "end" else number >= padded.int()
            return torch.where(is_kept, x, x.new_zeros(()))
        kept = samples - whole(drawn["fraction"] * samples)
        time = positions(x) if self.section == "end" else samples - 1 - positions(x)
        index = pad_index(time, kept, self.padding)
        return pick(x, index if self.section == "end" else torch.where(index < 0, index, samples - 1 - index))


class Fade(RandomModule):
    """A fade-in and a fade-out of drawn durations; the targets are unchanged. See `fx.Fade`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> Fade(p=1.0)(torch.ones(4, 1, 8000), 8000)[:, 0, 0]
    tensor([0., 0., 0., 0.])
    """

    processor = effects.Fade
    in_s = Range((0.01, 0.5), effects.Fade.in_s)
    out_s = Range((0.01, 0.5), effects.Fade.out_s)


def _silence(arrays: RowArrays, starts: NDArray[np.float64], lengths: NDArray[np.float64], fade: int) -> Tensor:
    """Return the sounds with `lengths` samples from `starts` on silenced, including fades of at most `fade` samples.

    The arrays have one whole number for each row. A fade is not longer than half of the silenced part.
    """
    begins, ends = starts.astype(int).tolist(), (starts + lengths).astype(int).tolist()

    def write(row: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        begin, end = begins[row], ends[row]
        size = min(fade, (end - begin) // 2)
        if size < 2:
            output[:, begin:end] = 0.0
            return
        falling = _falling(size, source.dtype)
        np.multiply(source[:, begin : begin + size], falling, out=output[:, begin : begin + size])
        output[:, begin + size : end - size] = 0.0
        np.multiply(source[:, end - size : end], falling[::-1], out=output[:, end - size : end])

    return arrays.write(write, copies=True)


@lru_cache(maxsize=32)
def _falling(size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the factors of a linear fade from 1 to 0 over `size` samples, both ends included."""
    return (1 - np.arange(size) / (size - 1)).astype(dtype)


def pad_index(time: Tensor, kept: Tensor | int, kind: str) -> Tensor:
    """Return the index of the source sample for each index `time` of a sample of the output; −1 stands for silence.

    The first `kept` samples of the source are followed by padding of a `kind`: `"silence"`, `"wrap"` or `"reflect"`.
    `kept` is one number, or a tensor that broadcasts against `time`, for rows of their own lengths.
    """
    kept = torch.as_tensor(kept, dtype=torch.float64, device=time.device)
    if kind == "silence":
        return torch.where(time < kept, time, -1.0)
    if kind == "wrap":
        return torch.where(kept > 0, time % kept.clamp(min=1.0), -1.0)
    period = (2 * (kept - 1)).clamp(min=1.0)
    place = time % period
    return torch.where(kept > 1, torch.minimum(place, period - place), torch.where(kept > 0, 0.0, -1.0))
