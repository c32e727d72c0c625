"""Windows over the taps of a filter, the ones of `scipy.signal.get_window`, symmetric."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError

WINDOWS = (
    "hamming",
    "hann",
    "blackman",
    "blackmanharris",
    "nuttall",
    "flattop",
    "bartlett",
    "barthann",
    "bohman",
    "boxcar",
    "cosine",
    "exponential",
    "lanczos",
    "parzen",
    "taylor",
    "triang",
    "tukey",
)
"""Those that need no number of their own."""


def window(name: str, taps: int) -> Tensor:
    """The window of SciPy's name, `(taps,)`, symmetric."""
    return _window(name, taps).clone()


@lru_cache(maxsize=64)
def _window(name: str, taps: int) -> Tensor:
    from scipy.signal import get_window

    return torch.from_numpy(get_window(name, taps, fftbins=False)).double()


def kaiser(beta: Tensor, place: Tensor) -> Tensor:
    """Kaiser's window at `place`, −1 to 1 from its first tap to its last; `beta` broadcasts against it."""
    # Scaled by exp(-beta), so that no beta overflows.
    height = beta * torch.sqrt(1 - place.square())
    taper: Tensor = torch.special.i0e(height) * torch.exp(height - beta) / torch.special.i0e(beta)
    return taper


def audible(module: Any, taps: int, name: str) -> None:
    """Refuse a window so short that it is 0 at each of its taps."""
    if name in WINDOWS and float(_window(name, taps).abs().max()) < 1e-9:
        raise ParameterError(
            f"{type(module).__name__}: a {name} window over {taps} taps is 0 at each of them; take 3 taps or more, or "
            "another window."
        )
