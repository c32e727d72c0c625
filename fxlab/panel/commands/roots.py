"""The commands that add and remove poles and zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from fxlab.errors import FxlabError, ParameterError
from fxlab.module import ArrayParam, Module
from fxlab.panel.commands.registry import command
from fxlab.panel.controls.control_binding import root_groups
from fxlab.panel.protocol import RootRef

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel

NEW_ROOT = complex(0.5, 0.5)
"""The position of a new root, unless another root is too close to it."""
MIN_DISTANCE = 0.05
"""The minimum distance in the z plane between a new root and the others."""


@command("add_root")
def add_root(panel: Panel, fields: RootRef) -> None:
    """Add a conjugate pair to the array of roots at `path`, at least `MIN_DISTANCE` away from the existing roots.

    Raises:
        ParameterError: No array of poles or zeros is at `path`.
        FxlabError: The filter rejects the new roots, which are not added then.
    """
    owner, declaration = find_root_array(panel.module, str(fields["path"]))
    roots = declaration.stored(owner).detach()
    root = NEW_ROOT
    while len(roots) and float((roots - root).abs().min()) < MIN_DISTANCE:
        root *= complex(0.98, 0.2)
    pair = torch.tensor([root, root.conjugate()], dtype=roots.dtype, device=roots.device)
    store_roots(panel, owner, declaration, torch.cat([roots, pair]))


@command("remove_root")
def remove_root(panel: Panel, fields: RootRef) -> None:
    """Remove the root at `path`, such as `"p.2"`, and its conjugate, if it has one.

    The path of a pair ends with the lower of the two indices.

    Raises:
        ParameterError: There is no root at `path`.
        FxlabError: The filter rejects the remaining roots; the root is not removed then.
    """
    path, _, index = str(fields["path"]).rpartition(".")
    owner, declaration = find_root_array(panel.module, path)
    group = next((group for group in root_groups(owner, declaration) if str(group[0]) == index), None)
    if group is None:
        raise ParameterError(f"Panel: there is no root {fields['path']!r} to remove.")
    roots = declaration.stored(owner).detach()
    store_roots(panel, owner, declaration, roots[[place for place in range(len(roots)) if place not in group]])


def find_root_array(module: Module, path: str) -> tuple[Module, ArrayParam]:
    """Return the module with the array of roots at `path`, and the declaration of the array.

    Raises:
        ParameterError: No array of poles or zeros is at `path`.
    """
    for where, owner, declaration in module.walk():
        if where == path and isinstance(declaration, ArrayParam) and declaration.role in ("pole", "zero"):
            return owner, declaration
    raise ParameterError(f"Panel: {path!r} is not an array of poles or zeros.")


def store_roots(panel: Panel, owner: Module, declaration: ArrayParam, roots: Tensor) -> None:
    """Store `roots` in the array `declaration` of the filter `owner`.

    Raises:
        FxlabError: The filter rejects the roots at the sample rate of the panel; the previous roots are restored.
    """
    before = declaration.stored(owner)
    declaration.store(owner, roots)
    try:
        owner.check(panel.signal.sample_rate)
    except FxlabError:
        declaration.store(owner, before)
        raise
