"""`RenderSource`: the objects from which a renderer computes its output, at one moment."""

from __future__ import annotations

from fxlab.module import Chain
from fxlab.panel.rendering.renderer import Renderer


class RenderSource:
    """The identities of a renderer's sound, device, modules, and bypassed and soloed stages, at one moment.

    Parameter values are not included. A stream that was created from a renderer can be continued as long as
    `is_current(renderer)` is true.

    Args:
        renderer: The renderer with the module and the sound.
    """

    def __init__(self, renderer: Renderer) -> None:
        # A module that occurs twice is listed twice, because the order of the stages is part of the source.
        modules = [module for _, module in renderer.module.named_modules(remove_duplicate=False)]
        self._objects = [renderer.signal, *modules]
        self._flags = [(part.bypassed, part.soloed) for part in modules if isinstance(part, Chain)]
        self._device = renderer.device

    def is_current(self, renderer: Renderer) -> bool:
        """Return whether `renderer` still has the same sound, device, modules, and bypassed and soloed stages."""
        now = RenderSource(renderer)
        if (now._device, now._flags, len(now._objects)) != (self._device, self._flags, len(self._objects)):
            return False
        return all(new is old for new, old in zip(now._objects, self._objects, strict=True))
