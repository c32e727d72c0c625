"""`Edges`: the base class of filters with a kind and band edges, which may be given as a pair."""

from __future__ import annotations

from typing import Any

import numpy as np

from fxlab.errors import ParameterError
from fxlab.filters.classical.bilinear import BANDS
from fxlab.filters.common.ordering import check_ordered
from fxlab.module import Module


class Edges(Module):
    """The base class of filters with the parameters `cutoff`, `kind` and `upper`.

    A band-pass or band-stop has two edges, `cutoff` and `upper`; together they may be given as a pair,
    `cutoff=(300.0, 3000.0)`. If `upper` is given too, a list for `cutoff` is not a pair, but one value per example.

    Raises:
        ParameterError: Both a pair and `upper` are given, `cutoff` of a band-pass or band-stop is not below `upper`, or
            another value is invalid.
    """

    cutoff: Any
    kind: Any
    upper: Any

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        given = {**dict(zip(self.declarations, args, strict=False)), **kwargs}
        if len(given) == len(args) + len(kwargs):
            kind = given.get("kind", self.declarations["kind"].default)
            edges = _pair(given.get("cutoff"))
            if edges is not None and kind in BANDS and not ("upper" in given and isinstance(given["cutoff"], list)):
                if "upper" in given:
                    raise ParameterError(
                        f"{self._name()}: cutoff is the pair {edges} and upper is given too; give one of them."
                    )
                super().__init__(**{**given, "cutoff": edges[0], "upper": edges[1]}, sample_rate=sample_rate)
                return
        super().__init__(*args, **kwargs, sample_rate=sample_rate)

    def __setattr__(self, name: str, value: Any) -> None:
        edges = _pair(value) if name == "cutoff" and self.kind in BANDS else None
        if edges is None:
            super().__setattr__(name, value)
            return
        for edge, given in zip(("cutoff", "upper"), edges, strict=True):
            self.declarations[edge].validate(given, self._name())  # validate both before either changes
        super().__setattr__("cutoff", edges[0])
        super().__setattr__("upper", edges[1])

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or the edges of a band-pass or band-stop are not in order."""
        super()._check(sample_rate)
        if self.kind in BANDS:
            check_ordered(
                self, "cutoff", "upper", "the lower edge of a band must lie below the upper one; exchange them"
            )


def _pair(value: Any) -> tuple[Any, Any] | None:
    """Return the two elements of a tuple, list or one-dimensional NumPy array of length 2, otherwise None.

    A tensor with two elements is not a pair: it is one value per example.
    """
    several = isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim == 1)
    return (value[0], value[1]) if several and len(value) == 2 else None
