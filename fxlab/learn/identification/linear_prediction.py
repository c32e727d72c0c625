"""`lpc` and `yule_walker`: all-pole filters from a sound or from a power spectrum."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.errors import ParameterError, SignalError
from fxlab.filters import TransferFunction
from fxlab.signal import Signal
from fxlab.signal.samples import is_integer

EXHAUSTED = 1e-12
"""The power of the prediction error, as a fraction of that of the signal, below which no further pole is found.

The rounding errors of the autocorrelation are about 1e-15 of its power. Near them a reflection coefficient has no
correct digit, and the filter could be unstable.
"""
MAX_LEVEL_DB = 2900.0
"""The highest magnitude of a level in dB: float64 represents its power, and the part `EXHAUSTED` of it."""


def lpc(sound: Signal | Tensor, order: int) -> TransferFunction:
    """Return the all-pole filter of the linear prediction of `sound`, which models the envelope of its spectrum.

    The autocorrelation method is used, so the filter is stable. If fewer poles already predict the sound except for a
    part of 1e-12 of its power, further coefficients are 0: they would consist of rounding errors. From white noise of
    power 1, it makes noise with the mean power of `sound` and about its spectral envelope.

    Args:
        sound: One channel, `(time,)` or `(1, time)`.
        order: The number of poles.

    Raises:
        ParameterError: The order is not from 1 to one less than the number of samples.
        SignalError: The sound has several channels, is silent (below -2900 dB) or above 2900 dB, or has samples that
            are not finite.

    Source:
        J. Makhoul, "Linear prediction: a tutorial review", Proceedings of the IEEE 63(4), 1975.

    >>> import torch
    >>> noise = torch.randn(1, 20_000, generator=torch.Generator().manual_seed(0))
    >>> sound = TransferFunction([1.0], [1.0, -0.9, 0.5])(noise, sample_rate=48_000)
    >>> lpc(sound, order=2).a.round(decimals=1)
    tensor([ 1.0000, -0.9000,  0.5000], dtype=torch.float64)
    """
    samples = sound.samples if isinstance(sound, Signal) else sound
    x = samples.detach().cpu().to(torch.float64)
    if x.ndim > 1 and x.shape[:-1].numel() != 1:
        raise SignalError(f"lpc: the sound has shape {tuple(x.shape)}; it must have one channel, as of sound.mono().")
    x = x.flatten()
    if not is_integer(order) or not 1 <= order < len(x):
        raise ParameterError(f"lpc: order is {order!r}; it must be a whole number from 1 to {len(x) - 1}.")
    if not bool(x.isfinite().all()):
        raise SignalError("lpc: the sound has samples that are not finite.")
    spectrum = torch.fft.rfft(x, 2 * len(x)).abs().square()
    correlation = torch.fft.irfft(spectrum)[: order + 1] / len(x)
    if not 10 ** (-MAX_LEVEL_DB / 10) <= correlation[0] <= 10 ** (MAX_LEVEL_DB / 10):
        if correlation[0] < 1:
            raise SignalError("lpc: the sound is silent, so it has no spectrum.")
        raise SignalError(
            f"lpc: the sound is too loud, with a peak of {float(x.abs().max()):g}; its mean level must be at most "
            f"{MAX_LEVEL_DB:g} dB."
        )
    return _all_pole(correlation)


def yule_walker(
    frequencies: Tensor | list[float], levels_db: Tensor | list[float], order: int, sample_rate: float
) -> TransferFunction:
    """Return the all-pole filter whose magnitude response is close to a curve.

    The filter solves the Yule–Walker equations for the autocorrelation that belongs to the curve. Between the points
    the levels are interpolated on a logarithmic frequency axis; beyond the ends they are constant. Peaks are met better
    than dips, as an all-pole filter has no zeros. The filter is stable: for a curve so steep that further poles would
    be determined by rounding errors, their coefficients are 0, as in `lpc`.

    Args:
        frequencies: At least two frequencies in Hz, above 0 and at most half the sample rate.
        levels_db: The gains in dB, one for each frequency.
        order: The number of poles.
        sample_rate: The sample rate in Hz for which the filter is designed.

    Raises:
        ParameterError: The order is not from 1 to 1000, the curve is invalid, or its highest level is below -2900 dB or
            above 2900 dB.

    Source:
        B. Friedlander, B. Porat, "The modified Yule-Walker method of ARMA spectral estimation", IEEE Transactions on
        Aerospace and Electronic Systems 20(2), 1984.

    >>> import fxlab as fx
    >>> resonator = fx.TransferFunction([0.2], [1.0, -1.2, 0.8])
    >>> hz = torch.linspace(10.0, 24_000.0, 2000, dtype=torch.float64)
    >>> level = 20 * resonator.response(hz, 48_000).abs().log10()
    >>> yule_walker(hz, level, order=2, sample_rate=48_000).a.round(decimals=2)
    tensor([ 1.0000, -1.2000,  0.8000], dtype=torch.float64)
    """
    if not is_integer(order) or not 1 <= order <= 1000:
        raise ParameterError(f"yule_walker: order is {order!r}; it must be a whole number from 1 to 1000.")
    level = interpolate_curve(frequencies, levels_db, sample_rate, "yule_walker")
    if abs(float(level.max())) > MAX_LEVEL_DB:
        raise ParameterError(
            f"yule_walker: the highest of levels_db is {float(level.max()):g} dB; it must be from {-MAX_LEVEL_DB:g} to "
            f"{MAX_LEVEL_DB:g} dB."
        )
    power = 10.0 ** (level / 10.0)
    return _all_pole(torch.fft.irfft(power)[: order + 1])


def interpolate_curve(
    frequencies: Tensor | list[float],
    levels_db: Tensor | list[float],
    sample_rate: float,
    caller: str,
    bins: int = 8192,
) -> Tensor:
    """Return the levels of a curve in dB, `(bins + 1,)`, at equally spaced frequencies from 0 to half the sample rate.

    The levels are interpolated linearly over the logarithm of the frequency, and constant beyond the ends of the curve.
    `frequencies` need not be in order. `caller` is the name of the calling function in messages.

    Raises:
        ParameterError: The lengths differ or are below 2, a value is not finite, or a frequency is not above 0 Hz and
            at most half the rate.
    """
    hz, db = (torch.as_tensor(part, dtype=torch.float64).flatten() for part in (frequencies, levels_db))
    if len(hz) != len(db) or len(hz) < 2:
        raise ParameterError(
            f"{caller}: there are {len(hz)} frequencies and {len(db)} levels; give at least 2, and one level for each "
            "frequency."
        )
    if not bool(torch.isfinite(hz).all() & torch.isfinite(db).all()) or float(hz.min()) <= 0:
        raise ParameterError(f"{caller}: frequencies and levels must be finite, and frequencies above 0 Hz.")
    if float(hz.max()) > sample_rate / 2:
        raise ParameterError(
            f"{caller}: a frequency is {float(hz.max()):g} Hz; it must be at most half the sample rate "
            f"({sample_rate / 2:g} Hz)."
        )
    hz, order = hz.sort()
    db = db[order]
    grid = torch.linspace(0.0, sample_rate / 2, bins + 1, dtype=torch.float64).clamp(float(hz[0]), float(hz[-1])).log()
    place = hz.log()
    right = torch.searchsorted(place, grid).clamp(1, len(hz) - 1)
    share = (grid - place[right - 1]) / (place[right] - place[right - 1]).clamp(min=1e-12)
    return db[right - 1] + share.clamp(0, 1) * (db[right] - db[right - 1])


def _all_pole(correlation: Tensor) -> TransferFunction:
    """Return the all-pole filter for an autocorrelation, `(order + 1,)`, by the Levinson–Durbin recursion.

    The recursion ends before the prediction error is of the size of rounding errors; see `EXHAUSTED`.
    """
    a = torch.ones(1, dtype=correlation.dtype)
    power = correlation[0]
    for order in range(1, len(correlation)):
        reflection = -(a * correlation[1 : order + 1].flip(0)).sum() / power
        left = power * (1 - reflection.square())
        if not left > EXHAUSTED * correlation[0]:
            break
        longer = torch.cat([a, a.new_zeros(1)])
        a, power = longer + reflection * longer.flip(0), left
    return TransferFunction(power.sqrt()[None], torch.cat([a, a.new_zeros(len(correlation) - len(a))]))
