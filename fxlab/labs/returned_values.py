"""The conversion of an explored function's return value to a signal, plots and pictures."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.labs.plot import Picture, Plot
from fxlab.signal import Signal

CURVES = "Curves"
"""The name of the tab of the curves that have no `Plot` of their own."""

FunctionResult = tuple[Signal | None, dict[str, Plot | Picture]]
"""The returned signal, or None, and the drawings by the name of their tab."""


def convert_returned_value(result: Any, name: str) -> FunctionResult:
    """Convert the return value of the function `name` to a signal, or None, and the drawings by the name of their tab.

    A tuple is converted part by part. All vectors, and the values of dictionaries except `Plot` and `Picture`, are
    curves of one `Plot` in the tab `Curves`; a matrix outside a dictionary becomes a `Picture`. The curves themselves
    are checked when they are drawn.

    Raises:
        ParameterError: A part has a type that can be neither played nor drawn, is not numeric or is complex, there are
            two Signals, or there are both curves and a drawing named `Curves`.
    """
    signal: Signal | None = None
    drawings: dict[str, Plot | Picture] = {}
    curves: dict[str, Any] = {}

    def unused_label(label: str, used: dict[str, Any]) -> str:
        """Return `label`, numbered if it is in use, so that unnamed drawings do not replace each other."""
        return label if label not in used else next(n for k in count(2) if (n := f"{label} {k}") not in used)

    for part in result if isinstance(result, tuple) else (result,):
        if isinstance(part, Signal):
            if signal is not None:
                raise ParameterError(
                    f"{name} returned two Signals; return one Signal to play, and the other as a curve."
                )
            signal = part
        elif isinstance(part, (Plot, Picture)):
            drawings[unused_label("Plot" if isinstance(part, Plot) else "Picture", drawings)] = part
        elif isinstance(part, dict):
            named_drawings = {key: value for key, value in part.items() if isinstance(value, (Plot, Picture))}
            drawings |= named_drawings
            curves |= {str(key): value for key, value in part.items() if key not in named_drawings}
        elif isinstance(part, (Tensor, np.ndarray, list)):
            array = real_tensor(part, name)
            if array.ndim == 2:
                finite = array[array.isfinite()]
                depth = float(finite.max() - finite.min()) if len(finite) else 0.0
                drawings[unused_label("Picture", drawings)] = Picture(array, unit="", depth=depth or 1.0)
            else:
                curves[unused_label("Value", curves)] = array
        else:
            raise ParameterError(
                f"{name} returned {type(part).__name__}; return a Signal to play it, a vector or a dict of vectors to "
                "draw them, an fx.Plot or fx.Picture with units, or a tuple of these."
            )
    if curves and CURVES in drawings:
        raise ParameterError(
            f"{name} returned a drawing named {CURVES!r} and the curve {next(iter(curves))!r}, whose tab has the same "
            "name; give the drawing another name."
        )
    return signal, {CURVES: Plot(curves), **drawings} if curves else drawings


def real_tensor(part: Any, name: str) -> Tensor:
    """Convert a value that the function `name` has returned to a float64 tensor of real numbers.

    Raises:
        ParameterError: The value is not numeric, or is complex.
    """
    try:
        found = torch.as_tensor(part)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ParameterError(
            f"{name} returned a {type(part).__name__} that is not a vector of numbers ({error}); return one vector, or "
            "several in a dict by name."
        ) from error
    if found.is_complex():
        raise ParameterError(f"{name} returned complex numbers; return their .abs(), .angle(), .real or .imag.")
    return found.double()
