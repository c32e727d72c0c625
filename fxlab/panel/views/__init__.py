"""The panel's views beside the magnitude, one a file, in the order of their tabs."""

from __future__ import annotations

from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.panel.views.delay import DELAY
from fxlab.panel.views.gain import GAIN
from fxlab.panel.views.harmonics import HARMONICS
from fxlab.panel.views.impulse import IMPULSE, STEP
from fxlab.panel.views.levels import LEVELS
from fxlab.panel.views.phase import PHASE
from fxlab.panel.views.plane import PLANE
from fxlab.panel.views.spectrogram import SPECTROGRAM
from fxlab.panel.views.transfer import TRANSFER
from fxlab.panel.views.view import Axes, Drawing, Overtaken, Scene, View
from fxlab.panel.views.waveform import WAVEFORM

__all__ = [
    "MAGNITUDE",
    "VIEWS",
    "Axes",
    "Drawing",
    "Overtaken",
    "Scene",
    "View",
    "heard",
    "offered",
    "opened",
    "views_of",
    "waiting",
]

MAGNITUDE = "magnitude"
_LINES = (PHASE, DELAY, PLANE, IMPULSE, STEP, TRANSFER, HARMONICS, GAIN)
VIEWS = {view.name: view for view in (*_LINES, SPECTROGRAM, WAVEFORM, LEVELS)}


def views_of(module: Module) -> dict[str, View]:
    """The views that a panel of `module` has beside the magnitude, by name; its own come first."""
    own: dict[str, View] = getattr(module, "own_views", dict)()
    shared = VIEWS if heard(module) else {}
    taken = {view.label for view in own.values()}
    return {**own, **{n: view for n, view in shared.items() if view.label not in taken and view.offered(module)}}


def waiting(module: Module, names: tuple[str, ...], due: str = "output") -> bool:
    """Whether one of these views is drawn from the whole output, or from a `"measurement"`."""
    known = views_of(module)
    return any(name in known and known[name].due(module) == due for name in names)


def heard(module: Module) -> bool:
    """Whether it has a sound to play; one that only draws says `is_heard = False`."""
    return bool(getattr(module, "is_heard", True))


def fed(module: Module) -> bool:
    """Whether it does something to what goes in; what makes its sound of nothing says `takes_sound = False`."""
    return bool(getattr(module, "takes_sound", True))


def offered(module: Module) -> list[dict[str, str]]:
    """The tabs that a panel of `module` has."""
    tabs = [{"name": view.name, "label": view.label, "kind": view.kind} for view in views_of(module).values()]
    own = len(getattr(module, "own_views", dict)())
    first = [{"name": MAGNITUDE, "label": "Magnitude", "kind": MAGNITUDE}] if heard(module) else []
    return [*tabs[:own], *first, *tabs[own:]]


def opened(asked: Any, module: Module) -> tuple[str, ...]:
    """The views to open at first, checked: `asked` is a name, several, or None for the magnitude.

    Raises:
        ParameterError: One of them is no view, or not one of this module.
    """
    known = [tab["name"] for tab in offered(module)]
    if asked is None:
        return (known[0],)
    names = (asked,) if isinstance(asked, str) else tuple(asked)
    for name in names:
        if name not in known:
            raise ParameterError(
                f"Panel: views holds {name!r}; a panel of {type(module).__name__} has {', '.join(known)}."
            )
    if not names:
        raise ParameterError(f"Panel: views is empty; name one or more of {', '.join(known)}.")
    return names
