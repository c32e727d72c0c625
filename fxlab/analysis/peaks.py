"""The true peak of a signal, which includes peaks between the samples, and its crest factor."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis.signal_argument import check_signal
from fxlab.engine import oversampling_reach, upsample
from fxlab.errors import ParameterError
from fxlab.signal import Signal
from fxlab.signal.samples import is_integer, peak

CHUNK = 1 << 20
"""Number of samples that are interpolated at once, so that long signals need little memory."""


def true_peak(signal: Signal, *, oversample: int = 8) -> float:
    """Return the true peak of a signal in dBTP, which includes peaks between the samples; minus infinity if silent.

    A converter reconstructs the waveform, which can be higher between the samples than at any sample. The peak is
    measured at `oversample` times the sample rate. For frequencies up to 0.45 of the sample rate the result is at most
    0.15 dB too low for the factor 8, and 0.6 dB for the factor 4, the smallest that the standard allows at 48 kHz. The
    value is that of the loudest channel. The signal is assumed to be zero beyond its ends.

    Args:
        signal: The signal.
        oversample: The factor of the interpolation, from 1 to 64; with 1 the result is the sample peak.

    Raises:
        SignalError: `signal` is not a Signal.
        ParameterError: `oversample` is not an integer from 1 to 64.

    Source:
        ITU-R BS.1770-4, annex 2; EBU Tech 3341.

    >>> from fxlab.signal import Signal
    >>> phase = torch.pi * torch.arange(4800) / 2 + torch.pi / 4  # no sample falls on a crest
    >>> tone = Signal(0.5 * torch.sin(phase) * torch.hann_window(4800), 48_000)
    >>> round(true_peak(tone, oversample=1), 1), round(true_peak(tone), 1)
    (-9.0, -6.0)
    """
    check_signal("true_peak", signal)
    if not is_integer(oversample) or not 1 <= oversample <= 64:
        raise ParameterError(f"true_peak: oversample is {oversample!r}; it must be an integer from 1 to 64.")
    return to_dbfs(interpolated_peak(signal.samples, oversample))


def crest_factor(signal: Signal) -> float:
    """Return the crest factor of a signal in dB: its sample peak relative to its RMS; NaN for silence.

    A sine has 3 dB, a square wave 0 dB, speech about 15 dB. Peak and RMS are those of all channels together.

    Raises:
        SignalError: `signal` is not a Signal.

    >>> from fxlab.signal import sine
    >>> round(crest_factor(sine(1000.0, duration=1.0)), 2)
    3.01
    """
    check_signal("crest_factor", signal)
    top = peak(signal.samples)
    # Both are relative to the peak, so that squares neither overflow nor underflow.
    return -to_dbfs(rms(signal.samples / top)) if top > 0 else math.nan


def interpolated_peak(x: Tensor, factor: int) -> float:
    """Return the largest absolute value of `x`, `(channels, time)`, interpolated to `factor` times the sample rate."""
    x = x.detach()
    x = x if x.dtype == torch.float64 else x.float()
    scale = peak(x)
    if factor == 1 or scale == 0:
        return scale
    margin, frames = oversampling_reach(factor), x.shape[-1]
    highest = scale
    # The interpolation rings on for `margin` samples before and after the signal, and its peak may be there.
    for start in range(-margin, frames + margin, CHUNK):
        begin, end = start - margin, min(start + CHUNK, frames + margin) + margin
        part = x[:, max(0, begin) : end] / scale  # so that very small values do not underflow
        part = torch.nn.functional.pad(part, (max(0, -begin), max(0, end - frames)))
        core = upsample(part, factor)[:, margin * factor : -margin * factor]
        highest = max(highest, scale * peak(core))
    return highest


def rms(x: Tensor) -> float:
    """Return the root mean square of all samples of `x`."""
    return math.sqrt(float(x.detach().double().square().mean()))


def to_dbfs(amplitude: float) -> float:
    """Return an amplitude in dB relative to 1; minus infinity for 0.

    >>> round(to_dbfs(0.5), 2)
    -6.02
    """
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf
