"""`pole_zero_lab`: a panel in which poles and zeros are dragged while the filter plays."""

from __future__ import annotations

import math

from fxlab.errors import ParameterError
from fxlab.filters import ZPK
from fxlab.panel import Panel
from fxlab.signal import Signal, noise

RATE = 44_100


def pole_zero_lab(signal: Signal | None = None, zpk: ZPK | None = None) -> Panel:
    """Return a panel with the pole-zero plot and the magnitude response of a filter.

    Poles and zeros can be moved, added and removed in the plot.

    Args:
        signal: The signal to play. Default: 4 s of white noise at -20 dB, at 44.1 kHz.
        zpk: The initial filter. Default: a resonance at 2 kHz and a notch at 6 kHz, for a sample rate of 44.1 kHz.

    Raises:
        ParameterError: `zpk` is not a `ZPK`.
        SignalError: `signal` is not a `Signal`.

    >>> import fxlab as fx
    >>> fx.pole_zero_lab().module
    ZPK(zeros=[(0.65633+0.75448j), (0.65633-0.75448j)], poles=[(0.91121+0.26692j), (0.91121-0.26692j)], gain=0.1)
    """
    if zpk is None:
        zeros, poles = _pair(1.0, 6000.0), _pair(0.9495, 2000.0)
        zpk = ZPK(zeros=zeros, poles=poles, gain=0.1)
    elif not isinstance(zpk, ZPK):
        raise ParameterError(
            f"pole_zero_lab: zpk is {zpk!r}; it must be an fx.ZPK, whose poles and zeros can be moved, such as "
            "fx.ZPK(zeros=[1j, -1j], poles=[0.9j, -0.9j], gain=0.9)."
        )
    playing = noise(duration=4.0, sample_rate=RATE, seed=1, level_db=-20.0) if signal is None else signal
    return Panel(zpk, playing, views=("plane", "magnitude"))


def _pair(radius: float, frequency: float) -> list[complex]:
    angle = 2 * math.pi * frequency / RATE
    root = complex(round(radius * math.cos(angle), 5), round(radius * math.sin(angle), 5))
    return [root, root.conjugate()]
