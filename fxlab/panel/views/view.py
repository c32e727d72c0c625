"""`View`: one way to look at what a panel plays, beside the magnitude."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from fxlab.analysis.measurement import Measurement
from fxlab.errors import FxlabError
from fxlab.module import Module, has_response

Drawing = tuple[dict[str, Any], dict[str, Tensor]]
"""What the page draws from: plain fields, and vectors by name, which travel as float32, bytes as they are."""


class Overtaken(Exception):  # noqa: N818 - no error
    """A newer request came, or nobody listens any more: this render need not go on."""


def go_on() -> None:
    """Nobody waits."""


Axes = dict[str, dict[str, Any]]
"""What the page shows of an axis, by the axis's unit: `{"Hz": {"low": 200, "high": 800, "scale": "log"}}`."""

HERTZ: dict[str, Any] = {"unit": "Hz", "scale": "log"}
"""The axis of frequencies; the page knows how far it reaches."""


def measurable(module: Module) -> bool:
    """Whether it is measured: it has no response, and what it plays is made of what it hears."""
    return not has_response(module) and all(getattr(part, "takes_sound", True) for part in module.modules())


def answers(module: Module) -> bool:
    """Whether its response is known or can be measured."""
    return has_response(module) or measurable(module)


def first(values: Tensor) -> Tensor:
    """Of a batch the first example, `(n,)`."""
    return values.reshape(-1, values.shape[-1])[0]


@dataclass(frozen=True)
class Scene:
    """What a view is drawn from: the module as it is now, the input, and where the view is `heard` the output."""

    module: Module
    rate: float
    device: str
    frequencies: Tensor
    x: Tensor
    y: Tensor | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """What the page asked of this view: which part, which scale."""
    pause: Callable[[], None] = go_on
    """To be called now and then by what takes long; it raises `Overtaken` when something newer waits."""
    part: Callable[[int, int], Tensor | None] = lambda _start, _count: None
    """`count` frames of the output from `start`, or None where only the whole tells what they are."""
    axes: Axes = field(default_factory=dict)
    found: Measurement | str | None = None
    """What was measured of a module that has no response, or why nothing was."""

    def measurement(self) -> Measurement:
        """What was measured, or a `FxlabError` that says why nothing was."""
        if isinstance(self.found, Measurement):
            return self.found
        raise FxlabError(self.found or "It is measured when the hand rests.")

    def window(self, unit: str, low: float, high: float) -> tuple[float, float]:
        """What of `low` to `high` the page shows on its axis of that unit."""
        shown = self.axes.get(unit, {})
        start = min(max(float(shown.get("low", low)), low), high)
        return start, max(start, min(float(shown.get("high", high)), high))


@dataclass(frozen=True)
class View:
    """A view by name, with the label of its tab.

    Args:
        kind: What draws it in the page: `"trace"`, lines over a common axis.
        offered: Whether a module has it.
        draw: What the page draws from.
        heard: Whether it needs the whole output, of some modules or all; else it is drawn as soon as the module is set.
        measured: Whether of a module without a response it is drawn from what was measured, when the hand rests.
    """

    name: str
    label: str
    kind: str
    offered: Callable[[Module], bool]
    draw: Callable[[Scene], Drawing]
    heard: bool | Callable[[Module], bool] = False
    measured: bool = False

    def due(self, module: Module) -> str:
        """What it is drawn from: `"module"`, `"output"` or `"measurement"`."""
        if self.heard if isinstance(self.heard, bool) else self.heard(module):
            return "output"
        return "measurement" if self.measured and not has_response(module) else "module"
