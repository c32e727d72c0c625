"""Checks of the number of channels, for effects that place sounds between left and right."""

from __future__ import annotations

from torch import Tensor

from fxlab.errors import SignalError


def with_channels(x: Tensor) -> Tensor:
    """Return `(time,)` as `(1, time)`, and other shapes unchanged."""
    return x[None] if x.ndim == 1 else x


def check_mono_or_stereo(owner: str, x: Tensor) -> None:
    """Raise a `SignalError` unless `x`, of shape `(..., channels, time)`, has one or two channels."""
    if x.shape[-2] > 2:
        raise SignalError(
            f"{owner}: the input has {x.shape[-2]} channels; it must be mono or stereo. Select channels, or mix them "
            "with signal.mono()."
        )


def check_stereo(owner: str, x: Tensor) -> None:
    """Raise a `SignalError` unless `x`, of shape `(..., channels, time)`, has two channels."""
    if x.ndim < 2 or x.shape[-2] != 2:
        count = 1 if x.ndim < 2 else x.shape[-2]
        raise SignalError(
            f"{owner}: the input has {count} channel{'' if count == 1 else 's'}; it must have 2 (stereo). Repeat a "
            "mono channel, or select two channels."
        )
