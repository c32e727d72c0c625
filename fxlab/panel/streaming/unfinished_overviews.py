"""`UnfinishedOverviews`: the overviews of long sounds that are computed step by step, and then sent."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.panel.streaming.lookahead import lookahead_frames
from fxlab.panel.streaming.outbox import Outbox
from fxlab.panel.streaming.overview import Overview
from fxlab.signal import Signal


class UnfinishedOverviews:
    """The queue of the overviews of the input and of the render, for sounds of which the page receives only a part.

    Args:
        outbox: Sends each overview once it is complete.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._overviews: list[tuple[Overview, bool]] = []
        """The unfinished overviews, each with whether it is that of the input (and not that of the render)."""

    def start_input(self, signal: Signal) -> None:
        """Queue the overview of the input in place of all others, if the page receives only a part of the input."""
        frames, rate = signal.frames, signal.sample_rate
        if lookahead_frames(frames, rate, signal.channels):
            self._overviews = [(Overview(frames, rate, lambda at, n: signal.samples[:, at : at + n]), True)]

    def start_render(self, frames: int, rate: float, channels: int, read: Callable[[int, int], Tensor | None]) -> None:
        """Queue the overview of the render, if the page receives only a part of the render.

        Args:
            frames: The length of the render, in frames.
            rate: Its sample rate in Hz.
            channels: The number of its channels.
            read: Returns a part of the render; see `Overview`.
        """
        if lookahead_frames(frames, rate, channels):
            self._overviews.append((Overview(frames, rate, read), False))

    def drop_render(self) -> None:
        """Drop the overview of the render, which a new render replaces."""
        self._overviews = [entry for entry in self._overviews if entry[1]]

    @property
    def has_unfinished(self) -> bool:
        """Whether an overview is queued."""
        return bool(self._overviews)

    @property
    def is_input_next(self) -> bool:
        """Whether the first of the queued overviews is that of the input."""
        return bool(self._overviews) and self._overviews[0][1]

    def advance(self, seq: int) -> None:
        """Compute the next part of the first overview, and send the overview once it is complete.

        Args:
            seq: The sequence number of the current render.
        """
        overview, dry = self._overviews[0]
        with SingleThread():
            overview.advance()
        if not overview.finished:
            return
        del self._overviews[0]
        if overview.is_valid:
            self._outbox.send(self._outbox.overview(seq, overview, dry=dry))
