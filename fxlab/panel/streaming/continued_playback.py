"""`ContinuedPlayback`: the playback of a continued render in a page, until the complete render replaces it."""

from __future__ import annotations

import time
from dataclasses import replace

from fxlab.panel.rendering.continued_render import ContinuedRender
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.streaming.audio_request import AudioRequest, Loop


class ContinuedPlayback:
    """A continued render, with the playhead of the page that plays it and the time until which it can be played.

    Args:
        render: The continued render.
        request: The request of the render, from a page that plays.
    """

    def __init__(self, render: ContinuedRender, request: RenderRequest) -> None:
        self.render = render
        self._request = request
        """The request, with the playhead that a page reported last."""
        self._sent_until = time.monotonic()
        """The time in seconds, on the monotonic clock, at which the page will have played what has been sent."""

    @property
    def loop(self) -> Loop:
        """The loop that a page reported last."""
        return self._request.loop

    @property
    def seconds_ahead(self) -> float:
        """The time, in seconds, for which the page can still play what has been sent; negative after that."""
        return self._sent_until - time.monotonic()

    def playhead_after(self, latency: float) -> float:
        """Return the position, in seconds, at which the playhead will be in `latency` seconds from now."""
        return self._request.playhead_after(latency)

    def handle_request(self, request: AudioRequest) -> None:
        """Store the playhead, the loop and the buffered seconds of a page's request for more audio."""
        now = time.monotonic()
        self._sent_until = now + request.wet
        self._request = replace(self._request, position=request.position, loop=request.loop, received_at=now)

    def mark_sent(self, seconds: float) -> None:
        """Record that another `seconds` of sound have been sent."""
        self._sent_until += seconds
