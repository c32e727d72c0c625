"""`GainTransition`: a gain that changes once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.row_arrays import RowArrays
from fxlab.effects import Gain


class GainTransition(Augmentation):
    """A gain that changes from one drawn value in dB to another, over a drawn duration that begins at a drawn time.

    The gain changes linearly in dB, over at least one sample. The transition may begin before the sound or end after
    it.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> x = torch.ones(1, 1000)
    >>> y = GainTransition(start_db=-20.0, end_db=0.0, duration_s=0.1, place=0.5, p=1.0)(x, 1000)
    >>> y[0, [0, 999]].round(decimals=3)
    tensor([0.1000, 1.0000])
    """

    checks_rows = edits_in_place = True
    start_db = Range((-24.0, 6.0), Gain.gain_db, doc="Gain before the transition.")
    end_db = Range((-24.0, 6.0), Gain.gain_db, doc="Gain after the transition.")
    duration_s = Range((0.2, 6.0), low=0.0, high=10.0, unit="s", at_least=0.0, doc="Duration of the transition.")
    place = Range(
        (0.0, 1.0),
        low=0.0,
        high=1.0,
        at_least=0.0,
        at_most=1.0,
        doc="Start of the transition: 0 if it ends where the sound starts, 1 if it starts where the sound ends.",
    )

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` with a gain that changes from `start_db` to `end_db`."""
        samples = x.shape[-1]
        arrays = RowArrays.of(x, drawn, in_place=True)
        if arrays is not None:
            lengths = np.maximum(arrays.values("duration_s") * sample_rate, 1.0)
            starts = arrays.values("place") * (samples + lengths) - lengths
            gains = [arrays.values(name).tolist() for name in ("start_db", "end_db")]
            return _transition(arrays, starts.tolist(), lengths.tolist(), *gains)
        length = (drawn["duration_s"] * sample_rate).clamp(min=1.0)
        start = drawn["place"] * (samples + length) - length
        time = torch.arange(samples, dtype=torch.float64, device=x.device)
        progress = ((time - start) / length).clamp(0.0, 1.0)
        gain_db = torch.lerp(drawn["start_db"], drawn["end_db"], progress)
        return x * (10 ** (gain_db / 20)).to(x.dtype)


def _transition(
    arrays: RowArrays, starts: list[float], lengths: list[float], start_db: list[float], end_db: list[float]
) -> Tensor:
    """Return the sounds with gains that change from `start_db` to `end_db` over `lengths` samples from `starts` on.

    Each list has one number for each row. A start is an index of a sample, which may be fractional or negative.
    """
    # A gain that is linear in dB is a geometric series: in every block the gains are that of the first sample times the
    # same factors, so that powers are computed once for each block, not for each sample.

    def write(row: int, source: NDArray[Any], output: NDArray[Any]) -> None:
        samples = source.shape[-1]
        low, high = start_db[row], end_db[row]
        begin = min(samples, max(0, math.ceil(starts[row])))
        end = min(samples, max(begin, math.ceil(starts[row] + lengths[row])))
        step = (high - low) / lengths[row]
        block = max(1, math.isqrt(end - begin))
        first = _factor(low + step * (np.arange(begin, end, block) - starts[row]))
        within = _factor(step * np.arange(block))
        gain = np.multiply.outer(first.astype(source.dtype), within.astype(source.dtype))
        np.multiply(source[:, :begin], _factor(low), out=output[:, :begin])
        np.multiply(source[:, begin:end], gain.reshape(-1)[: end - begin], out=output[:, begin:end])
        np.multiply(source[:, end:], _factor(high), out=output[:, end:])

    return arrays.write(write)


def _factor(gain_db: Any) -> Any:
    """Return the factor by which a gain in dB multiplies the samples; `gain_db` is a number or an array."""
    return 10 ** (gain_db / 20)
