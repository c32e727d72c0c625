"""`ContinuedRender`: the output from the playhead on, continued from an earlier render with new values."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.errors import FxlabError
from fxlab.module import has_response
from fxlab.panel.rendering.checkpoints import Checkpoint, Checkpoints
from fxlab.panel.rendering.output_check import check_output
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.sounding_part import active_stages

WARM_UP_SECONDS = 0.25  # the least time by which it begins before the first frame that is needed
RESIDUAL = 1e-3  # -60 dB: the residual of the jump of a filter's values that is allowed at the first frame
MAX_AHEAD_SECONDS = 10.0  # the longest part that is rendered and not read, after a seek
MAX_BLOCK_SECONDS = 5.0


class ContinuedRender:
    """A render whose values change shortly before the playhead, while the module is running.

    A hardware device sounds like this when a knob is turned: earlier echoes and reverberation are still those of the
    earlier values. The render continues from a checkpoint of an earlier render, so it need not begin at the start of
    the sound. Its frames are read in ascending order.

    Args:
        renderer: The renderer with the module and the input.
        checkpoint: The checkpoint at which it begins.
    """

    def __init__(self, renderer: Renderer, checkpoint: Checkpoint) -> None:
        self._x, self._name = renderer.x, type(renderer.module).__name__
        self._rate = renderer.signal.sample_rate
        self._stream = checkpoint.stream.copy()
        self._frames_read, self._first = checkpoint.frames_read, checkpoint.frames_done
        self._y: Tensor | None = None
        self._has_ended = False

    def covers(self, start: int) -> bool:
        """Return whether `read` can start at frame `start`.

        The frame must not have been discarded, and must be at most `MAX_AHEAD_SECONDS` after the rendered frames.
        """
        return self._first <= start <= self._frames_done + MAX_AHEAD_SECONDS * self._rate

    def read(self, start: int, count: int) -> Tensor:
        """Return frames `start` to `start + count`, `(channels, count)`, and discard those before them.

        `covers(start)` must be true. Frames after the end of the output are 0.

        Raises:
            FxlabError: The output cannot be played, or there is none.
            Exception: Every error of the module, for example if its stream cannot continue with the new values.
        """
        while not self._has_ended and (missing := start + count - self._frames_done) > 0:
            self._advance(min(missing, int(MAX_BLOCK_SECONDS * self._rate)))
        if self._y is None:
            raise FxlabError(f"{self._name} has no output at frame {start}.")
        self._y, self._first = self._y[:, start - self._first :], start
        found = self._y[:, :count]
        return pad(found, (0, count - found.shape[-1]))

    @property
    def _frames_done(self) -> int:
        return self._first + (0 if self._y is None else self._y.shape[-1])

    def _advance(self, size: int) -> None:
        """Render the next `size` frames of the input, or after its end the rest of the output."""
        block = self._x[:, self._frames_read : self._frames_read + size]
        self._has_ended = block.shape[-1] == 0
        with torch.no_grad():
            y = self._stream.flush() if self._has_ended else self._stream(block)
        self._frames_read += block.shape[-1]
        if y.shape[-1]:
            check_output(y, self._x, self._name)
            self._y = y if self._y is None else torch.cat([self._y, y], -1)


def continue_render(renderer: Renderer, checkpoints: Checkpoints, start: int) -> ContinuedRender | None:
    """Return a render that continues from a checkpoint before frame `start` of the output.

    It is None if there is no such checkpoint, or if the sample rate of the output differs from that of the input,
    because such an output can only be converted as a whole.

    The state of a filter's sections depends on their coefficients, so a jump of the filter's values is audible until
    its effect on the state has decayed. The render therefore begins earlier than `start`: by at least the time of this
    decay plus `WARM_UP_SECONDS`, or at the start of the sound.
    """
    rate = renderer.signal.sample_rate
    if renderer.player.output_rate(rate) != rate:
        return None
    warm_up = WARM_UP_SECONDS * rate
    for stage in active_stages(renderer.player):
        if has_response(stage):
            warm_up += stage.memory(rate, tolerance=RESIDUAL) or 0
    checkpoint = checkpoints.last_before(max(0, start - int(warm_up)))
    return None if checkpoint is None else ContinuedRender(renderer, checkpoint)
