"""A cache for windows, filter banks and other constants that do not depend on the sound, and the windows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache, wraps
from typing import Any, TypeVar

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_recorded

Result = TypeVar("Result")


def kept(function: Callable[..., Result]) -> Callable[..., Result]:
    """Return `function` with a cache of its 64 most recently used results.

    The arguments must be positional and hashable, and callers must not write to the results. While PyTorch compiles,
    exports or traces code, or a dispatch mode such as that of fake tensors is active, the cache is not used, because a
    tensor that is made then cannot be used later.
    """
    cached = lru_cache(maxsize=64)(function)

    @wraps(function)
    def call(*args: Any) -> Result:
        if is_recorded() or torch._C._len_torch_dispatch_stack():
            return function(*args)
        # A tensor made in inference mode could not take part in a differentiation later.
        with torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext():
            return cached(*args)

    return call


@kept
def spectral_window(name: str, length: int, n_fft: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return SciPy's periodic window `name` of `length` samples, padded with zeros on both sides to `(n_fft,)`."""
    from scipy.signal import get_window

    values = torch.from_numpy(get_window(name, length, fftbins=True)).to(torch.float64)
    left = (n_fft - length) // 2
    padded = torch.nn.functional.pad(values, (left, n_fft - length - left))
    return padded.to(device=device, dtype=dtype)
