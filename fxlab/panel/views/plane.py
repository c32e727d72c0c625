"""The plane view: poles and zeros about the unit circle, with what moves each."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine import conjugates
from fxlab.errors import EngineError
from fxlab.module import ArrayParam, Chain, LinearAnalysis, Module, Param, has_response
from fxlab.panel.controls.control_binding import coordinates
from fxlab.panel.views.view import Drawing, Scene, View

MOST = 512
"""Roots that are drawn; of more the plane would be black."""


def draw(scene: Scene) -> Drawing:
    """The roots of each stage, conjugates as one, and whether the filter is stable; the first example of a batch.

    What moves a root is the array that holds it, or a frequency and a q of the stage that it belongs to.
    """
    module = scene.module
    assert has_response(module)
    stages = module._heard() if isinstance(module, Chain) else [(None, module)]
    found: list[dict[str, Any]] = []
    arrays = []
    for number, stage in stages:
        assert has_response(stage)
        path = "" if number is None else str(number)
        roots = held(path, stage) or answered(path, stage, scene.rate)
        for key, declaration in stage.declarations.items():
            if isinstance(declaration, ArrayParam) and declaration.role in ("pole", "zero"):
                arrays.append({"path": f"{path}.{key}" if path else key, "kind": declaration.role})
        name = type(stage).__name__ if number is None else f"{number + 1} {type(stage).__name__}"
        found += [{"stage": name, **root} for root in roots]
    count = sum(1 + root["pair"] for root in found)
    if count > MOST:
        return {"error": f"{count} poles and zeros; up to {MOST} are drawn."}, {}
    return {"roots": found, "rate": scene.rate, "stable": module.is_stable(scene.rate), "arrays": arrays}, {}


def held(path: str, stage: Module) -> list[dict[str, Any]]:
    """The roots that an array of the stage itself holds, by the path of their coordinates."""
    found: dict[str, dict[str, Any]] = {}
    for name, declaration in stage.declarations.items():
        for where, slot in coordinates(f"{path}.{name}" if path else name, stage, declaration):
            place, _, part = where.rpartition(".")
            fresh = {"kind": declaration.role, "im": 0.0, "pair": slot.partner is not None, "path": place}
            found.setdefault(place, fresh)[part] = slot.value
    return list(found.values())


def answered(path: str, stage: LinearAnalysis, rate: float) -> list[dict[str, Any]]:
    """The roots that the stage answers with; a pair is moved by its frequency and its q, where it has one of each."""
    drive = {}
    for role in ("frequency", "q"):
        names = [name for name, d in stage.in_use().items() if isinstance(d, Param) and d.role == role]
        if len(names) == 1 and stage.values()[names[0]].numel() == 1:
            drive[role] = f"{path}.{names[0]}" if path else names[0]
    if len(drive) < 2 or len(stage.sos(rate)) > 1:
        drive = {}
    found = []
    for kind, roots in (("pole", stage.poles(rate)), ("zero", stage.zeros(rate))):
        for root, pair in collapsed(roots):
            # A pair on the axis has no angle to turn.
            moves = drive if pair and root.imag != 0 else {}
            found.append({"kind": kind, "re": root.real, "im": root.imag, "pair": pair, **moves})
    return found


def collapsed(roots: Tensor) -> list[tuple[complex, bool]]:
    """The roots above the axis that stand for two, and those that stand alone."""
    row = roots.reshape(-1, roots.shape[-1])[0] if roots.numel() else roots.reshape(-1)
    row = row[torch.isfinite(row)].to("cpu", torch.complex128)
    if len(row) > MOST:
        raise EngineError(f"{len(row)} roots; up to {MOST} are drawn.")
    values = row.numpy()
    try:
        pairs, real = conjugates(values)
    except EngineError:  # of numbers that are complex themselves
        return [(complex(value), False) for value in values]
    return [(complex(values[max(pair, key=lambda i: values[i].imag)]), True) for pair in pairs] + [
        (complex(values[place].real), False) for place in real
    ]


PLANE = View("plane", "Poles and zeros", "plane", has_response, draw)
