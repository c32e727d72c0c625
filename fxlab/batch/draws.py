"""Random draws that depend on the seed and the file, but not on the worker, the shard or the order of the files."""

from __future__ import annotations

import copy
import hashlib
import os

from fxlab.augment import Augmentation
from fxlab.module import Module


def with_own_draws(module: Module) -> Module:
    """Return `module`, or a copy if it contains augmentations.

    The numbers of calls of the caller's augmentations are therefore not changed by `begin_file`.
    """
    return copy.deepcopy(module) if _augmentations(module) else module


def begin_file(module: Module, name: str) -> None:
    """Make the next draws of all augmentations in `module` depend on their seeds and on an output path, `name`."""
    for augmentation in _augmentations(module):
        call = int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:7])
        augmentation.set_extra_state({**augmentation.get_extra_state(), "calls": {"0": call}})


def _augmentations(module: Module) -> list[Augmentation]:
    return [part for part in module.modules() if isinstance(part, Augmentation)]
