"""`page_spec`: the panel's specification for a live page, with the values that are fixed in the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fxlab.augment.audition import Audition
from fxlab.module import Module
from fxlab.page.compiler import CompiledModule
from fxlab.page.compiler.bypass import gate_path
from fxlab.panel.controls import spec as specification
from fxlab.panel.protocol import Param as ParamSpec
from fxlab.panel.protocol import Spec
from fxlab.panel.views import MAGNITUDE
from fxlab.signal import Signal

SOUND_VIEWS = (MAGNITUDE, "spectrogram", "waveform", "levels")
"""The views that a page computes for any module, from its input and its output."""
RESPONSE_VIEWS = ("phase", "delay", "plane", "impulse", "step")
"""The views that a page computes from the exact response of a causal linear module."""

DRAWN_RANGES = "A page has the draws of these ranges: the ranges and the other settings are fixed."
"""The note of a page with an augmentation whose draws are all in the page."""

ONE_DRAW = (
    "This page has only draw {draw}, since the programs of all draws would be too large together. The ranges and the "
    "other settings are fixed."
)
"""The note of a page with only one draw of an augmentation."""

MEASURED_VIEWS = ("transfer",)
"""The views that a page measures with a test tone, for a module without a linear response."""


def page_spec(
    module: Module, signal: Signal, compiled: CompiledModule, views: tuple[str, ...]
) -> tuple[Spec, list[str]]:
    """Return the panel's specification for a page, and notes about missing views and about moving and fixed values."""
    spec = specification.describe(module, signal, "cpu", views)
    # Renders of some positions have no coefficients from which a response could follow.
    spec["lti"] = spec["lti"] and not compiled.is_rendered
    computed: tuple[str, ...] = SOUND_VIEWS
    if compiled.live:
        computed = (*SOUND_VIEWS, *(RESPONSE_VIEWS if spec["lti"] else MEASURED_VIEWS))
    computed = (*computed, *compiled.drawings)
    left_out = [tab["label"] for tab in spec["views"] if tab["name"] not in computed]
    tabs = [tab for tab in spec["views"] if tab["name"] in computed]
    names = [tab["name"] for tab in tabs]
    kept = [name for name in spec["open_views"] if name in names]
    fixed: list[str] = []
    moving: dict[str, str] = {}
    for stage in spec["stages"]:
        if stage["index"] is None or gate_path(stage["index"]) not in compiled.parameters:
            stage["index"] = stage["id"] = None
        # A pole or zero that the program does not follow has no control that could be shown.
        shown = [p for p in stage["params"] if p["kind"] != "coordinate" or p["path"] in compiled.parameters]
        own: list[str] = []
        stage["params"] = [_page_param(param, compiled, own, moving) for param in _in_use(shown, compiled)]
        if own:
            heading = "" if stage["number"] is None else f"{stage['number']} {stage['name']}: "
            fixed.append(heading + ", ".join(dict.fromkeys(own)))
    notes = []
    if left_out:
        notes.append(f"Views that need a kernel are left out: {', '.join(left_out)}.")
    if moving:
        notes.append(_moving_note(spec, compiled, moving))
    if isinstance(module, Audition):
        notes.append(DRAWN_RANGES if "draw" in compiled.parameters else ONE_DRAW.format(draw=module.draw))
    elif fixed:
        notes.append(f"These values are fixed in this page: {'; '.join(fixed)}.")
    changed: dict[str, Any] = {
        "views": tabs,
        "open_views": kept or names[:1],
        "devices": ["cpu"],
        "standalone": True,
        "has_taps": False,
    }
    return {**spec, **changed}, notes  # type: ignore[typeddict-item]


def _moving_note(spec: Spec, compiled: CompiledModule, moving: dict[str, str]) -> str:
    """Return the note about the parameters that move; `moving` contains a text about each of them, by path.

    Values or curves that the program does not compute are shown as they are at the start of the sound.
    """
    note = f"These values move while the sound plays: {', '.join(moving.values())}."
    if not set(moving) <= set(compiled.followed):
        return f"{note} The page shows them as they are at the start of the sound."
    return f"{note} The curves show its start." if spec["lti"] and not compiled.has_moving_response else note


def _in_use(params: list[ParamSpec], compiled: CompiledModule, *, others: Sequence[ParamSpec] = ()) -> list[ParamSpec]:
    """Return the parameters of `params` that have an effect, or can have one after a choice is changed in the page.

    In a panel, the control of a choice shows and hides the parameters that depend on the choice. A choice that is fixed
    in the page has no control: the parameters that it makes ineffective are left out, and the others are always shown.
    The values of fixed choices are looked up in `params` and `others`.
    """
    values = {param["path"]: str(param["value"]) for param in (*params, *others)}
    kept: list[ParamSpec] = []
    for param in params:
        condition = param["shown_when"]
        if condition is None or condition["path"] in compiled.parameters:
            kept.append(param)
        elif values.get(condition["path"]) in condition["values"]:
            kept.append({**param, "shown_when": None})
    return kept


def _page_param(param: ParamSpec, compiled: CompiledModule, fixed: list[str], moving: dict[str, str]) -> ParamSpec:
    """Return a parameter as the page shows it, without a control if the program does not follow the parameter.

    The label of a fixed parameter is added to `fixed`, and a text about a moving one to `moving`, by path. The
    parameters of the control that moves a parameter are converted in the same way.
    """
    if param["kind"] == "fixed":
        return param
    moves = param["movement"]
    if moves is not None and not compiled.is_rendered:
        moving[param["path"]] = f"{param['label']} ({moves['kind']})"
        params = _in_use(moves["params"], compiled, others=moves["more"])
        more = _in_use(moves["more"], compiled, others=moves["params"])
        own_fixed: list[str] = []
        params, more = ([_page_param(own, compiled, own_fixed, {}) for own in part] for part in (params, more))
        fixed += [f"{name} of {param['label']}" for name in own_fixed]
        return {**param, "movable": False, "movement": {**moves, "params": params, "more": more}}
    if moves is not None:
        fixed.append(param["label"])
        return {**param, "kind": "fixed", "value": f"moves ({moves['kind']})", "movable": False, "movement": None}
    if param["path"] in compiled.parameters:
        return {**param, "movable": False}
    fixed.append(param["label"])
    return {**param, "kind": "fixed", "value": _text(param), "movable": False}


def _text(param: ParamSpec) -> str:
    value = param["value"]
    if param["kind"] == "points":
        return f"{len(value)} points"
    if isinstance(value, bool):
        return "on" if value else "off"
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{number} {param['unit']}".strip()
