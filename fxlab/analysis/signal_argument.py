"""The check of the argument of measurements that take a `Signal`."""

from __future__ import annotations

from fxlab.errors import SignalError
from fxlab.signal import Signal


def check_signal(caller: str, signal: object, alternative: str = "") -> None:
    """Raise a `SignalError` unless `signal` is a `Signal`; the message ends with `alternative`, a clause, if given."""
    if not isinstance(signal, Signal):
        raise SignalError(
            f"{caller}: the input is {type(signal).__name__}, not a Signal. Write Signal(samples, sample_rate)"
            f"{alternative}."
        )
