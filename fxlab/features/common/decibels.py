"""Levels in decibels."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.errors import FxlabError

DECIBELS_PER_DECADE = {"power": 10.0, "magnitude": 20.0}


def to_decibels(x: Tensor, kind: str, amin: Tensor | float, ref: Tensor | float, top_db: Tensor | float) -> Tensor:
    """Return the level of `x` in dB: `10 · log10(x / ref)` for powers, `20 · log10(x / ref)` for magnitudes.

    Args:
        x: Powers or magnitudes, `(..., channels, frequency, time)`; leading dimensions may be missing.
        kind: `"power"` or `"magnitude"`.
        amin: The value to which smaller values of `x` and `ref` are raised.
        ref: The value of 0 dB.
        top_db: Levels more than `top_db` dB below the largest one of the same example are raised to that limit; 0 means
            no limit. `amin`, `ref` and `top_db` are numbers, or tensors that broadcast against `x`; see `beside_rows`.
    """
    scale = DECIBELS_PER_DECADE[kind]
    floor, reference = (torch.as_tensor(value, dtype=x.dtype, device=x.device) for value in (amin, ref))
    level = scale * x.clamp(min=floor).log10() - scale * torch.maximum(reference, floor).log10()
    top = torch.as_tensor(top_db, dtype=x.dtype, device=x.device)
    if top.ndim == 0 and not top.requires_grad and float(top) == 0:
        return level
    # Without values there is no largest one; the result only gets its batch dimensions.
    largest = level.amax(tuple(range(-min(3, x.ndim), 0)), keepdim=True) if x.numel() else level
    return torch.where(top == 0, level, torch.maximum(level, largest - top))


def beside_rows(value: Tensor | float) -> Tensor | float:
    """Return a value that is aligned with a sound, `(batch…, 1)`, aligned with its feature, `(batch…, 1, 1)`.

    A feature with rows has a dimension more than the sound. Numbers and scalars are returned unchanged.
    """
    return value[..., None] if isinstance(value, Tensor) and value.ndim else value


def refuse_stream(owner: str) -> FxlabError:
    """Return the error for a stream of levels that are limited relative to the largest one."""
    return FxlabError(
        f"{owner} cannot stream with top_db: the largest level of the complete sound is not known. Set top_db=None for "
        "levels without that limit."
    )
