"""`FullRender`: the output from end to end, made part by part, so that a newer move need not wait for it."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.module import Stream
from fxlab.panel.rendering.renderer import Renderer

PART = 5.0  # seconds of sound that are made at a time


class FullRender:
    """The output of a renderer's module, as far as it is made.

    A module that streams is run in parts, one that does not in one go. A fault in any part is the renderer's.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._x = renderer.x
        self._size = int(PART * renderer.signal.sample_rate)
        self._stream: Stream | None = None
        if self._x.shape[-1] > self._size and self._streams():
            self._stream = renderer.module.stream(renderer.signal.sample_rate)
        self._y: Tensor | None = None
        self._taken = 0
        self.done = 0
        """Frames of output that are there."""
        self.finished = False

    @property
    def progress(self) -> float | None:
        """From 0 to 1; None where it is made in one go."""
        return None if self._stream is None else self._taken / self._x.shape[-1]

    @property
    def channels(self) -> int:
        """Of the output."""
        return 0 if self._y is None else self._y.shape[0]

    def part(self, start: int, count: int) -> Tensor:
        """Frames of it that are `done`."""
        assert self._y is not None
        return self._y[:, start : start + count]

    def advance(self) -> None:
        """Make the next part."""
        if self._stream is None:
            self._keep(self._renderer.whole())
            self.finished = True
            return
        block = self._x[:, self._taken : self._taken + self._size]
        self._taken += block.shape[-1]
        self._keep(self._renderer.guarded(self._stream, block, empty=True))
        if self._taken == self._x.shape[-1]:
            self._keep(self._renderer.guarded(self._stream.flush, empty=True))
            self.finished = True

    def _streams(self) -> bool:
        try:
            with torch.no_grad():
                self._renderer.module.stream(self._renderer.signal.sample_rate)(self._x[:, :1])
        except Exception:  # what is wrong, if it is more than that it cannot stream, the call on the whole will say
            return False
        return True

    def _keep(self, y: Tensor) -> None:
        until = self.done + y.shape[-1]
        if self._y is None and self._stream is None:
            self._y = y
        elif self._y is None:
            self._y = y.new_empty(y.shape[0], max(until, self._x.shape[-1]))
        if until > self._y.shape[-1]:
            self._y = torch.cat([self._y[:, : self.done], y], -1)
        elif self._stream is not None:
            self._y[:, self.done : until] = y
        self.done = until
