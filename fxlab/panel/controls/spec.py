"""What the browser must know to draw a panel, as JSON: read off the module's declarations, nothing else."""

from __future__ import annotations

from itertools import starmap
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import first_example
from fxlab.module import (
    ArrayParam,
    Chain,
    Choice,
    Count,
    Finite,
    Module,
    Param,
    ParameterDeclaration,
    Switch,
    has_response,
)
from fxlab.panel.controls.control_binding import Coordinate, control_bindings, coordinates, has_sliders
from fxlab.panel.plots.stage_responses import color_index
from fxlab.panel.views import MAGNITUDE, view_tabs
from fxlab.signal import Signal
from fxlab.signal.min_max import min_max_blocks

VERSION = 1


def describe(
    module: Module, signal: Signal, device: str, views: tuple[str, ...] = (MAGNITUDE,), *, sketched: bool = True
) -> dict[str, Any]:
    """The `spec` of docs/panel-protocol.md, with `views` open at first; its curve only where it is to be `sketched`."""
    rate = signal.sample_rate
    return {
        "version": VERSION,
        "title": title(module),
        "rate": rate,
        "channels": signal.channels,
        "frames": signal.frames,
        "lti": module.has_response,
        "frequency_range": [float(edge) for edge in grid(rate)[[0, -1]]],
        "has_output": module.has_output,
        "takes_input": module.takes_input,
        "standalone": module.is_standalone,
        "has_taps": finite(module) is not None,
        "views": view_tabs(module),
        "open_views": list(views),
        "devices": devices(),
        "device": device,
        "stages": stages(module, rate),
        "preview": sketch(module, rate) if sketched else None,
    }


def shape(spec: dict[str, Any]) -> dict[str, Any]:
    """A spec without the values that move: where it changes a page must be built anew."""
    stages = [{**stage, "params": [_unmoved(param) for param in stage["params"]]} for stage in spec["stages"]]
    return {**spec, "stages": stages, "preview": None, "revision": None}


def _unmoved(param: dict[str, Any]) -> dict[str, Any]:
    return param if param["kind"] == "fixed" else {**param, "value": None, "default": None}


def title(module: Module) -> str:
    """The names of its parts, short enough for a header."""
    if isinstance(module, Chain):
        names = [type(stage).__name__ for stage in module]
        return " | ".join(names) if 0 < len(names) <= 6 else f"Chain of {len(names)}"
    return type(module).__name__


def finite(module: Module) -> Finite | None:
    """What has taps to show: the module, or the first of a chain's stages that has."""
    parts = [module, *(part for _, part in module._active_stages())] if isinstance(module, Chain) else [module]
    return next((part for part in parts if isinstance(part, Finite)), None)


def reach(taps: Tensor, most: int = 2048) -> Tensor:
    """Taps as a plot needs them: of very many the least and the greatest of each few, in turns."""
    few = -(-2 * len(taps) // most)
    if few < 3:
        return taps
    low, high = min_max_blocks(taps, few)
    return torch.stack([low, high], -1).flatten()


def stages(module: Module, rate: float) -> list[dict[str, Any]]:
    """The parameters, grouped by the part that they belong to; a stage of a chain has its number, be it without any."""
    groups: dict[str, dict[str, Any]] = {}

    def group(where: str, part: Module, index: int | None) -> dict[str, Any]:
        head = {"path": where, "name": type(part).__name__, "params": []}
        # By its key a stage is found when others have come or gone since the page was told.
        place = {"index": index, "id": None if index is None else id(part)}
        return groups.setdefault(where, {**head, **place, "color": color_index(module, where)})

    if isinstance(module, Chain):
        for index, stage in enumerate(module):
            group(str(index), stage, index)
    for path, owner, declaration in module.walk():
        there = group(path.rpartition(".")[0], owner, None)
        if isinstance(declaration, ArrayParam) and has_sliders(owner, declaration):
            there["params"].extend(numbers(path, owner, declaration, rate))
        else:
            there["params"].append(parameter(path, owner, declaration, rate))
            there["params"].extend(starmap(coordinate, coordinates(path, owner, declaration)))
    found = sorted(groups.values(), key=lambda there: _order(there["path"]))
    for place, there in enumerate(found):
        # What stands before the name and on the handle: the stage's, or where there is no chain its own.
        own = int(there["path"].partition(".")[0]) if isinstance(module, Chain) else place
        there["number"] = own + 1 if len(found) > 1 or isinstance(module, Chain) else None
    return found


def _order(path: str) -> tuple[tuple[int, str], ...]:
    """Of a chain the stages in their order, each before its parts."""
    return tuple((int(name), "") if name.isdigit() else (0, name) for name in path.split(".") if name)


def parameter(path: str, owner: Module, declaration: ParameterDeclaration, rate: float) -> dict[str, Any]:
    """One control."""
    value = getattr(owner, declaration.name)
    control: dict[str, Any] = {
        "path": path,
        "name": declaration.name,
        "label": declaration.label,
        "kind": declaration.kind,
        "value": plain(value),
        "default": declaration.default,
        "unit": declaration.unit,
        "role": declaration.role,
        "index": None,
        "has_center_frequency": False,
        "doc": declaration.doc,
        "step": None,
        "shown_when": None,
    }
    if declaration.only is not None:
        choice, names = declaration.only
        control["shown_when"] = {"path": f"{path.removesuffix(declaration.name)}{choice}", "values": list(names)}
    if isinstance(declaration, ArrayParam):
        control.update(kind="fixed", value=declaration.summary(value), default=None)
    elif isinstance(declaration, Param):
        control["low"], control["high"] = declaration.span(rate)
        control["scale"] = declaration.scale
        if isinstance(value, Tensor) and value.numel() > 1:
            control["kind"], control["value"] = "fixed", f"{value.numel()} values, one for each example"
    elif isinstance(declaration, Count):
        control.update(low=declaration.low, high=declaration.high, scale="linear", step=declaration.multiple)
    elif isinstance(declaration, Choice):
        control["choices"] = list(declaration.choices)
    elif not isinstance(declaration, Switch):
        control["kind"] = "fixed"
    return control


def numbers(path: str, owner: Module, declaration: ArrayParam, rate: float) -> list[dict[str, Any]]:
    """One control for each number of an array."""
    low, high = declaration.span(rate)
    values = declaration.stored(owner).tolist()
    default = declaration.default if len(declaration.default) in (1, len(values)) else values
    return [
        {
            "path": f"{path}.{number}",
            "name": declaration.name,
            "label": label,
            "kind": "number",
            "value": value,
            "default": default[number % len(default)],
            "low": low,
            "high": high,
            "scale": declaration.scale,
            "unit": declaration.unit,
            "role": declaration.role,
            "index": number,
            "has_center_frequency": declaration.has_places,
            "doc": declaration.doc,
            "step": None,
            "shown_when": None,
        }
        for number, (label, value) in enumerate(zip(declaration.labels(owner, rate), values, strict=True))
    ]


def coordinate(path: str, slot: Coordinate) -> dict[str, Any]:
    """What holds where a root stands: no control, for the plane of poles and zeros moves it."""
    fixed = {
        "low": -1.0,
        "high": 1.0,
        "scale": "linear",
        "unit": "",
        "doc": "",
        "step": None,
        "shown_when": None,
        "has_center_frequency": False,
    }
    said = {"path": path, "name": slot.name, "label": slot.name, "kind": "coordinate", "role": None, "index": None}
    return {**fixed, **said, "value": slot.value, "default": slot.value}


def plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, Tensor):
        return value.item() if value.numel() == 1 else None
    return value


def values(module: Module) -> dict[str, Any]:
    """Every value that a slider can hold, by path."""
    found = {path: slot.value for path, slot in control_bindings(module)}
    return {path: value for path, value in found.items() if value is not None}


def devices() -> list[str]:
    """Where torch can run here."""
    found = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


def grid(rate: float, points: int = 512) -> Tensor:
    """Frequencies in Hz, even on a log axis, from 20 Hz to half the sample rate."""
    top = rate / 2
    bottom = 20.0 if top > 200 else top / 1000  # at a rate of a few Hz three decades below it
    steps = torch.linspace(0, 1, points, dtype=torch.float64)
    return (bottom * (top / bottom) ** steps).clamp(max=top)


def framed(rate: float, axis: dict[str, Any], points: int = 512) -> Tensor:
    """Frequencies for an axis that shows `low` to `high` Hz, or is linear: as many there, and some over the whole band.

    The page has something to draw so as soon as it shows more again.
    """
    whole = grid(rate, points)
    linear = axis.get("scale") == "linear"
    if not linear and "low" not in axis:
        return whole
    least = 0.0 if linear else float(whole[0])
    low = min(max(float(axis.get("low", least)), least), rate / 2)
    high = min(max(float(axis.get("high", rate / 2)), low), rate / 2)
    steps = torch.linspace(0, 1, points, dtype=torch.float64)
    near = low + (high - low) * steps if linear else low * (high / low) ** steps
    both: Tensor = torch.unique(torch.cat([near.clamp(max=rate / 2), whole[::2], whole[-1:]]))
    return both


def decibels(response: Tensor) -> Tensor:
    """20 log10 of the magnitude, not below -150."""
    return (20 * response.abs().clamp(min=10**-7.5).log10()).float()


def sketch(module: Module, rate: float) -> dict[str, list[float]] | None:
    """A coarse response for the picture that stands when no kernel answers."""
    if not has_response(module):
        return None
    frequencies = grid(rate, 64)
    try:
        with torch.no_grad():
            response = module.response(frequencies, sample_rate=rate)
            level = decibels(first_example(response))
    except ValueError:  # a value that is not valid at this rate: the panel itself will say so
        return None
    return {
        "frequency": [round(value, 2) for value in frequencies.tolist()],
        "db": [round(value, 2) for value in level.tolist()],
    }
