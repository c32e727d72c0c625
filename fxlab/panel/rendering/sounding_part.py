"""`sounding_part`: the part of a module that a panel plays if the output is not a sound, such as a spectrogram."""

from __future__ import annotations

from itertools import takewhile

from fxlab.module import Chain, Module


def sounding_part(module: Module) -> Module:
    """Return `module` if its output is a sound.

    Otherwise, return a chain of the active stages of `module` before the first one whose output is not a sound. That
    chain is empty if there is no stage before it.

    >>> from fxlab.filters import LowPass
    >>> sounding_part(LowPass())
    LowPass()
    """
    stages = active_stages(module)
    if all(stage.gives_sound for stage in stages):
        return module
    return Chain(*takewhile(lambda stage: stage.gives_sound, stages))


def active_stages(module: Module) -> list[Module]:
    """Return the active stages of a chain; for any other module, a list of only this module."""
    return [stage for _, stage in module._active_stages()] if isinstance(module, Chain) else [module]
