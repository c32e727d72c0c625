"""A row of the table in docs/filters.md, and the measures of error for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

import fxlab as fx

RATE = 48_000.0
HERTZ = np.concatenate([[0.0], np.geomspace(5.0, 23_999.0, 200)])

Error = Callable[[], float]


class Family(NamedTuple):
    """A row of the table."""

    members: tuple[Callable[..., fx.Module], ...]
    """Functions that make a module of each class, with default or given parameters."""
    kinds: str
    reference: str
    error: Error
    unit: str = ""
    """The unit of the error; if empty, the error is relative to the largest value."""


def far(ours: Any, theirs: Any) -> float:
    """Return the largest difference, relative to the largest value of `theirs`."""
    a, b = np.asarray(ours), np.asarray(theirs)
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-300))


def worst(errors: Iterable[float]) -> float:
    """Return the largest error; NaN counts as infinite."""
    return max(math.inf if math.isnan(error) else error for error in errors)
