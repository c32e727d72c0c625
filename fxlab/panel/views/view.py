"""`View`: one way to show what a panel plays, beside the magnitude response."""

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
"""What the page draws from: fields, and vectors by name, which are sent as float32, uint8 vectors as uint8."""

DrawnFrom = Literal["module", "output", "measurement"]
"""What a view is drawn from: the module alone, its complete output, or a measurement."""

FREQUENCY_AXIS: Axis = {"unit": "Hz", "scale": "log"}
"""The frequency axis, whose range the page knows."""


class Superseded(Exception):  # noqa: N818 - not an error
    """A newer request came, or the page was closed: the present work need not be completed."""


def never_superseded() -> None:
    """Do nothing: the work is completed in any case."""


def is_measurable(module: Module) -> bool:
    """Return whether `module` is to be measured: it has no known response, and its output depends on its input."""
    return not has_response(module) and all(part.takes_input for part in module.modules() if isinstance(part, Module))


def has_or_measures_response(module: Module) -> bool:
    """Return whether the response of `module` is known or can be measured."""
    return has_response(module) or is_measurable(module)


@dataclass(frozen=True)
class Scene:
    """What a view is drawn from: the module, the input, and for a view that needs it the complete output."""

    module: Module
    rate: float
    device: str
    frequencies: Tensor
    x: Tensor
    y: Tensor | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """The page's options for this view, such as which part of the sound to show."""
    check_superseded: Callable[[], None] = never_superseded
    """To be called now and then by a view that takes long; raises `Superseded` if there is something newer to do."""
    render_window: Callable[[int, int], Tensor | None] = lambda _start, _count: None
    """Returns `count` frames of the output from `start` on, or None where only a complete render contains them."""
    axes: Axes = field(default_factory=dict)
    measured: Measurement | str | None = None
    """The measurement of a module that has no response, or why there is none."""

    def measurement(self) -> Measurement:
        """Return the measurement.

        Raises:
            FxlabError: There is none, or not yet; the message says why.
        """
        if isinstance(self.measured, Measurement):
            return self.measured
        raise FxlabError(self.measured or "The module is measured once no parameter has changed for half a second.")

    def visible_range(self, unit: str, low: float, high: float) -> tuple[float, float]:
        """Return which part of the range from `low` to `high` the page shows on its axis of that unit."""
        shown = self.axes.get(unit, {})
        start = min(max(float(shown.get("low", low)), low), high)
        return start, max(start, min(float(shown.get("high", high)), high))


@dataclass(frozen=True)
class View:
    """A view: its name, the label of its tab, and how it is drawn.

    Args:
        name: The name by which the page and `views=` refer to it.
        label: The label of its tab.
        kind: The kind of plot that the page draws, such as `"trace"`, lines over a common axis.
        is_offered: Whether a panel of a module has this view.
        draw: Returns what the page draws from.
        needs_output: Whether it is drawn from the complete output, always or for some modules; otherwise it is drawn
            as soon as the module's values are set.
        uses_measurement: Whether it is drawn from a measurement where the module has no known response.
    """

    name: str
    label: str
    kind: str
    is_offered: Callable[[Module], bool]
    draw: Callable[[Scene], Drawing]
    needs_output: bool | Callable[[Module], bool] = False
    uses_measurement: bool = False

    def drawn_from(self, module: Module) -> DrawnFrom:
        """Return what the view of `module` is drawn from."""
        if self.needs_output if isinstance(self.needs_output, bool) else self.needs_output(module):
            return "output"
        return "measurement" if self.uses_measurement and not has_response(module) else "module"
