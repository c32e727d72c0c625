"""The time at which a call begins, in seconds from the start of the sound: 0 unless `start_at` sets another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fxlab.errors import ParameterError
from fxlab.signal.samples import is_number

_START: ContextVar[float] = ContextVar("fxlab_start_seconds", default=0.0)


def start_sample(sample_rate: float) -> int:
    """Return the position of the first sample of a call, in samples since the start of the sound; see `start_at`."""
    return round(_START.get() * sample_rate)


def validate_time(seconds: Any, owner: str) -> float:
    """Return `seconds` as a float, or raise a `ParameterError` if it is not a finite number of at least 0."""
    if not (is_number(seconds) and 0 <= seconds < math.inf):
        raise ParameterError(f"{owner}: seconds is {seconds!r}; it must be a number of seconds of at least 0.")
    return float(seconds)


@contextmanager
def start_at(seconds: float) -> Iterator[None]:
    """Begin calls and streams inside the `with` block at `seconds` after the start of the sound.

    It affects only what depends on the time: parameters that move, oscillators of effects, random sequences such as
    dither, and the steps of filters that are redesigned. A panel uses it to compute the sound from the playhead on with
    the LFO phases of the complete sound.

    Raises:
        ParameterError: `seconds` is negative, or not a finite number.

    >>> import torch
    >>> from fxlab.control import Ramp
    >>> from fxlab.effects import Gain
    >>> fade = Gain(gain_db=Ramp(start=-20.0, end=0.0, duration=1.0))
    >>> with start_at(0.5):
    ...     y = fade(torch.ones(1, 1), sample_rate=8000)
    >>> round(20 * y.log10().item(), 3)
    -10.0
    """
    token = _START.set(validate_time(seconds, "start_at"))
    try:
        yield
    finally:
        _START.reset(token)
