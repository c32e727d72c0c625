"""`RenderRequest`: a page's request for a render; `PendingRender`: a render that is not completely sent."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from fxlab.panel.streaming.audio_request import Loop


@dataclass(frozen=True)
class RenderRequest:
    """The newest parameter values of a page, with its playhead, open views and options."""

    seq: int
    """The sequence number of the request."""
    values: dict[str, Any] | None
    """All values that the page shows, by path; None if no values are to be set."""
    position: float
    """The playhead, in seconds."""
    device: str
    """The name of the device on which the module shall run."""
    views: tuple[str, ...] = ()
    """The names of the views that a page has open."""
    client: str = ""
    """The random string that identifies the page; empty if no page has sent the request."""
    revision: int | None = None
    """The revision of the values that the page received last; None if the page did not send it."""
    loop: Loop = None
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The page's options for its views, by the view's name."""
    playing: bool = False
    """Whether the page plays."""
    received_at: float = field(default_factory=time.monotonic)
    """The time at which the request arrived, in seconds on the monotonic clock."""

    def playhead_after(self, latency: float) -> float:
        """Return the position, in seconds, at which the playhead will be in `latency` seconds from now."""
        if not self.playing:
            return self.position
        position = self.position + time.monotonic() - self.received_at + latency
        low, high = self.loop or (0.0, math.inf)
        return position if position < high or self.position >= high else low + (position - high) % max(high - low, 1e-3)


@dataclass(frozen=True)
class PendingRender:
    """A render that is not completely sent, with the data that is needed to complete it."""

    request: RenderRequest
    was_sent: bool
    """Whether the sound at the playhead has been sent."""
    windowed: bool
    """Whether audio is rendered in windows, so that a complete render is kept only while views are drawn from it."""
    response: tuple[Tensor, Tensor] | None
    """The frequencies in Hz and the response of a filter in dB, from which its output's loudness follows.

    It is None for a module without a known response, and if parameters move.
    """
