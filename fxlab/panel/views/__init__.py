"""The views of a panel other than the magnitude plot; `VIEWS` contains the general ones, in the order of the tabs.

The class `View` in `view.py` describes a view; the other files define the views. The function `draw` of a view
turns a `Scene` into the fields and vectors that the page draws: `Renderer.draw_view` in `fxlab.panel.rendering` calls
`draw`, and `fxlab.panel.plots.view_sender` sends the result. A module may add views of its own with
`Module.panel_views`.
"""

from __future__ import annotations

from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.panel.protocol import ViewTab
from fxlab.panel.views.decay import DECAY
from fxlab.panel.views.delay import DELAY
from fxlab.panel.views.drawn_values import DRAWN_VALUES
from fxlab.panel.views.echoes import ECHOES
from fxlab.panel.views.feature import feature_views
from fxlab.panel.views.gain import GAIN
from fxlab.panel.views.harmonics import HARMONICS
from fxlab.panel.views.impulse import IMPULSE, STEP
from fxlab.panel.views.levels import LEVELS
from fxlab.panel.views.lfo import LFO
from fxlab.panel.views.phase import PHASE
from fxlab.panel.views.plane import PLANE
from fxlab.panel.views.reduction import REDUCTION
from fxlab.panel.views.spectrogram import SPECTROGRAM
from fxlab.panel.views.transfer import TRANSFER
from fxlab.panel.views.view import Drawing, DrawnFrom, Scene, Superseded, View
from fxlab.panel.views.waveform import WAVEFORM

__all__ = [
    "MAGNITUDE",
    "VIEWS",
    "Drawing",
    "Scene",
    "Superseded",
    "View",
    "initial_views",
    "is_any_drawn_from",
    "view_tabs",
    "views_of",
]

MAGNITUDE = "magnitude"
_PLOTS = (PHASE, DELAY, PLANE, IMPULSE, STEP, ECHOES, DECAY, LFO, TRANSFER, HARMONICS, GAIN, REDUCTION)
VIEWS = {view.name: view for view in (*_PLOTS, SPECTROGRAM, WAVEFORM, LEVELS)}


def views_of(module: Module) -> dict[str, View]:
    """Return the views of a panel of `module` other than the magnitude, by name; the module's own views come first.

    A module without an output has only its own views. A view of `VIEWS` is omitted if `is_offered(module)` is
    false, or if an own view has the same label.
    """
    own = own_views(module)
    shared = VIEWS if module.has_output else {}
    own_labels = {view.label for view in own.values()}
    offered = {name: v for name, v in shared.items() if v.label not in own_labels and v.is_offered(module)}
    return {**own, **offered}


def own_views(module: Module) -> dict[str, View]:
    """Return the views of `module` that are not in `VIEWS`, by name.

    They are the view of the drawn values if the module auditions an augmentation, the view of the feature if the module
    or an active stage of it computes one, and the result of `Module.panel_views`.
    """
    drawn = {DRAWN_VALUES.name: DRAWN_VALUES} if DRAWN_VALUES.is_offered(module) else {}
    return {**drawn, **feature_views(module), **module.panel_views()}


def is_any_drawn_from(module: Module, names: tuple[str, ...], source: DrawnFrom) -> bool:
    """Return whether one of the views of `module` with the given `names` is drawn from `source`."""
    views = views_of(module)
    return any(name in views and views[name].drawn_from(module) == source for name in names)


def view_tabs(module: Module) -> list[ViewTab]:
    """Return the tabs of a panel of `module`, from left to right: own views, the magnitude, and others.

    Only the own views have tabs if `module` has no output.
    """
    tabs: list[ViewTab] = [
        {"name": view.name, "label": view.label, "kind": view.kind} for view in views_of(module).values()
    ]
    own = len(own_views(module))
    magnitude: ViewTab = {"name": MAGNITUDE, "label": "Magnitude", "kind": MAGNITUDE}
    return [*tabs[:own], *([magnitude] if module.has_output else []), *tabs[own:]]


def initial_views(asked: Any, module: Module) -> tuple[str, ...]:
    """Return the names of the views that are open initially.

    `asked` is the name of a view or a sequence of names; None opens the view of the first tab.

    Raises:
        ParameterError: A panel of `module` has no view of that name, or `asked` is empty.
    """
    known = [tab["name"] for tab in view_tabs(module)]
    if asked is None:
        return (known[0],)
    names = (asked,) if isinstance(asked, str) else tuple(asked)
    for name in names:
        if name not in known:
            raise ParameterError(
                f"Panel: views contains {name!r}; a panel of {type(module).__name__} has {', '.join(known)}."
            )
    if not names:
        raise ParameterError(f"Panel: views is empty; name one or more of {', '.join(known)}.")
    return names
