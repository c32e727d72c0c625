"""`GainTransition`: a gain that changes once."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.effects import Gain


class GainTransition(Augmentation):
    """A gain that changes from one drawn value in dB to another, over a drawn time that begins at a drawn place.

    The gain changes linearly in dB. The transition may begin before the sound or end after it.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> x = torch.ones(1, 1000)
    >>> y = GainTransition(start_db=-20.0, end_db=0.0, duration_s=0.1, place=0.5, p=1.0)(x, 1000)
    >>> y[0, [0, 999]].round(decimals=3)
    tensor([0.1000, 1.0000])
    """

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
        """Apply the gain."""
        samples = x.shape[-1]
        length = (drawn["duration_s"] * sample_rate).clamp(min=1.0)
        start = drawn["place"] * (samples + length) - length
        time = torch.arange(samples, dtype=torch.float64, device=x.device)
        progress = ((time - start) / length).clamp(0.0, 1.0)
        gain_db = torch.lerp(drawn["start_db"], drawn["end_db"], progress)
        return x * (10 ** (gain_db / 20)).to(x.dtype)
