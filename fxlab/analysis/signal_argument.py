"""The check of the argument of measurements that take a `Signal`."""

from __future__ import annotations

from fxlab.errors import SignalError
from fxlab.signal import Signal


def check_signal(caller: str, signal: object, alternative: str = "") -> None:
    """Raise a `SignalError` unless `signal` is a `Signal`.

    The message names the function `caller` and ends with `alternative`, a clause such as ", or use thd for a module".
    """
    if not isinstance(signal, Signal):
        raise SignalError(
            f"{caller}: the input is {type(signal).__name__}, not a Signal. Write Signal(samples, sample_rate)"
            f"{alternative}."
        )
