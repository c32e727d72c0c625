"""`Request`: what the browser asked for last, and `Unfinished`, what a render of it is yet to tell."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from fxlab.panel.streaming.send_queue import Loop


@dataclass(frozen=True)
class Request:
    """What the browser asked for last."""

    seq: int
    values: dict[str, Any] | None
    """All that the page shows; None where the kernel itself asks."""
    position: float
    device: str
    views: tuple[str, ...] = ()
    """Those of `panel/views` that a page has open."""
    client: str = ""
    revision: int | None = None
    """That of the values which the page was told last."""
    loop: Loop = None
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What a page asked of its views, by name."""
    playing: bool = False
    at: float = field(default_factory=time.monotonic)
    """When it came."""

    def playhead(self, travel: float) -> float:
        """Where the playhead will be, in seconds, when what is sent now has travelled so long."""
        if not self.playing:
            return self.position
        position = self.position + time.monotonic() - self.at + travel
        low, high = self.loop or (0.0, math.inf)
        return position if position < high or self.position >= high else low + (position - high) % max(high - low, 1e-3)


@dataclass(frozen=True)
class Unfinished:
    """A render whose first piece is out: what it is yet to tell."""

    request: Request
    windows: bool
    """It is made window by window, so that its whole is needed no longer than it is looked at."""
    response: tuple[Tensor, Tensor] | None
    """Of a filter, over frequencies, in dB: what tells the spectrum and the loudness of its output."""
