"""`LowShelf`, `HighShelf`, `Peaking` and `SevenBandParametricEQ`: equalizers with drawn parameters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab import filters
from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Range
from fxlab.augment.random_module import RandomModule
from fxlab.module import Chain


class LowShelf(RandomModule):
    """A low shelf of drawn cutoff, gain and q; see `fx.LowShelf`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> LowShelf(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    processor = filters.LowShelf
    cutoff = Range((50.0, 4000.0), filters.LowShelf.cutoff)
    gain_db = Range((-18.0, 18.0), filters.LowShelf.gain_db)
    q = Range((0.1, 0.999), filters.LowShelf.q)


class HighShelf(RandomModule):
    """A high shelf of drawn cutoff, gain and q; see `fx.HighShelf`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> HighShelf(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    processor = filters.HighShelf
    cutoff = Range((300.0, 7500.0), filters.HighShelf.cutoff)
    gain_db = Range((-18.0, 18.0), filters.HighShelf.gain_db)
    q = Range((0.1, 0.999), filters.HighShelf.q)


class Peaking(RandomModule):
    """A boost or cut of drawn frequency, gain and q; see `fx.Peak`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> Peaking(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    processor = filters.Peak
    frequency = Range((50.0, 7500.0), filters.Peak.frequency)
    gain_db = Range((-24.0, 24.0), filters.Peak.gain_db)
    q = Range((0.5, 5.0), filters.Peak.q)


BANDS = (
    (42.0, 95.0),
    (91.0, 204.0),
    (196.0, 441.0),
    (421.0, 948.0),
    (909.0, 2045.0),
    (1957.0, 4404.0),
    (4216.0, 9486.0),
)
"""The ranges in Hz from which the frequencies of the seven bands are drawn."""
HIGHEST = 0.45
"""The upper limit of the drawn frequencies, as a fraction of the sample rate."""


class SevenBandParametricEQ(Augmentation):
    """A low shelf, five peaks and a high shelf with drawn frequencies, gains and q, in one call of the engine.

    The frequencies are drawn from seven ranges between 42 Hz and 9486 Hz (`BANDS`), whose ends are limited to 0.45 of
    the sample rate. The q of a shelf is from 0.1 to 0.999, and that of a peak from 0.5 to 5.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Source:
        The ranges of the frequencies and of q are those of audiomentations.

    >>> SevenBandParametricEQ(p=1.0)(torch.randn(8, 1, 100), 16_000).shape
    torch.Size([8, 1, 100])
    """

    gain_db = Range((-12.0, 12.0), filters.Peak.gain_db, doc="Gain of each band.")

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return the `frequency` in Hz, the `gain_db` and the `q` of each band, `(units, 7)` each."""
        gains = torch.stack([type(self).gain_db.draw(self, numbers, units) for _ in BANDS], -1)
        limits = torch.tensor(BANDS, dtype=torch.float64).clamp(max=HIGHEST * batch.rate).log()
        share = numbers.uniform(units * 7).reshape(units, 7)
        frequency = torch.lerp(limits[:, 0], limits[:, 1], share).exp()
        low = torch.tensor([0.1, *[0.5] * 5, 0.1], dtype=torch.float64)
        high = torch.tensor([0.999, *[5.0] * 5, 0.999], dtype=torch.float64)
        q = torch.lerp(low, high, numbers.uniform(units * 7).reshape(units, 7))
        return {"gain_db": gains, "frequency": frequency, "q": q}

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw does not belong to this augmentation.

        The draw must have seven bands, and the frequencies and each q must be above 0.
        """
        super().check_draw(draw)
        if any(value.shape[-1] != len(BANDS) for value in draw.values.values()):
            raise self._wrong_draw(f"it must have {len(BANDS)} bands")
        for name in ("frequency", "q"):
            if name in draw.values and not bool((draw.values[name] > 0).all()):
                raise self._wrong_draw(f"{name} is {draw.values[name].tolist()}, and must be above 0")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` filtered by the low shelf, the five peaks and the high shelf."""
        bands = zip(*(drawn.row_values(n).unbind(-1) for n in ("frequency", "gain_db", "q")), strict=True)
        kinds: list[Any] = [filters.LowShelf, *[filters.Peak] * 5, filters.HighShelf]
        return Chain(*(kind(*band) for kind, band in zip(kinds, bands, strict=True)))(x, sample_rate)
