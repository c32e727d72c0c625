"""Loudness in LUFS, as in the broadcasting standards ITU-R BS.1770 and EBU R 128."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis.signal_argument import check_signal
from fxlab.effects.level.integrated_loudness import (
    ABSOLUTE,
    MOMENTARY,
    STEP,
    block_powers,
    integrated_power,
    to_lufs,
)
from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal
from fxlab.signal.samples import is_number

SHORT_TERM = 3.0  # seconds
RANGE_GATE = -20.0  # LU: short-term blocks below the mean by more do not count for the loudness range
LOW_QUANTILE, HIGH_QUANTILE = 0.10, 0.95


def loudness(signal: Signal) -> float:
    """Return the integrated loudness of a signal in LUFS; minus infinity if every block is below -70 LUFS.

    The signal is K-weighted and divided into blocks of 400 ms. Blocks below -70 LUFS are ignored, and so are blocks
    more than 10 LU below the mean of the remaining blocks. All channels have equal weight, except in signals of five
    channels (L R C Ls Rs) and of six (LFE as the fourth), in which the surround channels have a weight of 1.5 dB and
    the LFE channel is ignored.

    Raises:
        SignalError: `signal` is not a Signal, or is shorter than a block.
        ParameterError: The sample rate is too low for the K-weighting, which needs at least 2 kHz.

    Source:
        ITU-R BS.1770-4; EBU R 128.

    >>> from fxlab.signal import sine
    >>> tone = sine(997.0, duration=2.0, sample_rate=48_000)
    >>> round(loudness(tone * (1.0 / float(tone.samples.max()))), 2)
    -3.01
    """
    check_signal("loudness", signal)
    if signal.duration < MOMENTARY:
        raise SignalError(
            f"loudness: {signal!r} is shorter than the {1000 * MOMENTARY:.0f} ms of one block. Use a longer signal."
        )
    return integrated(signal.samples, signal.sample_rate)


def loudness_over_time(signal: Signal, window: float = MOMENTARY, *, step: float = STEP) -> Tensor:
    """Return the loudness of blocks of `window` seconds, one every `step` seconds, in LUFS, without gating.

    A window of 0.4 s gives the momentary loudness, a window of 3 s the short-term loudness. The first block is from 0
    to `window`.

    Shape:
        Returns `(blocks,)`, float64; minus infinity for silence.

    Raises:
        SignalError: `signal` is not a Signal, or is shorter than the window.
        ParameterError: `window` or `step` is not a finite number above 0, or the sample rate is below 2 kHz.

    Source:
        EBU Tech 3341.

    >>> from fxlab.signal import noise
    >>> loudness_over_time(noise(duration=2.0), 0.4).shape
    torch.Size([17])
    """
    check_signal("loudness_over_time", signal)
    for name, value in (("window", window), ("step", step)):
        if not is_number(value) or not 0 < value < math.inf:
            raise ParameterError(f"loudness_over_time: {name} is {value!r}; it must be a number of seconds above 0.")
    if signal.duration < window:
        raise SignalError(f"loudness_over_time: {signal!r} is shorter than the window of {window:g} s.")
    with torch.no_grad():
        return to_lufs(block_powers(signal.samples.detach(), signal.sample_rate, window, step)).cpu()


def loudness_range(signal: Signal) -> float:
    """Return the loudness range (LRA) of a signal in LU, a measure of the variation of its loudness.

    It is the distance between the 10th and the 95th percentile of the short-term loudness: that of blocks of 3 s, one
    every 0.1 s. Blocks below -70 LUFS are ignored, and so are blocks more than 20 LU below the mean of the remaining
    blocks. The result is NaN if no block remains.

    Raises:
        SignalError: `signal` is not a Signal, or is shorter than 3 s.
        ParameterError: The sample rate is too low for the K-weighting, which needs at least 2 kHz.

    Source:
        EBU Tech 3342.

    >>> from fxlab.signal import Signal, sine
    >>> soft, loud = (sine(1000.0, duration=20.0, sample_rate=8000, level_db=level) for level in (-30.0, -20.0))
    >>> round(loudness_range(Signal(torch.cat([soft.samples, loud.samples], -1), 8000)), 1)
    10.0
    """
    check_signal("loudness_range", signal)
    if signal.duration < SHORT_TERM:
        raise SignalError(
            f"loudness_range: {signal!r} is shorter than the {SHORT_TERM:g} s of one block. Use a longer signal; a "
            "meaningful range needs a minute."
        )
    return float(gated_percentiles(loudness_over_time(signal, SHORT_TERM)).diff())


def gated_percentiles(short_term: Tensor) -> Tensor:
    """Return the 10th and the 95th percentile of the blocks that pass the gates of the loudness range; NaN if none.

    Shape:
        short_term: `(blocks,)`, in LUFS. Returns `(2,)`.

    >>> gated_percentiles(torch.tensor([-80.0, -30.0, -20.0])).diff().item() < 10.0
    True
    """
    loud = short_term[short_term >= ABSOLUTE]
    if not len(loud):
        return torch.full((2,), torch.nan, dtype=short_term.dtype)
    # The constant offset between power and loudness does not matter for a mean of powers.
    mean = 10 * (10 ** (loud / 10)).mean().log10()
    counted = loud[loud >= mean + RANGE_GATE]
    return torch.quantile(counted, torch.tensor([LOW_QUANTILE, HIGH_QUANTILE], dtype=counted.dtype))


def integrated(x: Tensor, sample_rate: float) -> float:
    """Return the integrated loudness of `x`, `(channels, time)`, in LUFS; less than 400 ms counts as one block.

    Raises:
        ParameterError: The sample rate is below 2 kHz.
    """
    with torch.no_grad():
        return float(to_lufs(integrated_power(x.detach(), sample_rate)))
