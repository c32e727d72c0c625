"""`frame_range`: the samples of a part of a Signal, which is given in seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fxlab.errors import SignalError
from fxlab.signal.samples import is_number

if TYPE_CHECKING:
    from fxlab.signal.signal import Signal


def frame_range(signal: Signal, start: float | None, stop: float | None) -> tuple[int, int]:
    """Return the index of the first sample of the part from `start` to `stop` seconds, and the index after its last.

    Both times are rounded to the nearest sample; None is the start or the end of the signal.

    Raises:
        SignalError: The part reaches outside the signal or contains no sample, or a time is not a finite number.
    """
    begin, end = (0.0 if start is None else start), (signal.duration if stop is None else stop)
    for name, value in (("start", begin), ("stop", end)):
        if not is_number(value) or not math.isfinite(value):
            raise SignalError(f"between: {name} = {value!r} is not a time. Pass a number of seconds.")
    first, last = round(begin * signal.sample_rate), round(end * signal.sample_rate)
    if first < 0 or last > signal.frames:
        raise SignalError(
            f"between({begin:g}, {end:g}) reaches outside {signal!r}. "
            f"Choose 0 <= start < stop <= {signal.duration:g} s."
        )
    if last <= first:
        raise SignalError(
            f"between({begin:g}, {end:g}) contains no sample of {signal!r}. Choose a stop at least "
            f"one sample ({1 / signal.sample_rate:.3g} s) after start."
        )
    return first, last
