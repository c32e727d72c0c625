"""The channels of a sound: their dimension, whether there are any, and checks for mono and stereo effects.

The argument `owner` of a check is the name of the effect for the error message.
"""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import SignalError
from fxlab.module.parameters.broadcasting import pad_dims
from fxlab.module.parameters.moving_values import stored_values
from fxlab.module.parameters.owner import ParameterOwner


def with_channels(x: Tensor) -> Tensor:
    """Return `x` with a dimension of channels: `(1, time)` for `(time,)`, and other shapes unchanged."""
    return x[None] if x.ndim == 1 else x


def with_channels_of_values(module: ParameterOwner, x: Tensor) -> Tensor:
    """Return `x` with a dimension of channels, expanded to the batch shape of the parameters of `module`.

    With two values of a parameter, a sound `(1, time)` becomes two equal channels. `(time,)` becomes `(1, time)`.
    """
    given = {name: value for name, value in stored_values(module).items() if value.ndim}
    if x.ndim == 1 or not given:
        return with_channels(x)
    leading = (value.shape[:-1] for value in pad_dims(given, x.ndim).values())
    return x.expand(*broadcast_shapes(x.shape[:-1], *leading), x.shape[-1])


def has_no_channels(x: Tensor) -> bool:
    """Return whether a sound of shape `(..., channels, time)` has 0 channels; False for the shape `(time,)`."""
    return x.ndim > 1 and not x.shape[-2]


def linked_dim(x: Tensor, is_linked: bool, dim: int = -2) -> int | None:
    """Return `dim`, the dimension of the channels of `x`, or None if there are none or they are not linked.

    Linked channels share one gain.
    """
    return dim if is_linked and x.ndim > 1 and x.shape[dim] else None


def check_any_channels(owner: str, x: Tensor) -> None:
    """Raise a `SignalError` if `x`, of shape `(..., channels, time)`, has 0 channels."""
    if has_no_channels(x):
        raise SignalError(f"{owner}: the input has 0 channels; it must have at least 1. Pass a mono or stereo sound.")


def check_mono_or_stereo(owner: str, x: Tensor) -> None:
    """Raise a `SignalError` if `x`, of shape `(..., channels, time)`, has more than two channels."""
    if x.shape[-2] > 2:
        raise SignalError(
            f"{owner}: the input has {x.shape[-2]} channels; it must be mono or stereo. Select channels, or mix them "
            "with signal.mono()."
        )


def check_stereo(owner: str, x: Tensor) -> None:
    """Raise a `SignalError` unless `x` has two channels, that is, the shape `(..., 2, time)`."""
    if x.ndim < 2 or x.shape[-2] != 2:
        count = 1 if x.ndim < 2 else x.shape[-2]
        raise SignalError(
            f"{owner}: the input has {count} channel{'' if count == 1 else 's'}; it must have 2 (stereo). Repeat a "
            "mono channel, or select two channels."
        )
