"""`Checkpoints`: copies of the stream of a render at several points, from which a later render can continue."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from fxlab.module import Stream
from fxlab.panel.rendering.render_source import RenderSource
from fxlab.panel.rendering.renderer import Renderer

MAX_COUNT = 64
MAX_BYTES = 64e6  # the state of a pedalboard of eight effects with a delay and a reverb takes a megabyte


class Checkpoint(NamedTuple):
    """A stream of the module that has read the first frames of the input."""

    frames_read: int
    """The number of input frames that the stream has read."""
    frames_done: int
    """The number of output frames that the stream has returned."""
    stream: Stream


class Checkpoints:
    """Checkpoints of the latest renders of the complete output of a renderer, ordered by their position in the input.

    A change of parameter values does not drop them: a stream that is continued from one keeps the state that the old
    values left, and uses the new values from there on. All are dropped when the signal, the device, the modules, or the
    bypassed or soloed stages change.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._found: list[Checkpoint] = []
        self._source: RenderSource | None = None

    def add(self, checkpoint: Checkpoint, since: int) -> None:
        """Store a copy of `checkpoint`, and remove the stored ones in the block of input that its stream has read last.

        `since` is the number of input frames that the stream had read before that block. The copy is not stored if the
        state cannot be copied, or if the previous checkpoint is so close that there could be more than `MAX_COUNT`
        checkpoints, or that their states could take more than about `MAX_BYTES`.
        """
        self._drop_invalid()
        read = checkpoint.frames_read
        before = [other for other in self._found if other.frames_read <= since < read]
        after = [other for other in self._found if other.frames_read > read]
        share = max(1 / MAX_COUNT, checkpoint.stream._state_bytes() / MAX_BYTES)
        new = []
        if not before or read - before[-1].frames_read >= share * self._renderer.x.shape[-1]:
            with suppress(Exception):  # of a module of the user
                new = [checkpoint._replace(stream=checkpoint.stream.copy())]
        self._found = [*before, *new, *after]

    def last_before(self, frame: int) -> Checkpoint | None:
        """Return the last checkpoint whose stream has not returned output frame `frame`; None if there is none."""
        self._drop_invalid()
        return next((found for found in reversed(self._found) if found.frames_done <= frame), None)

    def _drop_invalid(self) -> None:
        """Drop all checkpoints if the signal, the device, the modules, or the bypassed or soloed stages changed."""
        if self._source is None or not self._source.is_current(self._renderer):
            self._source, self._found = RenderSource(self._renderer), []
