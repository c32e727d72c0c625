"""`check_output`: rejects an output that cannot be played, so that it causes no burst of noise."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.signal.samples import peak

MAX_PEAK = 1e6  # +120 dBFS: an output with a higher peak is rejected


def check_output(y: Any, x: Tensor, name: str) -> None:
    """Raise an `FxlabError` if `y`, the output of the module called `name` for the input `x`, cannot be played.

    It can be played if it is a floating-point tensor of shape `(channels, time)`, not empty, with finite samples and a
    peak of at most `MAX_PEAK`.
    """
    if not isinstance(y, Tensor):
        raise FxlabError(f"{name} returned {type(y).__name__}, not a tensor.")
    if y.ndim != 2 or y.shape[-1] == 0 or not y.is_floating_point():
        raise FxlabError(
            f"{name} returned {y.dtype} of shape {tuple(y.shape)}; a panel plays floating-point audio of shape "
            "(channels, time)."
        )
    level = peak(y)
    if not level <= MAX_PEAK:
        found = f"a peak of {20 * math.log10(level):.0f} dBFS" if math.isfinite(level) else "NaN or infinite samples"
        if peak(x) > MAX_PEAK / 1000:
            cause = "The input is very loud itself."
        else:
            cause = "Is the filter unstable, or a gain far too large?"
        raise FxlabError(f"The output has {found}, so it is not played: the limit is +120 dBFS. {cause}")
