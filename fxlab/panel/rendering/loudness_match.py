"""The gain that makes an output as loud as its input, so that what is better is not merely what is louder."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis.loudness import ABSOLUTE, RELATIVE, integrated, to_lufs
from fxlab.errors import FxlabError
from fxlab.filters import Weighting

MOST = 40.0  # dB: beyond it there is next to nothing of the sound left to be compared
BLOCK = 8192  # samples of one spectrum
BLOCKS = 256  # spectra at most: of a long sound those spread evenly over it


class LoudnessMatch:
    """How loud an input is, and by what gain an output gets as loud; touched by the worker's thread alone.

    Of a filter the output's loudness follows from its response and from how the input's loudness is spread over
    frequency, which is measured once: so the gain is there before the output is. Of anything else it is measured.
    """

    def __init__(self, x: Tensor, rate: float) -> None:
        self.x, self.rate = x, rate
        self._power: Tensor | None = None
        self._loudness: float | None = None

    @property
    def ready(self) -> bool:
        """Whether the input is measured, so that `of_response` takes no time."""
        return self._power is not None

    def of_response(self, frequencies: Tensor, response_db: Tensor) -> float | None:
        """The gain in dB for a filter's output, from its response in dB over frequencies; None: there is none."""
        if self._power is None:
            self._power = weighted_power(self.x, self.rate)
        near = round_each(frequencies, self._power, self.rate)
        through = float((near * 10 ** (response_db.double() / 10)).sum())
        total = float(near.sum())
        return _gain(-10 * math.log10(through / total)) if through > 0 and total > 0 else None

    def of_output(self, y: Tensor) -> float | None:
        """The gain in dB for an output that is there from end to end."""
        try:
            if self._loudness is None:
                self._loudness = integrated(self.x, self.rate)
            return _gain(self._loudness - integrated(y, self.rate))
        except FxlabError:  # a rate at which nothing can be weighted
            return None


def _gain(db: float) -> float | None:
    return round(db, 2) + 0.0 if abs(db) <= MOST else None


def weighted_power(x: Tensor, rate: float) -> Tensor:
    """The K-weighted power of `x` below each bin of a block's spectrum, of the blocks loud enough to count.

    All zero where the rate is too low for the weighting.
    """
    bins = torch.arange(BLOCK // 2 + 1, dtype=torch.float64) * (rate / BLOCK)
    try:
        weight = Weighting("K").response(bins, sample_rate=rate).abs().square()
    except FxlabError:
        return torch.zeros(BLOCK // 2 + 2, dtype=torch.float64)
    x = x.detach().float()
    x = torch.nn.functional.pad(x, (0, max(0, BLOCK - x.shape[-1])))
    count = min(BLOCKS, 2 * (x.shape[-1] // BLOCK))
    starts = torch.linspace(0, x.shape[-1] - BLOCK, count, device=x.device).long()
    window = torch.hann_window(BLOCK, device=x.device)
    power = torch.zeros(count, BLOCK // 2 + 1, dtype=torch.float64)
    for channel in x:
        blocks = channel.unfold(-1, BLOCK, 1)[starts]
        power += torch.fft.rfft(blocks * window).abs().square().double().cpu()
    power *= weight * (2 / float(window.square().sum()) / BLOCK)
    loud = to_lufs(power.sum(-1))
    counted = loud > ABSOLUTE
    if bool(counted.any()):
        counted &= loud > to_lufs(power[counted].sum(-1).mean()) + RELATIVE
    return torch.cat([torch.zeros(1, dtype=torch.float64), power[counted].sum(0).cumsum(0)])


def round_each(frequencies: Tensor, total: Tensor, rate: float) -> Tensor:
    """The power round each of `frequencies`, which rise, of what `weighted_power` gives."""
    f = frequencies.double().cpu()
    edges = torch.cat([torch.zeros(1, dtype=torch.float64), (f[1:] * f[:-1]).sqrt(), torch.full((1,), rate)])
    place = (edges * (BLOCK / rate) + 0.5).clamp(0, len(total) - 1)
    index = place.long().clamp(max=len(total) - 2)
    return torch.lerp(total[index], total[index + 1], place - index).diff().clamp(min=0)
