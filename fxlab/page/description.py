"""The description of a panel for a live page: everything but the program of its module."""

from __future__ import annotations

from contextlib import suppress
from typing import TypedDict

import torch

from fxlab.analysis import long_term_spectrum
from fxlab.errors import FxlabError
from fxlab.module import ArrayParam, Chain, Module, Param, has_response
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.moving_value import MovingValue, parameter_of
from fxlab.page.compiler import CompiledModule
from fxlab.page.compiler.bypass import without_bypass
from fxlab.page.page_spec import page_spec
from fxlab.page.sound import PageSound
from fxlab.panel.controls.control_binding import has_sliders
from fxlab.panel.plots.frequency_grid import frequency_grid
from fxlab.panel.plots.stage_responses import center_frequencies, color_index
from fxlab.panel.protocol import RootControls, Spec, StageInfo
from fxlab.panel.views.plane import root_controls
from fxlab.panel.views.reduction import find_effect
from fxlab.signal import Signal


class StageRoots(TypedDict):
    """The name of a stage, and the parameters that move its poles and zeros."""

    stage: str
    controls: RootControls


class Limits(TypedDict):
    """The values that a parameter accepts; None stands for no limit."""

    name: str
    """The class of the module or control, and the name of the parameter, such as `"LowPass: cutoff"`."""
    unit: str
    above: float | None
    at_least: float | None
    below: float | None
    at_most: float | None
    allowed: str
    """The values that the parameter accepts, as text for messages."""


class Description(TypedDict):
    """The description of one panel; `browser/src/page/description.d.ts` has the same keys."""

    id: str
    """The id of the page, by which the panel finds its program."""
    spec: Spec
    stage_info: dict[str, StageInfo]
    """The result of the function `stage_info`."""
    center_frequencies: dict[str, float]
    """The center frequency in Hz of each element of an array such as the gains of bands, by path."""
    roots: dict[str, StageRoots]
    """The result of `stage_roots`."""
    limits: dict[str, Limits]
    """The result of the function `limits`."""
    levels_first: bool
    """Whether the transfer view shows levels first, as for a dynamics effect."""
    left_out: dict[str, list[int]]
    """The indices of the initially `"bypassed"` and `"soloed"` stages; empty lists if the page cannot bypass stages."""
    sound: PageSound
    input_spectrum: list[float]
    """The long-term spectrum of the sound in dB, at the frequencies of the page's curves."""
    notes: list[str]
    """The sentences about the page below the panel."""


def describe(
    module: Module, signal: Signal, compiled: CompiledModule, sound: PageSound, *, views: tuple[str, ...]
) -> Description:
    """Return the description of a panel of `module` with `signal`, with an empty `id`.

    Args:
        module: The module of the panel.
        signal: The signal that plays.
        compiled: The program of the module.
        sound: The signal as it is stored in the page.
        views: The names of the views that are open initially.
    """
    rate = signal.sample_rate
    left_out: dict[str, list[int]] = {"bypassed": [], "soloed": []}
    if isinstance(module, Chain) and any(path.endswith(".bypassed") for path in compiled.parameters):
        left_out = {"bypassed": sorted(module.bypassed), "soloed": sorted(module.soloed)}
        module = without_bypass(module)
    spec, notes = page_spec(module, signal, compiled, views)
    return {
        "id": "",
        "spec": spec,
        "stage_info": stage_info(module, rate),
        "center_frequencies": center_frequencies(module, rate),
        "roots": stage_roots(module, rate),
        "limits": limits(module, rate, compiled),
        "levels_first": find_effect(module) is not None,
        "left_out": left_out,
        "sound": sound,
        "input_spectrum": input_spectrum(signal),
        "notes": notes,
    }


def input_spectrum(signal: Signal) -> list[float]:
    """Return the long-term spectrum of a signal in dB, at the frequencies of the page's curves."""
    rate = signal.sample_rate
    level = long_term_spectrum(signal.samples.detach(), frequency_grid(rate), rate)
    return [round(db, 2) for db in level.tolist()]


def stage_info(module: Module, rate: float) -> dict[str, StageInfo]:
    """Return the color and label of the response curve of each active stage of a chain, by the path of the stage.

    Stages without a frequency response are left out. The result is empty unless `module` is a chain of several stages.
    """
    if not isinstance(module, Chain) or len(module) < 2:
        return {}
    labels = dict(zip((number for number, _ in module._active_stages()), module._part_labels(rate), strict=False))
    info: dict[str, StageInfo] = {}
    for number, stage in module._active_stages():
        path = str(number)
        color = color_index(module, path)
        if has_response(stage) and color is not None:
            info[path] = {"color": color, "label": labels.get(number, type(stage).__name__)}
    return info


def stage_roots(module: Module, rate: float) -> dict[str, StageRoots]:
    """Return the name of each active stage of a chain, and the parameters of its poles and zeros, by the stage's path.

    A module that is not a chain is a single stage with the path `""`. Stages without a frequency response are left out.
    `controls` is empty if the parameters cannot be found.
    """
    stages = module._active_stages() if isinstance(module, Chain) else [(None, module)]
    found: dict[str, StageRoots] = {}
    for number, stage in stages:
        if not has_response(stage):
            continue
        path = "" if number is None else str(number)
        name = type(stage).__name__ if number is None else f"{number + 1} {type(stage).__name__}"
        controls: RootControls = {}
        with suppress(FxlabError), torch.no_grad():
            controls = root_controls(path, stage, rate)
        found[path] = {"stage": name, "controls": controls}
    return found


def limits(module: Module, rate: float, compiled: CompiledModule) -> dict[str, Limits]:
    """Return the values that each continuous parameter accepts, by the path of its slider.

    An array with sliders has one entry for each element; other arrays have none, and neither has a parameter that a
    control moves. A parameter without an effect, such as the upper edge of a low-pass, has an entry only if the page
    can change the choice on which its effect depends.
    """
    found: dict[str, Limits] = {}
    for path, owner, declaration in module.walk():
        if not isinstance(declaration, Continuous) or declaration.name in owner.controls():
            continue
        rule = declaration
        if isinstance(owner, MovingValue) and declaration.name in owner.value_parameters:
            rule = parameter_of(owner) or declaration  # the value must be valid for the parameter that it moves
        if not declaration.applies(owner):
            choice = path.removesuffix(declaration.name) + str(declaration.only[0] if declaration.only else "")
            if choice not in compiled.parameters:
                continue
        below = rate / 2 if rule.below == "nyquist" else rule.below
        entry: Limits = {
            "name": f"{type(owner).__name__}: {declaration.name}",
            "unit": rule.unit,
            "above": rule.above,
            "at_least": rule.at_least,
            "below": below,
            "at_most": rule.at_most,
            "allowed": rule.allowed(rate),
        }
        if isinstance(declaration, Param):
            found[path] = entry
        elif isinstance(declaration, ArrayParam) and isinstance(owner, Module) and has_sliders(owner, declaration):
            found |= {f"{path}.{n}": entry for n in range(declaration.stored(owner).shape[-1])}
    return found
