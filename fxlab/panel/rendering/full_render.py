"""`FullRender`: the complete output, rendered block by block so that a newer request can interrupt it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.module import Stream
from fxlab.panel.rendering.checkpoints import Checkpoint, Checkpoints
from fxlab.panel.rendering.render_source import RenderSource
from fxlab.panel.rendering.renderer import Renderer

BLOCK_SECONDS = 2.0  # seconds of input that one call of `advance` renders
MARGIN_SECONDS = 0.05  # seconds by which an urgent block is longer, for modules whose streams are late
WORTHWHILE = 0.8  # the largest part of the sound that is worth a block of its own


class FullRender:
    """The complete output of a renderer's module, which repeated calls of `advance` compute from its start.

    A module that streams is run block by block if the sound is longer than a block, or if a part of it is urgent.
    Otherwise it is run in one call. Errors of the module are raised as the renderer's `RenderError`.

    Args:
        renderer: The renderer with the module and the input.
        urgent_stop: A frame shortly after which a block ends, so that the part that is played next is sent early;
            0 if no part is urgent.
        checkpoints: The checkpoints to which the stream is added after each block; None to store none.
    """

    def __init__(self, renderer: Renderer, urgent_stop: int = 0, checkpoints: Checkpoints | None = None) -> None:
        self._renderer, self._checkpoints = renderer, checkpoints
        self._x, self._source = renderer.x, RenderSource(renderer)
        rate, frames = renderer.signal.sample_rate, self._x.shape[-1]
        self._block_size = int(BLOCK_SECONDS * rate)
        urgent_stop += int(MARGIN_SECONDS * rate) if urgent_stop else 0
        self._urgent_stop = urgent_stop if urgent_stop < WORTHWHILE * frames else 0
        self._stream: Stream | None = None
        if (self._urgent_stop or frames > self._block_size) and self._can_stream():
            self._stream = renderer.player.stream(renderer.signal.sample_rate)
        self._y: Tensor | None = None
        self._frames_read = 0
        self.frames_done = 0
        """The number of output frames that have been rendered."""
        self.finished = False
        """Whether the complete output has been rendered."""
        self._store_checkpoint(0)

    @property
    def is_current(self) -> bool:
        """Whether the renderer still has the sound, the device and the stages with which this render has begun."""
        return self._source.is_current(self._renderer)

    @property
    def progress(self) -> float | None:
        """The rendered fraction of the input, from 0 to 1; None if it is rendered in one call."""
        return None if self._stream is None else self._frames_read / self._x.shape[-1]

    @property
    def channels(self) -> int:
        """The number of output channels; 0 before the first block has been rendered."""
        return 0 if self._y is None else self._y.shape[0]

    def read(self, start: int, count: int) -> Tensor:
        """Return frames `start` to `start + count`, `(channels, count)`, which must have been rendered."""
        assert self._y is not None
        return self._y[:, start : start + count]

    def advance(self) -> None:
        """Render the next block, or the complete output at once if there is no stream.

        Nothing is rendered if the stages have changed so that the stream cannot be continued; see `is_current`. If the
        first block fails, nothing is rendered either, and the next call renders the complete output at once.

        Raises:
            RenderError: The module fails, or its output cannot be played.
        """
        if self._stream is None:
            self._append(self._renderer.render_full())
            self.finished = True
            return
        urgent = self._urgent_stop - self._frames_read
        size = min(urgent, self._block_size) if urgent > 0 else self._block_size
        since = self._frames_read
        block = self._x[:, since : since + size]
        if not self._append_from(self._stream, block):
            return
        self._frames_read += block.shape[-1]
        self._store_checkpoint(since)
        if self._frames_read == self._x.shape[-1]:
            self.finished = self._append_from(self._stream.flush)

    def _append_from(self, function: Callable[..., Tensor], *inputs: Tensor) -> bool:
        """Append the output that `function`, a method of the stream, returns; return whether this was possible.

        It is not possible if `is_current` is false, or for the first block, if the module cannot stream with its
        values. In the latter case, the stream is removed. An error in a later block is raised as a `RenderError`.
        """
        try:
            with torch.no_grad():
                y = function(*inputs)
        except Exception as error:
            if not self.is_current:  # Python changed the stages meanwhile
                return False
            if self._frames_read:
                raise self._renderer.failed(error) from error
            # It cannot stream with these values, or the call on the complete input reports the error.
            self._stream = None
            return False
        self._append(self._renderer.checked(y, allow_empty=True))
        return True

    def _store_checkpoint(self, since: int) -> None:
        if self._checkpoints is not None and self._stream is not None and self.is_current:
            self._checkpoints.add(Checkpoint(self._frames_read, self.frames_done, self._stream), since)

    def _can_stream(self) -> bool:
        """Return whether the module streams at the sample rate of the input.

        This is tested with one sample, unless there is a checkpoint at the start of the sound.
        """
        rate, player = self._renderer.signal.sample_rate, self._renderer.player
        try:
            if player.output_rate(rate) != rate:
                return False  # the output is converted as a whole
            if self._checkpoints is not None and self._checkpoints.last_before(0) is not None:
                return True  # an earlier render has stored one at the start
            with torch.no_grad():
                player.stream(rate)(self._x[:, :1])
        except Exception:  # any other error occurs again in the call on the complete input, which reports it
            return False
        return True

    def _append(self, y: Tensor) -> None:
        stop = self.frames_done + y.shape[-1]
        if self._y is None and self._stream is None:
            self._y = y
        elif self._y is None:
            self._y = y.new_empty(y.shape[0], max(stop, self._x.shape[-1]))
        if stop > self._y.shape[-1]:
            self._y = torch.cat([self._y[:, : self.frames_done], y], -1)
        elif self._stream is not None:
            self._y[:, self.frames_done : stop] = y
        self.frames_done = stop
