"""The dtype and the device of filter states, and a context that disables autocast."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

DEVICES_WITHOUT_FLOAT64 = {"mps"}


def float64_device(device: torch.device) -> torch.device:
    """Return the device for float64 values: `device` itself, or the CPU if `device` has no float64 (MPS)."""
    return torch.device("cpu") if device.type in DEVICES_WITHOUT_FLOAT64 else device


def widest_dtype(x: Tensor) -> torch.dtype:
    """Return the widest dtype on the device of `x`: float64, or float32 if the device has no float64 (MPS)."""
    return torch.float32 if x.device.type in DEVICES_WITHOUT_FLOAT64 else torch.float64


def disable_autocast(x: Tensor) -> AbstractContextManager[object]:
    """Return a context that disables autocast on the device of `x`."""
    # Half precision is too imprecise for a recursion. Most calls are without autocast, and a null context is faster.
    kind = x.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()
