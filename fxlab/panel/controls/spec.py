"""The specification of a panel: the JSON from which a page draws it, built from the declarations of the module."""

from __future__ import annotations

from itertools import starmap
from typing import Any, Literal, cast

import torch
from torch import Tensor

from fxlab.augment import Augmentation
from fxlab.augment.audition import Audition
from fxlab.augment.random_module import drawn_parameters, inapplicable_parameters
from fxlab.engine.torch_support.shapes import first_example
from fxlab.module import ArrayParam, Chain, Choice, Count, Module, Param, ParameterDeclaration, Switch, has_response
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.panel import protocol
from fxlab.panel.controls.control_binding import CoordinateBinding, coordinates, has_sliders
from fxlab.panel.controls.movement_spec import can_move, movement
from fxlab.panel.devices import available_devices
from fxlab.panel.plots.frequency_grid import decibels, frequency_grid
from fxlab.panel.plots.stage_responses import color_index
from fxlab.panel.plots.taps import finite_part
from fxlab.panel.rendering.sounding_part import active_stages, sounding_part
from fxlab.panel.views import MAGNITUDE, view_tabs
from fxlab.signal import Signal

VERSION = 1
PREVIEW_POINTS = 64
MAX_TITLE_STAGES = 6


def describe(
    module: Module,
    signal: Signal,
    device: str,
    views: tuple[str, ...] = (MAGNITUDE,),
    *,
    projector: bool = False,
    with_preview: bool = True,
) -> protocol.Spec:
    """Return the trait `spec` for a panel.

    Args:
        module: The module of the panel.
        signal: The input.
        device: The name of the device on which the module runs.
        views: The names of the views that are open initially.
        projector: Whether the type is large and the contrast high initially.
        with_preview: Whether the preview of the response is computed; otherwise it is None.
    """
    rate = signal.sample_rate
    return {
        "version": VERSION,
        "title": title(module),
        "rate": rate,
        "channels": signal.channels,
        "frames": signal.frames,
        "lti": module.has_response,
        "frequency_range": [float(edge) for edge in frequency_grid(rate)[[0, -1]]],
        "has_output": module.has_output,
        "takes_input": module.takes_input and len(active_stages(sounding_part(module))) > 0,
        "standalone": module.is_standalone,
        "has_taps": finite_part(module) is not None,
        "views": view_tabs(module),
        "open_views": list(views),
        "projector": projector,
        "devices": available_devices(),
        "device": device,
        "stages": stages(module, rate),
        "preview": preview_curve(module, rate) if with_preview else None,
    }


def structure(spec: protocol.Spec) -> protocol.Spec:
    """Return a copy of `spec` without the preview, the revision, and the values of the parameters that can be changed.

    All of these, and the defaults of these parameters, are None in the copy. A page must be rebuilt if the copy differs
    from that of the specification from which the page was built.
    """
    stages: list[protocol.Stage] = [
        {**stage, "params": [_without_values(param) for param in stage["params"]]} for stage in spec["stages"]
    ]
    return {**spec, "stages": stages, "preview": None, "revision": None}


def _without_values(param: protocol.Param) -> protocol.Param:
    moves = param["movement"]
    if moves is not None:
        params, more = ([_without_values(inner) for inner in moves[key]] for key in ("params", "more"))
        return {**param, "value": None, "default": None, "movement": {**moves, "params": params, "more": more}}
    return param if param["kind"] == "fixed" else {**param, "value": None, "default": None}


def title(module: Module) -> str:
    """Return the title of the panel: the class name of the module, or for a chain those of its stages.

    The title for an augmentation is its name, such as `random(LowPass)`. The title for a chain without stages or with
    more than `MAX_TITLE_STAGES` is `Chain of 9`, for example.
    """
    if isinstance(module, Chain):
        names = [_name_of(stage) for stage in module]
        return " | ".join(names) if 0 < len(names) <= MAX_TITLE_STAGES else f"Chain of {len(names)}"
    return _name_of(module.module if isinstance(module, Audition) else module)


def _name_of(module: Module) -> str:
    """Return the class name of a module, or the name of an augmentation, such as `random(LowPass)`."""
    return module._name() if isinstance(module, Augmentation) else type(module).__name__


# -- stages and their parameters --------------------------------------------------------------------------------------


def stages(module: Module, rate: float) -> list[protocol.Stage]:
    """Return the stages of the panel: the parameters that are shown, grouped by the part to which they belong.

    Every stage of a chain is included, even if it has no parameters. `rate` is the sample rate in Hz.
    """
    groups: dict[str, protocol.Stage] = {}

    def group(path: str, part: Module, index: int | None) -> protocol.Stage:
        fresh: protocol.Stage = {
            "path": path,
            "name": _name_of(part),
            "number": None,
            "index": index,
            "id": None if index is None else id(part),
            "color": color_index(module, path),
            "params": [],
        }
        return groups.setdefault(path, fresh)

    if isinstance(module, Chain):
        for index, stage in enumerate(module):
            group(str(index), stage, index)
    unused = drawn_parameters(module) | inapplicable_parameters(module)
    for path, owner, declaration in module.walk():
        if isinstance(owner, MovingValue) or path in unused:
            continue  # it is part of the parameter that it moves, or has no effect
        params = group(path.rpartition(".")[0], owner, None)["params"]
        if isinstance(declaration, ArrayParam) and has_sliders(owner, declaration):
            params.extend(array_params(path, owner, declaration, rate))
        else:
            param = single_param(path, owner, declaration, rate)
            if param["shown_when"] is not None and param["shown_when"]["path"] in unused:
                param["shown_when"] = None  # the choice is not shown, and some of its drawn values use the parameter
            params.append(param)
            params.extend(starmap(coordinate_param, coordinates(path, owner, declaration)))
    found = sorted(groups.values(), key=lambda group: _sort_key(group["path"]))
    if len(found) > 1 or isinstance(module, Chain):
        for position, entry in enumerate(found):
            # In a chain, the parts of a stage share its number; without a chain, each part has its own number.
            own = int(entry["path"].partition(".")[0]) if isinstance(module, Chain) else position
            entry["number"] = own + 1
    return found


def _sort_key(path: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts the stages of a chain in their order, each before its parts."""
    return tuple((int(name), "") if name.isdigit() else (0, name) for name in path.split(".") if name)


def single_param(path: str, owner: ParameterOwner, declaration: ParameterDeclaration, rate: float) -> protocol.Param:
    """Return the specification of the parameter at `path`, which has one control or none.

    `rate` is the sample rate in Hz, on which the range of the slider may depend.
    """
    value = getattr(owner, declaration.name)
    if isinstance(value, MovingValue) and isinstance(declaration, Param):
        value = declaration.stored(owner).flatten()[0]
    param: protocol.Param = {
        "path": path,
        "name": declaration.name,
        "label": declaration.label,
        "kind": cast(Literal["number", "count", "draw", "choice", "switch", "fixed"], declaration.kind),
        "value": _to_json(value),
        "default": declaration.default,
        "unit": declaration.unit,
        "role": declaration.role,
        "index": None,
        "has_center_frequency": False,
        "doc": declaration.doc,
        "step": None,
        "shown_when": None,
        "movable": can_move(owner, declaration),
        "movement": movement(path, owner, declaration, rate, single_param),
    }
    if declaration.zero_is_automatic:
        param["zero_is_automatic"] = True
    if declaration.only is not None:
        choice, names = declaration.only
        param["shown_when"] = {"path": f"{path.removesuffix(declaration.name)}{choice}", "values": list(names)}
    if isinstance(declaration, ArrayParam):
        param.update({"kind": "fixed", "value": declaration.summary(value), "default": None})
    elif isinstance(declaration, Param):
        param["low"], param["high"] = declaration.span(rate)
        param["scale"] = declaration.scale
        if isinstance(value, Tensor) and value.numel() > 1:
            param.update({"kind": "fixed", "value": f"{value.numel()} values, one for each example"})
    elif isinstance(declaration, Count):
        low, high, step = declaration.low, declaration.high, declaration.multiple
        scale = cast(Literal["log", "linear"], declaration.scale)
        param.update({"low": low, "high": high, "scale": scale, "step": step})
    elif isinstance(declaration, Choice):
        param["choices"] = list(declaration.choices)
    elif not isinstance(declaration, Switch):
        param["kind"] = "fixed"
        if isinstance(value, tuple):
            param["value"] = ", ".join(map(str, value))
    return param


def array_params(path: str, owner: Module, declaration: ArrayParam, rate: float) -> list[protocol.Param]:
    """Return the specifications of the elements of the array at `path`, which has a slider for each of them.

    `rate` is the sample rate in Hz, on which the range and the labels of the sliders may depend.
    """
    low, high = declaration.span(rate)
    values = declaration.stored(owner).tolist()
    default = declaration.default if len(declaration.default) in (1, len(values)) else values
    return [
        {
            "path": f"{path}.{index}",
            "name": declaration.name,
            "label": label,
            "kind": "count" if declaration.whole else "number",
            "value": value,
            "default": default[index % len(default)],
            "low": low,
            "high": high,
            "scale": declaration.scale,
            "unit": declaration.unit,
            "role": declaration.role,
            "index": index,
            "has_center_frequency": declaration.has_places,
            "doc": declaration.doc,
            "step": declaration.multiple if declaration.multiple > 1 else None,
            "shown_when": None,
            "movable": False,
            "movement": None,
        }
        for index, (label, value) in enumerate(zip(declaration.labels(owner, rate), values, strict=True))
    ]


def coordinate_param(path: str, binding: CoordinateBinding) -> protocol.Param:
    """Return the specification of a root's coordinate.

    It has no control of its own, because roots are moved in the view of poles and zeros.
    """
    return {
        "path": path,
        "name": binding.name,
        "label": binding.name,
        "kind": "coordinate",
        "value": binding.value,
        "default": binding.value,
        "low": -1.0,
        "high": 1.0,
        "scale": "linear",
        "unit": "",
        "role": None,
        "index": None,
        "has_center_frequency": False,
        "doc": "",
        "step": None,
        "shown_when": None,
        "movable": False,
        "movement": None,
    }


def _to_json(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.item() if value.numel() == 1 else None
    return value


# -- the preview ------------------------------------------------------------------------------------------------------


def preview_curve(module: Module, rate: float) -> list[float] | None:
    """Return the magnitude response of the first example in dB at `PREVIEW_POINTS` frequencies of `frequency_grid`.

    It is None if the module has no response, or if a value is invalid at this sample rate; the panel shows the error.
    A page draws the curve while no kernel answers. It has few points and two decimals, because it is saved in the
    notebook file, where each number takes one line.
    """
    if not has_response(module):
        return None
    try:
        with torch.no_grad():
            level = decibels(first_example(module.response(frequency_grid(rate, PREVIEW_POINTS), sample_rate=rate)))
    except ValueError:  # a value is not valid at this sample rate; the panel shows the error
        return None
    return [round(db, 2) for db in level.tolist()]
