"""`interpolate_spectrum`: linear interpolation of a smooth spectrum."""

from __future__ import annotations

import torch
from torch import Tensor


def interpolate_spectrum(spectrum: Tensor, known: Tensor, frequencies: Tensor) -> Tensor:
    """Return `spectrum`, given at the ascending frequencies `known`, linearly interpolated at `frequencies`.

    If `known` and `frequencies` have the same length, they are assumed to be equal, and `spectrum` itself is returned;
    otherwise the result is in float32. Beyond the ends of `known`, the result is the first or last value of `spectrum`.

    Shape:
        `spectrum` and `known`: `(known,)`; `frequencies` and the result: `(frequencies,)`.
    """
    if len(known) == len(frequencies):
        return spectrum
    index = torch.searchsorted(known, frequencies).clamp(1, len(known) - 1)
    low, high = known[index - 1], known[index]
    weight = ((frequencies - low) / (high - low)).clamp(0, 1)
    return torch.lerp(spectrum[index - 1].double(), spectrum[index].double(), weight).float()
