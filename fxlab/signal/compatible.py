"""`check_compatible`: whether two Signals can be combined sample by sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxlab.errors import SignalError

if TYPE_CHECKING:
    from fxlab.signal.signal import Signal


def check_compatible(sign: str, one: Signal, other: Signal) -> None:
    """Raise a `SignalError` unless rates, lengths and devices are equal, and channels are equal or one is mono.

    Args:
        sign: The sign of the operation, such as `"+"`, for the message.
        one: The signal on its left.
        other: The signal on its right.
    """
    pair = f"{one!r} {sign} {other!r}"
    if one.sample_rate != other.sample_rate:
        raise SignalError(
            f"{pair}: the sample rates differ ({one.sample_rate} and {other.sample_rate} Hz). "
            "Resample one of the signals to the rate of the other first."
        )
    if one.frames != other.frames:
        raise SignalError(
            f"{pair}: the lengths differ ({one.frames} and {other.frames} samples). "
            "Shorten the longer one with .between(start, stop)."
        )
    if one.channels != other.channels and 1 not in (one.channels, other.channels):
        raise SignalError(
            f"{pair}: {one.channels} channels cannot be combined with {other.channels} channels. "
            "The numbers must be equal, or one signal must be mono (.mono())."
        )
    if one.device != other.device:
        raise SignalError(
            f"{pair}: one is on {one.device}, one on {other.device}. Move one with .to({str(one.device)!r})."
        )
