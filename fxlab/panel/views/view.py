"""`View`: the description of one view of a panel other than the magnitude plot; `Scene`: the data that it draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from fxlab.analysis.measurement import Measurement
from fxlab.errors import FxlabError
from fxlab.module import Module, has_response
from fxlab.panel.protocol import Axes, Axis, ViewFields

Drawing = tuple[ViewFields, dict[str, Tensor]]
"""The data of a plot: fields, and vectors by name. Vectors are sent as float32, except uint8 vectors."""

DrawnFrom = Literal["module", "output", "measurement"]
"""The source of a view's data: the module alone, its complete output, or a measurement."""

FREQUENCY_AXIS: Axis = {"unit": "Hz", "scale": "log"}
"""The frequency axis; its range is set by the page."""


class Superseded(Exception):  # noqa: N818 - not an error
    """Raised to abandon the current work, because newer work is pending or the page was closed."""


def never_superseded() -> None:
    """Do nothing: the default of `Scene.check_superseded`, with which drawing is never interrupted."""


def is_measurable(module: Module) -> bool:
    """Return whether `module` can be measured.

    It must not have a known response, and the module and each of its parts must process an input and return a sound.
    """
    if has_response(module):
        return False
    return all(part.takes_input and part.gives_sound for part in module.modules() if isinstance(part, Module))


def has_or_measures_response(module: Module) -> bool:
    """Return whether the response of `module` is known or can be measured."""
    return has_response(module) or is_measurable(module)


@dataclass(frozen=True)
class Scene:
    """The data for drawing a view: the module, the input, and the complete output if the view needs it."""

    module: Module
    """The module; if parameters move, a copy with their values at one moment."""
    rate: float
    """The sample rate of the input in Hz."""
    device: str
    """The name of the device on which the module runs."""
    frequencies: Tensor
    """The frequencies of the curves in Hz, on the CPU."""
    x: Tensor
    """The input, `(channels, time)`."""
    y: Tensor | None = None
    """The complete output, `(channels, time)`, if the view is drawn from it."""
    options: dict[str, Any] = field(default_factory=dict)
    """The page's options for this view, such as which part of the sound to show."""
    check_superseded: Callable[[], None] = never_superseded
    """Raises `Superseded` if newer work is pending; slow views call it regularly."""
    render_window: Callable[[int, int], Tensor | None] = lambda _start, _count: None
    """Returns `count` frames of the output from `start` on, or None if they cannot be rendered on their own."""
    axes: Axes = field(default_factory=dict)
    """The ranges of the axes that the page shows."""
    measured: Measurement | str | None = None
    """The measurement of a module without a known response, or a message that explains why there is none.

    It is None for other modules, and before the measurement.
    """
    moving_module: Module | None = None
    """The module with the controls of its parameters; None if `module` has them."""

    @property
    def live_module(self) -> Module:
        """The module with the controls of its parameters: `moving_module`, or `module` if that is None."""
        return self.module if self.moving_module is None else self.moving_module

    def measurement(self) -> Measurement:
        """Return the measurement of the module.

        Raises:
            FxlabError: There is no measurement yet, or it failed; the message gives the reason.
        """
        if isinstance(self.measured, Measurement):
            return self.measured
        raise FxlabError(self.measured or "The module is measured once no parameter has changed for half a second.")

    def visible_range(self, unit: str, low: float, high: float) -> tuple[float, float]:
        """Return the ends of the part of the range from `low` to `high` that the page shows on the axis in `unit`."""
        shown = self.axes.get(unit, {})
        start = min(max(float(shown.get("low", low)), low), high)
        return start, max(start, min(float(shown.get("high", high)), high))


@dataclass(frozen=True)
class View:
    """A view: its name, the label of its tab, the modules that have it, and the function that draws it.

    Args:
        name: The name by which the page and `views=` refer to it.
        label: The label of its tab.
        kind: The kind of plot that the page draws, such as `"trace"`, lines over a common axis.
        is_offered: Returns whether a panel of the given module has this view.
        draw: Returns the data that the page draws.
        needs_output: Whether it is drawn from the complete output, or a function of the module that returns this.
        uses_measurement: Whether it is drawn from a measurement if the module has no known response.
    """

    name: str
    label: str
    kind: str
    is_offered: Callable[[Module], bool]
    draw: Callable[[Scene], Drawing]
    needs_output: bool | Callable[[Module], bool] = False
    uses_measurement: bool = False

    def drawn_from(self, module: Module) -> DrawnFrom:
        """Return the source of the view's data for `module`."""
        if self.needs_output if isinstance(self.needs_output, bool) else self.needs_output(module):
            return "output"
        return "measurement" if self.uses_measurement and not has_response(module) else "module"
