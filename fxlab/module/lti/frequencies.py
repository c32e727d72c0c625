"""Validation of the frequencies of a response, and their conversion to a vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError

Frequencies = Tensor | Sequence[float] | float


def frequency_grid(frequencies: Any, rate: float, device: torch.device, owner: str) -> tuple[Tensor, bool]:
    """Return the frequencies in Hz as a float64 vector on `device`, and whether they were a single number.

    Raises:
        ParameterError: The frequencies are not numbers, have two or more dimensions, or are not from 0 to half the
            sample rate.
    """
    try:
        if isinstance(frequencies, Tensor) and (frequencies.is_complex() or frequencies.dtype == torch.bool):
            raise TypeError
        grid = torch.as_tensor(frequencies, dtype=torch.float64, device=device)
    except (TypeError, ValueError, RuntimeError):
        raise ParameterError(f"{owner}: frequencies are numbers in Hz, not {frequencies!r}.") from None
    if grid.ndim > 1:
        raise ParameterError(
            f"{owner}: frequencies must be a number or a vector, not an array of shape {tuple(grid.shape)}."
        )
    vector = grid.reshape(-1)
    is_valid = (vector >= 0) & (vector <= rate / 2)
    if not bool(is_valid.all()):
        raise ParameterError(
            f"{owner}: a frequency is {vector[~is_valid][0].item():g} Hz; at a sample rate of {rate:g} Hz frequencies "
            f"are from 0 to {rate / 2:g} Hz."
        )
    return vector, grid.ndim == 0
