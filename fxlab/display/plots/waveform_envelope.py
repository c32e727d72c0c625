"""The envelope of a waveform: the lowest and the highest sample of each pixel column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fxlab.signal.min_max import min_max_parts


def waveform_envelope(samples: NDArray[Any], columns: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the lowest and the highest sample of each of at most `columns` parts of nearly equal length.

    Shape:
        samples: `(channels, time)`. Returns two arrays `(channels, min(columns, time))`.

    >>> low, high = waveform_envelope(np.array([[0.0, 1.0, -2.0, 0.5]]), 2)
    >>> low.tolist(), high.tolist()
    ([[0.0, -2.0]], [[1.0, 0.5]])
    """
    frames = samples.shape[-1]
    starts = np.unique(np.linspace(0, frames, min(columns, frames), endpoint=False).astype(np.int64))
    return min_max_parts(samples, starts)
