"""`sounding_part`: what a panel plays of a module whose output is no sound, such as a spectrogram."""

from __future__ import annotations

from itertools import takewhile

from fxlab.module import Chain, Module


def sounding_part(module: Module) -> Module:
    """Return the module if its output is sound, otherwise the stages before the one whose output is none.

    >>> from fxlab.filters import LowPass
    >>> sounding_part(LowPass())
    LowPass()
    """
    if module.output_is_sound:
        return module
    stages = [stage for _, stage in module._active_stages()] if isinstance(module, Chain) else [module]
    return Chain(*takewhile(lambda stage: stage.output_is_sound, stages))
