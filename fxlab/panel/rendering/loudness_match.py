"""`LoudnessMatch`: the gain that matches an output's loudness to its input, for a fair comparison."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis.loudness import integrated
from fxlab.effects.level.integrated_loudness import ABSOLUTE, RELATIVE, to_lufs
from fxlab.errors import FxlabError
from fxlab.filters import Weighting

MAX_GAIN_DB = 40.0  # a larger difference means that the output is almost silent
FFT_SIZE = 8192  # samples
MAX_BLOCKS = 256  # spectra; in a long sound they are spaced evenly


class LoudnessMatch:
    """The loudness of an input, and the gain that matches an output to it. Used only on the render thread.

    The loudness of a filter's output follows from its response and from the input's power spectrum, which is measured
    once, so the gain is known before the output is rendered. Without a response, the output itself is measured.

    Args:
        x: The input, `(channels, time)`.
        rate: The sample rate in Hz.
    """

    def __init__(self, x: Tensor, rate: float) -> None:
        self.x, self.rate = x, rate
        self._cumulative_power: Tensor | None = None
        self._input_loudness: float | None = None

    @property
    def is_measured(self) -> bool:
        """Whether the input's spectrum has been measured, so that `gain_from_response` is fast."""
        return self._cumulative_power is not None

    def gain_from_response(self, frequencies: Tensor, response_db: Tensor) -> float | None:
        """Return the gain in dB that makes a filter's output as loud as the input.

        `response_db` is the response of the filter in dB at `frequencies` in Hz.

        The result is None if no block of the input passes the loudness gates, if the output is silent, if the sample
        rate is too low for the K weighting, or if the magnitude of the gain exceeds `MAX_GAIN_DB`. The first call
        measures the spectrum of the input.
        """
        if self._cumulative_power is None:
            self._cumulative_power = cumulative_weighted_power(self.x, self.rate)
        power = power_per_band(frequencies, self._cumulative_power, self.rate)
        output_power = float((power * 10 ** (response_db.double() / 10)).sum())
        input_power = float(power.sum())
        return _limited(-10 * math.log10(output_power / input_power)) if output_power > 0 and input_power > 0 else None

    def gain_from_output(self, y: Tensor) -> float | None:
        """Return the gain in dB that makes the complete output `y`, `(channels, time)`, as loud as the input.

        The result is None if the magnitude of the gain exceeds `MAX_GAIN_DB`, or if the loudness cannot be measured.
        """
        try:
            if self._input_loudness is None:
                self._input_loudness = integrated(self.x, self.rate)
            return _limited(self._input_loudness - integrated(y, self.rate))
        except FxlabError:  # the sample rate is too low for the K weighting
            return None


def _limited(db: float) -> float | None:
    return round(db, 2) + 0.0 if abs(db) <= MAX_GAIN_DB else None


def cumulative_weighted_power(x: Tensor, rate: float) -> Tensor:
    """Return the K-weighted power of `x` below each bin of a spectrum of `FFT_SIZE` samples, and last the total power.

    At most `MAX_BLOCKS` blocks, spread over the sound, are measured. The power is the sum over all channels and those
    blocks that pass the loudness gates. All values are zero if the sample rate `rate`, in Hz, is too low for the
    weighting. The result is in float64.

    Shape:
        `(channels, time)` to `(FFT_SIZE // 2 + 2,)`.
    """
    bins = torch.arange(FFT_SIZE // 2 + 1, dtype=torch.float64) * (rate / FFT_SIZE)
    try:
        weight = Weighting("K").response(bins, sample_rate=rate).abs().square()
    except FxlabError:
        return torch.zeros(FFT_SIZE // 2 + 2, dtype=torch.float64)
    x = x.detach().float()
    x = torch.nn.functional.pad(x, (0, max(0, FFT_SIZE - x.shape[-1])))
    count = min(MAX_BLOCKS, 2 * (x.shape[-1] // FFT_SIZE))
    starts = torch.linspace(0, x.shape[-1] - FFT_SIZE, count, device=x.device).long()
    window = torch.hann_window(FFT_SIZE, device=x.device)
    power = torch.zeros(count, FFT_SIZE // 2 + 1, dtype=torch.float64)
    for channel in x:
        blocks = channel.unfold(-1, FFT_SIZE, 1)[starts]
        power += torch.fft.rfft(blocks * window).abs().square().double().cpu()
    power *= weight * (2 / float(window.square().sum()) / FFT_SIZE)
    loudness = to_lufs(power.sum(-1))
    passes = loudness > ABSOLUTE
    if bool(passes.any()):
        passes &= loudness > to_lufs(power[passes].sum(-1).mean()) + RELATIVE
    return torch.cat([torch.zeros(1, dtype=torch.float64), power[passes].sum(0).cumsum(0)])


def power_per_band(frequencies: Tensor, cumulative_power: Tensor, rate: float) -> Tensor:
    """Return the power in the band around each of `frequencies`, which are in Hz and in ascending order.

    `cumulative_power` is the result of `cumulative_weighted_power` for the sample rate `rate`. Adjacent bands meet at
    the geometric mean of their frequencies; the first begins at 0 Hz, and the last ends at half the sample rate.
    """
    f = frequencies.double().cpu()
    edges = torch.cat([torch.zeros(1, dtype=torch.float64), (f[1:] * f[:-1]).sqrt(), torch.full((1,), rate)])
    place = (edges * (FFT_SIZE / rate) + 0.5).clamp(0, len(cumulative_power) - 1)
    index = place.long().clamp(max=len(cumulative_power) - 2)
    return torch.lerp(cumulative_power[index], cumulative_power[index + 1], place - index).diff().clamp(min=0)
