"""`RandomCrop`, `AdjustDuration` and `Trim`: augmentations that change the length."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.augment.time.masks import pad_index
from fxlab.augment.time.time_edit import LengthEdit, pick
from fxlab.engine.torch_support.tracing import is_transformed
from fxlab.errors import SignalError
from fxlab.module import Choice, Param


def _choices() -> tuple[Choice, Choice, Choice]:
    """Declare `padding`, `section` and `places`, which both `AdjustDuration` and `RandomCrop` have, in this order."""
    return (
        Choice("silence", ("silence", "wrap", "reflect"), doc="Content that is added to shorter sounds."),
        Choice("end", ("start", "end"), doc="End at which it is added."),
        Choice("per_example", ("per_example", "per_batch"), doc="Group whose members are cut at the same place."),
    )


class AdjustDuration(LengthEdit):
    """The sound with a fixed duration: cut at a drawn place if it is longer, and padded if it is shorter.

    With `places="per_example"` each example is cut at a place of its own, with `"per_batch"` all at the same place.
    `padding` is silence, or a repetition or reflection of the sound; `section` is the end at which it is added.

    Shape:
        Input `(time,)` or `(..., channels, time)`; the output has `round(duration_s · sample_rate)` samples if the
        augmentation is applied.

    >>> AdjustDuration(duration_s=0.5, p=1.0)(torch.ones(2, 1, 1000), 8000).shape
    torch.Size([2, 1, 4000])
    """

    shares = ("place",)
    checks_rows = True
    duration_s = Param(4.0, low=0.1, high=30.0, unit="s", scale="log", doc="Duration of the output.")
    padding, section, places = _choices()

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return `place`, the place of the cut from 0 at the start to 1 at the end, `(1, examples)` or `(1, 1)`."""
        count = len(batch.x) if self.places == "per_example" else 1
        return {"place": numbers.uniform(count)[None]}

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return `x` cut or padded to the duration; see `TimeEdit.edit`."""
        samples, length = x.shape[-1], round(float(self.duration_s) * rate)
        arrays = None if is_target else RowArrays.of(x, drawn, length=length)
        if length <= samples:
            if arrays is not None:
                places = np.floor(arrays.values("place") * (samples - length + 1))
                first = np.minimum(places, samples - length).astype(int).tolist()
                return arrays.write(lambda i, source, out: np.copyto(out, source[:, first[i] : first[i] + length]))
            place = drawn.row_values("place").to(x.device).reshape(-1, 1, 1)
            start = (place * (samples - length + 1)).floor().clamp(max=samples - length)
            return pick(x, torch.arange(length, dtype=torch.float64, device=x.device) + start)
        time = torch.arange(length, dtype=torch.float64, device=x.device)
        if self.section == "end":
            index = pad_index(time, samples, self.padding)
        else:
            index = pad_index(time.flip(-1), samples, self.padding)
            index = torch.where(index < 0, index, samples - 1 - index)
        return pick(x, index.reshape(1, 1, -1)) if arrays is None else _pad(arrays, index.long(), self.section)


def _pad(arrays: RowArrays, index: Tensor, section: str) -> Tensor:
    """Return the sounds with samples added at their start or end, depending on `section`: `"start"` or `"end"`.

    `index` has the index of the source sample for each sample of the output; −1 stands for silence.
    """
    samples, length = arrays.source.shape[-1], len(index)
    kept, added = slice(samples), slice(samples, length)
    if section == "start":
        kept, added = slice(length - samples, length), slice(length - samples)
    from_index = index[added].numpy()
    is_silent = bool((from_index < 0).all())

    def write(_: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        output[:, kept] = source
        output[:, added] = 0.0 if is_silent else source[:, from_index]

    return arrays.write(write)


class RandomCrop(AdjustDuration):
    """A part of a fixed duration, cut out at a drawn place; shorter sounds are padded, by default at the end.

    Shape:
        Input `(time,)` or `(..., channels, time)`; the output has `round(duration_s · sample_rate)` samples if the
        augmentation is applied.

    >>> RandomCrop(duration_s=0.5, p=1.0)(torch.ones(2, 1, 8000), 8000).shape
    torch.Size([2, 1, 4000])
    """

    duration_s = Param(1.0, low=0.1, high=30.0, unit="s", scale="log", doc="Duration of the output.")
    padding, section, places = _choices()  # after the duration, which comes first by position


class Trim(LengthEdit):
    """The sound without the frames at both ends whose level is `top_db` or more below that of the loudest frame.

    The level of a frame is the energy of all channels, relative to the loudest frame of the same example. In a batch,
    only the frames that are quiet in all examples are removed. The cuts are at the center of the first loud frame, and
    a quarter of a frame after the center of the last one. A silent batch is not changed.

    Shape:
        Input `(time,)` or `(..., channels, time)`; the output is shorter or equally long.

    Raises:
        SignalError: The call is inside `torch.func.vmap`, which allows no length that depends on the samples.

    >>> x = torch.cat([torch.zeros(8000), torch.ones(4000), torch.zeros(8000)])
    >>> 4000 <= Trim(p=1.0)(x, 16_000).shape[-1] < 7000
    True
    """

    shares = ("first", "last")
    top_db = Range((30.0, 30.0), low=10.0, high=80.0, unit="dB", above=0.0, doc="Level below the loudest frame.")
    frame_ms = Param(64.0, low=5.0, high=200.0, unit="ms", above=0.0, doc="Length of a frame; they overlap by 3/4.")

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return `top_db`, and `first` and `last`, the ends of the part that is kept, as fractions of the length.

        Raises:
            SignalError: The call is inside `torch.func.vmap`, where the length of the output cannot depend on the
                samples.
        """
        values = super().draw(units, batch, numbers)
        samples = batch.x.shape[-1]
        size = max(1, round(self.frame_ms / 1000 * batch.rate))
        hop = max(1, size // 4)
        frames = _energy_of_frames(batch.x.detach(), size, hop)
        loudest = frames.amax(-1, keepdim=True)
        is_loud = ((frames > loudest * 10 ** (-float(values["top_db"][0]) / 10)) & (loudest > 0)).any(0)
        try:
            loud = is_loud.nonzero().squeeze(-1)
        except RuntimeError:
            if not is_transformed():
                raise
            raise SignalError(
                f"{self._name()}: the length of the output depends on the samples, which torch.func.vmap does not "
                "allow. Call it before the transformed function."
            ) from None
        first, last = (int(loud[0]) * hop, min(samples, (int(loud[-1]) + 1) * hop)) if len(loud) else (0, samples)
        values["first"] = torch.tensor([first / samples], dtype=torch.float64)
        values["last"] = torch.tensor([last / samples], dtype=torch.float64)
        return values

    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return the part of `x` that is kept; see `TimeEdit.edit`."""
        first, last = (float(drawn.row_values(name)) * x.shape[-1] for name in ("first", "last"))
        begin = round(first)
        return x[..., begin : max(begin + 1, math.ceil(last - 1e-6))]


def _energy_of_frames(x: Tensor, size: int, hop: int) -> Tensor:
    """Return the energies, summed over the channels, of frames of `size` samples around every `hop`-th sample.

    As frames overlap, the energy of each block of `hop` samples is computed once for all frames that contain it.

    Shape:
        Input: `(rows, channels, time)`. Output: `(rows, frames)`, in float64.
    """
    count, remainder = size // hop, size % hop
    frames = x.shape[-1] // hop + 1
    blocks = frames + count
    padded = torch.nn.functional.pad(x, (size // 2, blocks * hop - size // 2 - x.shape[-1]))
    split = padded.reshape(*x.shape[:-1], blocks, hop).double()
    energy = split.square().sum(-1).sum(1)
    total = energy.unfold(-1, count, 1)[..., :frames, :].sum(-1)
    return total + split[..., count:, :remainder].square().sum(-1).sum(1)
