"""`sounding_part`: the part of a module that a panel plays if the output, such as a spectrogram, is not a sound."""

from __future__ import annotations

from itertools import takewhile

from fxlab.module import Chain, Module


def sounding_part(module: Module) -> Module:
    """Return the part of `module` that a panel plays.

    It is `module` itself if every active stage outputs a sound. Otherwise it is a chain of the active stages before the
    first one whose output is not a sound; the chain is empty if that is the first stage. See `active_stages`.

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
