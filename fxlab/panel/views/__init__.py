"""The panel's views beside the magnitude, one a file, in the order of their tabs."""

from __future__ import annotations

from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.panel.views.delay import DELAY
from fxlab.panel.views.gain import GAIN
from fxlab.panel.views.harmonics import HARMONICS
from fxlab.panel.views.impulse import IMPULSE, STEP
from fxlab.panel.views.phase import PHASE
from fxlab.panel.views.plane import PLANE
from fxlab.panel.views.spectrogram import SPECTROGRAM
from fxlab.panel.views.transfer import TRANSFER
from fxlab.panel.views.view import Axes, Drawing, Overtaken, Scene, View

__all__ = ["MAGNITUDE", "VIEWS", "Axes", "Drawing", "Overtaken", "Scene", "View", "offered", "opened"]

MAGNITUDE = "magnitude"
VIEWS = {view.name: view for view in (PHASE, DELAY, PLANE, IMPULSE, STEP, TRANSFER, HARMONICS, GAIN, SPECTROGRAM)}


def offered(module: Module) -> list[dict[str, str]]:
    """The tabs that a panel of `module` has."""
    views = [view for view in VIEWS.values() if view.offered(module)]
    tabs = [{"name": view.name, "label": view.label, "kind": view.kind} for view in views]
    return [{"name": MAGNITUDE, "label": "Magnitude", "kind": MAGNITUDE}, *tabs]


def opened(asked: Any, module: Module) -> tuple[str, ...]:
    """The views to open at first, checked: `asked` is a name, several, or None for the magnitude.

    Raises:
        ParameterError: One of them is no view, or not one of this module.
    """
    if asked is None:
        return (MAGNITUDE,)
    names = (asked,) if isinstance(asked, str) else tuple(asked)
    known = [tab["name"] for tab in offered(module)]
    for name in names:
        if name not in known:
            raise ParameterError(
                f"Panel: views holds {name!r}; a panel of {type(module).__name__} has {', '.join(known)}."
            )
    if not names:
        raise ParameterError(f"Panel: views is empty; name one or more of {', '.join(known)}.")
    return names
