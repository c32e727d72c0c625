"""The delay of symmetric and antisymmetric taps, whose phase is linear, so that they delay all frequencies equally."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.known_values import numpy_values
from fxlab.errors import ParameterError
from fxlab.module.checks import not_recordable

TOLERANCE = 1e-9  # relative to the largest tap


def linear_phase_delay(taps: Tensor, owner: str) -> float:
    """Return the delay in samples of symmetric or antisymmetric taps, and 0 for others.

    Zeros at the start and the end of the taps are ignored, so that the taps of a pure delay give this delay.

    Shape:
        taps: `(..., taps)`.

    Raises:
        ParameterError: The examples of a batch have different delays.
        FxlabError: The values are unknown, as in `torch.compile`, `torch.export` and `torch.vmap`.

    >>> import torch
    >>> linear_phase_delay(torch.tensor([1.0, 2.0, 1.0]), "FIR"), linear_phase_delay(torch.tensor([1.0, 0.5]), "FIR")
    (1.0, 0.0)
    """
    rows = numpy_values(taps.reshape(-1, taps.shape[-1]))
    if rows is None:
        raise not_recordable(
            owner,
            "its latency depends on the values of its taps",
            "Record fx.WindowedSinc or another filter of known symmetry, or fx.Sum and fx.Mix without align=True.",
        )
    return common_delay([_delay_of_row(row) for row in rows], owner)


def common_delay(delays: Iterable[float], owner: str) -> float:
    """Return the delay that all examples of a batch have, or raise a `ParameterError` if they differ."""
    found = sorted({round(delay, 9) for delay in delays})
    if len(found) > 1:
        raise ParameterError(
            f"{owner}: the examples of its batch have different latencies ({', '.join(f'{one:g}' for one in found)} "
            "samples); make a filter with the values of one example."
        )
    return found[0]


def _delay_of_row(row: NDArray[np.float64]) -> float:
    size = np.abs(row)
    places = np.flatnonzero(size > TOLERANCE * size.max(initial=0.0))
    if not places.size:
        return 0.0
    first, last = int(places[0]), int(places[-1])
    middle = row[first : last + 1]
    limit = TOLERANCE * size.max()
    is_linear_phase = any(np.abs(middle - sign * middle[::-1]).max() <= limit for sign in (1, -1))
    return (first + last) / 2 if is_linear_phase else 0.0
