"""The dtype and the device in which states are carried, and a pause of autocast."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

DEVICES_WITHOUT_FLOAT64 = {"mps"}


def float64_device(device: torch.device) -> torch.device:
    """Return the device for float64 values: `device` itself, or the CPU if it has no float64 (Apple's)."""
    return torch.device("cpu") if device.type in DEVICES_WITHOUT_FLOAT64 else device


def widest_dtype(x: Tensor) -> torch.dtype:
    """Return the widest dtype on the device of `x`: float64, or float32 if it has no float64 (Apple's)."""
    return torch.float32 if x.device.type in DEVICES_WITHOUT_FLOAT64 else torch.float64


def disable_autocast(x: Tensor) -> AbstractContextManager[object]:
    """Return a context that pauses autocast: half precision would lose digits that a recursion needs.

    Where autocast is off the context does nothing, at no cost.
    """
    kind = x.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()
