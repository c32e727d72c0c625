"""The plane view: poles and zeros in the complex plane, with the parameters that move them."""

from __future__ import annotations

from typing import Literal, cast

import torch
from torch import Tensor

from fxlab.engine import conjugate_pairs
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import EngineError
from fxlab.filters.common.band_width import BandWidth
from fxlab.module import ArrayParam, Chain, LinearAnalysis, Module, Param, has_response
from fxlab.panel.controls.control_binding import coordinates
from fxlab.panel.protocol import Root, RootArray, RootControls, RootKind
from fxlab.panel.views.view import Drawing, Scene, View

MAX_ROOTS = 512
"""The maximum number of roots that are drawn; more would fill the plane."""


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the poles and zeros (the roots) of each stage, and whether the module is stable.

    The roots are those of the first example of a batch, with one entry for a conjugate pair; the module is stable only
    if every example is. If there are more than `MAX_ROOTS` roots, the drawing has only the field `error`.

    A root has the paths of the parameters that move it, if there are any; see `stored_roots` and `computed_roots`.

    Raises:
        EngineError: More than `MAX_ROOTS` poles or zeros are computed for one stage; see `computed_roots`.
    """
    module = scene.module
    assert has_response(module)
    stages = module._active_stages() if isinstance(module, Chain) else [(None, module)]
    found: list[Root] = []
    arrays: list[RootArray] = []
    for number, stage in stages:
        assert has_response(stage)
        path = "" if number is None else str(number)
        for key, declaration in stage.declarations.items():
            if isinstance(declaration, ArrayParam) and declaration.role in ("pole", "zero"):
                arrays.append({"path": f"{path}.{key}" if path else key, "kind": cast(RootKind, declaration.role)})
        name = type(stage).__name__ if number is None else f"{number + 1} {type(stage).__name__}"
        found += stored_roots(path, stage, name) or computed_roots(path, stage, name, scene.rate)
    count = sum(1 + root["pair"] for root in found)
    if count > MAX_ROOTS:
        return {"error": f"There are {count} poles and zeros; up to {MAX_ROOTS} are drawn."}, {}
    return {"roots": found, "rate": scene.rate, "stable": module.is_stable(scene.rate), "arrays": arrays}, {}


def stored_roots(path: str, stage: Module, stage_name: str) -> list[Root]:
    """Return the roots that are stored in the arrays of a stage, each with the path of its coordinates.

    Args:
        path: The path of the stage; empty if the stage is the whole module.
        stage: The stage.
        stage_name: The name of the stage that the page shows.
    """
    found: dict[str, Root] = {}
    for name, declaration in stage.declarations.items():
        for coordinate_path, binding in coordinates(f"{path}.{name}" if path else name, stage, declaration):
            root_path, _, part = coordinate_path.rpartition(".")
            kind, pair = cast(RootKind, declaration.role), binding.partner is not None
            fresh: Root = {"kind": kind, "stage": stage_name, "re": 0.0, "im": 0.0, "pair": pair, "path": root_path}
            root = found.setdefault(root_path, fresh)
            if part == "re":
                root["re"] = binding.value
            else:  # The module may store either root of a conjugate pair first; the page shows the upper one.
                root["im"] = abs(binding.value)
    return list(found.values())


def computed_roots(path: str, stage: LinearAnalysis, stage_name: str, rate: float) -> list[Root]:
    """Return the poles and zeros of a stage that are computed from its parameters.

    The entry of a pair of complex conjugates has the paths of the parameters that move the pair, if there are any; see
    `root_controls`. The arguments are those of `stored_roots`, and the sample rate in Hz.

    Raises:
        EngineError: There are more than `MAX_ROOTS` poles or zeros.
    """
    controls = root_controls(path, stage, rate)
    found: list[Root] = []
    kinds: tuple[tuple[RootKind, Tensor], ...] = (("pole", stage.poles(rate)), ("zero", stage.zeros(rate)))
    for kind, roots in kinds:
        for place, pair in merge_pairs(roots):
            root: Root = {"kind": kind, "stage": stage_name, "re": place.real, "im": place.imag, "pair": pair}
            # A pair on the real axis has no angle that the frequency could change.
            found.append({**root, **controls} if pair and place.imag != 0 else root)
    return found


def root_controls(path: str, stage: LinearAnalysis, rate: float) -> RootControls:
    """Return the paths of the parameters that move the roots of a stage.

    The result is empty unless the stage is a single section with one frequency and one Q. `rate` is the sample rate in
    Hz.
    """
    controls: RootControls = {}
    roles: tuple[Literal["frequency", "q"], ...] = ("frequency", "q")
    for role in roles:
        names = [name for name, d in stage.in_use().items() if isinstance(d, Param) and d.role == role]
        if len(names) == 1 and stage.values()[names[0]].numel() == 1:
            controls[role] = f"{path}.{names[0]}" if path else names[0]
    for name, declaration in stage.in_use().items():
        if isinstance(declaration, BandWidth):
            controls["width"] = getattr(stage, name)
    if not {"frequency", "q"} <= controls.keys() or len(stage.sos(rate)) > 1:
        controls = {}
    return controls


def merge_pairs(roots: Tensor) -> list[tuple[complex, bool]]:
    """Return each conjugate pair as its root with positive imaginary part and True, and each other root with False.

    Only the finite roots of the first example are returned. The roots of a filter with complex coefficients are not
    paired.

    Raises:
        EngineError: There are more than `MAX_ROOTS` roots.
    """
    row = first_example(roots)
    row = row[torch.isfinite(row)].to("cpu", torch.complex128)
    if len(row) > MAX_ROOTS:
        raise EngineError(f"The filter has {len(row)} roots; up to {MAX_ROOTS} are drawn.")
    values = row.numpy()
    try:
        pairs, real = conjugate_pairs(values)
    except EngineError:  # a filter with complex coefficients has roots without conjugates
        return [(complex(value), False) for value in values]
    return [(complex(values[max(pair, key=lambda i: values[i].imag)]), True) for pair in pairs] + [
        (complex(values[index].real), False) for index in real
    ]


PLANE = View("plane", "Poles and zeros", "plane", has_response, draw)
