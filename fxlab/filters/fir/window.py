"""Symmetric windows, as in `scipy.signal.get_window`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.tracing import constant_in_graphs
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
"""The windows that need no parameter."""


@constant_in_graphs
def window(name: str, taps: int) -> Tensor:
    """Return the symmetric window that SciPy calls `name`, `(taps,)`."""
    return torch.from_numpy(_window(name, taps).copy())


@constant_in_graphs
def largest_value(name: str, taps: int) -> float:
    """Return the largest magnitude of the window `name` with `taps` taps."""
    return float(np.abs(_window(name, taps)).max())


@constant_in_graphs
def edge_value(name: str, taps: int) -> float:
    """Return the first value of the window `name` with `taps` taps."""
    return float(_window(name, taps)[0])


@lru_cache(maxsize=64)
def _window(name: str, taps: int) -> NDArray[np.float64]:
    from scipy.signal import get_window

    return np.asarray(get_window(name, taps, fftbins=False), np.float64)


def kaiser(beta: Tensor, place: Tensor) -> Tensor:
    """Return the Kaiser window at the positions `place`, from −1 (first tap) to 1 (last tap).

    `beta` and `place` have shapes that broadcast.
    """
    # The Bessel functions are scaled by exp(-beta), so that no beta overflows.
    height = beta * torch.sqrt(1 - place.square())
    taper: Tensor = torch.special.i0e(height) * torch.exp(height - beta) / torch.special.i0e(beta)
    return taper


def window_values(name: str, taps: int, beta: Tensor, place: Tensor) -> Tensor:
    """Return the window `name`, `(taps,)`; the Kaiser window is `(..., taps)` for `beta` of shape `(...)`.

    `place`, `(taps,)`, are the positions of the taps in samples from the middle of the window.
    """
    if name == "kaiser":
        return kaiser(beta[..., None], place / max((taps - 1) / 2, 0.5))
    return window(name, taps).to(place.device)


def check_window(module: Any, taps: int, name: str) -> None:
    """Raise a `ParameterError` if all `taps` values of the window `name` are 0."""
    if name in WINDOWS and largest_value(name, taps) < 1e-9:
        raise ParameterError(
            f"{type(module).__name__}: a {name} window of {taps} taps is 0 at all of them; use 3 taps or more, or "
            "another window."
        )
