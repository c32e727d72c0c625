"""The values of continuous parameters in dictionaries: `encode_value` and `decode_value`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError


def encode_value(value: Any, name: str) -> Any:
    """Return `value`, a float or a tensor, as `Continuous.encode` does; the error names the parameter `name`."""
    if not isinstance(value, Tensor):
        return value
    if value.is_meta:
        raise ParameterError(
            f"{name} is on the meta device and has no value that a dictionary could hold. Move the module "
            "to another device with module.to_empty(device='cpu'), and load its state."
        )
    detached = value.detach().cpu()
    if value.dtype == torch.float64:
        return detached.tolist()
    # JSON has no complex numbers: each is a pair of real part and imaginary part.
    numbers = torch.view_as_real(detached) if value.is_complex() else detached
    return {"values": numbers.tolist(), "dtype": str(value.dtype).removeprefix("torch.")}


def decode_value(value: Any, name: str) -> Any:
    """Return the value that `encode_value` encoded; see `Continuous.decode`. `name` is used in the error."""
    if isinstance(value, list):
        # As a tensor, so that the two values of a batch are not mistaken for the two edges of a band.
        try:
            return torch.tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            return value  # `validate` raises an error that states the allowed values
    if not isinstance(value, dict):
        return value
    try:
        dtype = getattr(torch, value["dtype"])
        if dtype.is_complex:
            pairs = torch.tensor(value["values"], dtype=dtype.to_real())
            return torch.view_as_complex(pairs if pairs.numel() else pairs.reshape(0, 2))
        return torch.tensor(value["values"], dtype=dtype)
    except (KeyError, AttributeError, TypeError, ValueError, RuntimeError, OverflowError):
        raise ParameterError(
            f"from_dict: {name} is {value!r}; it must be a number, a list, or {{'values': …, 'dtype': 'float32'}}."
        ) from None
