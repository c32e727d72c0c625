"""`measure_levels`: the loudness of a signal over time and in total, its peaks and its RMS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.analysis.loudness import SHORT_TERM, gated_percentiles, integrated
from fxlab.analysis.peaks import crest_factor, rms, to_dbfs, true_peak
from fxlab.analysis.signal_argument import check_signal
from fxlab.effects.level.integrated_loudness import MOMENTARY, STEP, block_powers, to_lufs
from fxlab.errors import ParameterError
from fxlab.signal import Signal
from fxlab.signal.samples import peak


@dataclass(frozen=True, eq=False)
class LevelMeasurement:
    """The loudness, the peaks and the RMS of a signal, returned by `measure_levels`."""

    channels: int
    """The number of channels."""
    sample_rate: float
    """The sample rate in Hz."""
    duration: float
    """The duration in seconds."""
    momentary: Tensor
    """The loudness of blocks of 400 ms in LUFS, one every 100 ms, `(blocks,)`; empty if the signal is shorter.

    If the sample rate is too low for the K-weighting, this and all other loudness values are NaN.
    """
    short_term: Tensor
    """The loudness of blocks of 3 s in LUFS, one every 100 ms, `(blocks,)`; empty if the signal is shorter."""
    integrated: float
    """The gated loudness of the complete signal in LUFS; minus infinity if every block is below -70 LUFS.

    A signal of less than 400 ms counts as one block.
    """
    percentiles: tuple[float, float]
    """The 10th and the 95th percentile of the gated short-term loudness in LUFS.

    They are NaN if no block passes the gates, as for silence and for signals shorter than 3 s.
    """
    true_peak_db: float
    """The true peak in dBTP, which includes peaks between the samples."""
    peak_db: float
    """The largest magnitude of a sample in dBFS."""
    rms_db: float
    """The root mean square in dB: a sine at full scale has -3 dB."""
    crest_db: float
    """The sample peak relative to the RMS, in dB; NaN if the signal is silent."""

    @property
    def momentary_max(self) -> float:
        """The largest momentary loudness in LUFS; NaN if there is none."""
        return _largest(self.momentary)

    @property
    def short_term_max(self) -> float:
        """The largest short-term loudness in LUFS; NaN if there is none."""
        return _largest(self.short_term)

    @property
    def range(self) -> float:
        """The loudness range (LRA) in LU, the difference of the `percentiles`; NaN if these are NaN."""
        return self.percentiles[1] - self.percentiles[0]

    @property
    def peak_to_loudness(self) -> float:
        """The true peak relative to the integrated loudness (PLR) in dB; NaN if this loudness is not finite."""
        return self.true_peak_db - self.integrated if math.isfinite(self.integrated) else math.nan

    def __repr__(self) -> str:
        parts = [f"{self.integrated:.1f} LUFS" if not math.isnan(self.integrated) else ""]
        parts.append(f"range {self.range:.1f} LU" if not math.isnan(self.range) else "")
        parts.append(f"true peak {self.true_peak_db:.1f} dBTP")
        parts.append(f"crest factor {self.crest_db:.1f} dB" if not math.isnan(self.crest_db) else "")
        return f"LevelMeasurement({', '.join(filter(None, parts))})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("level_bundle")(self, include=include, exclude=exclude)


def measure_levels(signal: Signal) -> LevelMeasurement:
    """Return the loudness of a signal over time and in total, its peaks, its RMS and its crest factor.

    A notebook shows the result as a picture of the loudness over time. `loudness`, `loudness_range`, `true_peak` and
    `crest_factor` return one number each.

    Raises:
        SignalError: `signal` is not a `Signal`.

    Source:
        ITU-R BS.1770-4; EBU R 128, Tech 3341 and Tech 3342.

    >>> from fxlab.signal import sine
    >>> measure_levels(sine(1000.0, duration=5.0, level_db=-20.0))
    LevelMeasurement(-23.0 LUFS, range 0.0 LU, true peak -20.0 dBTP, crest factor 3.0 dB)
    """
    check_signal("measure_levels", signal)
    momentary, short_term = (_blocks(signal, window) for window in (MOMENTARY, SHORT_TERM))
    low, high = gated_percentiles(short_term).tolist()
    try:
        total = integrated(signal.samples, signal.sample_rate)
    except ParameterError:  # the sample rate is too low for the K-weighting
        total = math.nan
    return LevelMeasurement(
        channels=signal.channels,
        sample_rate=signal.sample_rate,
        duration=signal.duration,
        momentary=momentary,
        short_term=short_term,
        integrated=total,
        percentiles=(low, high),
        true_peak_db=true_peak(signal),
        peak_db=to_dbfs(peak(signal.samples)),
        rms_db=to_dbfs(rms(signal.samples)),
        crest_db=crest_factor(signal),
    )


def _blocks(signal: Signal, window: float) -> Tensor:
    """Return the loudness of blocks of `window` seconds in LUFS, `(blocks,)`, empty if the signal is shorter.

    If the sample rate is too low for the K-weighting, the result is a single NaN.
    """
    if signal.duration < window:
        return torch.zeros(0, dtype=torch.float64)
    try:
        with torch.no_grad():
            return to_lufs(block_powers(signal.samples.detach(), signal.sample_rate, window, STEP)).cpu()
    except ParameterError:
        return torch.full((1,), torch.nan, dtype=torch.float64)


def _largest(values: Tensor) -> float:
    return float(values.max()) if len(values) else math.nan
