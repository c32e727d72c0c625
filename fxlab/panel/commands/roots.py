"""Poles and zeros added and taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab.errors import FxlabError, ParameterError
from fxlab.module import ArrayParam, Module
from fxlab.panel.commands.command import command
from fxlab.panel.controls.control_binding import root_groups

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

FRESH = complex(0.5, 0.5)
"""Where the first of a kind begins."""


@command("add_root")
def add(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """A pair more in the array at `path`; beside those that stand where it begins."""
    owner, declaration = array(panel.module, str(content["path"]))
    held = declaration.stored(owner).detach()
    place = FRESH
    while len(held) and float((held - place).abs().min()) < 0.05:
        place *= complex(0.98, 0.2)
    pair = torch.tensor([place, place.conjugate()], dtype=held.dtype, device=held.device)
    change(panel, owner, declaration, torch.cat([held, pair]))


@command("remove_root")
def remove(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """The root at `path`, such as `"p.2"`, and its conjugate."""
    path, _, index = str(content["path"]).rpartition(".")
    owner, declaration = array(panel.module, path)
    group = next((group for group in root_groups(owner, declaration) if str(group[0]) == index), None)
    if group is None:
        raise ParameterError(f"Panel: there is no root {content['path']!r} to take out.")
    held = declaration.stored(owner).detach()
    kept = [place for place in range(len(held)) if place not in group]
    change(panel, owner, declaration, held[kept])


def array(module: Module, path: str) -> tuple[Module, ArrayParam]:
    """The array of roots at `path`, and whose it is."""
    for where, owner, declaration in module.walk():
        if where == path and isinstance(declaration, ArrayParam) and declaration.role in ("pole", "zero"):
            return owner, declaration
    raise ParameterError(f"Panel: {path!r} holds no poles or zeros.")


def change(panel: Panel, owner: Module, declaration: ArrayParam, roots: Tensor) -> None:
    """Hold these roots, unless the filter refuses them."""
    before = declaration.stored(owner)
    declaration.store(owner, roots)
    try:
        owner.check(panel.signal.sample_rate)
    except FxlabError:
        declaration.store(owner, before)
        raise
