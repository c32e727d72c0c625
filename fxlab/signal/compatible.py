"""Checks of the other operand of an arithmetic operation with a Signal: another Signal, or a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from fxlab.errors import SignalError
from fxlab.signal.samples import is_number

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


def as_operand(sign: str, signal: Signal, other: object) -> Tensor | float | None:
    """Return a number `other` as a float, a tensor without dimensions unchanged, and None for other objects.

    Args:
        sign: The sign of the operation, such as `"+"`, for the message.
        signal: The signal with which `other` is combined.
        other: Anything but a Signal.

    Raises:
        SignalError: `other` is an array or a tensor with dimensions, which has no sample rate.
    """
    if is_number(other):
        return float(other)  # a NumPy scalar would otherwise convert the tensor to an array
    if isinstance(other, Tensor) and other.ndim == 0:
        return other
    if isinstance(other, Tensor | np.ndarray):
        raise SignalError(
            f"{signal!r} {sign} {type(other).__name__} of shape {tuple(other.shape)}: an array has no "
            f"sample rate. Write Signal(array, sample_rate={signal.sample_rate}) or use a number."
        )
    return None
