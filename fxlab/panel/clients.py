"""`Clients`: the pages that show a panel, and the newest request of any of them."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

from fxlab.panel.protocol import Axes, CommandMessage, Params, Playhead
from fxlab.panel.rendering.request import RenderRequest


class Clients:
    """The pages that show a panel, the visible ranges of their axes, and the newest `RenderRequest`.

    It is used by several threads: messages arrive on the kernel's threads, and the render thread updates the request.
    A page is identified by its random string `client`.

    Args:
        request: The request that is used until a page sends one.
    """

    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self._closed: set[str] = set()
        self.axes: Axes = {}
        """The last visible ranges of the axes that any page sent."""

    # -- pages --------------------------------------------------------------------------------------------------

    @property
    def any_open(self) -> bool:
        """Whether the panel is open in at least one page."""
        return bool(self._open)

    def open(self, client: str) -> None:
        """Record that the page `client` shows the panel."""
        self._open.add(client)

    def close(self, client: str) -> None:
        """Record that the page `client` no longer shows the panel."""
        self._open.discard(client)
        self._closed.add(client)

    def close_all(self) -> None:
        """Record that no page shows the panel any more."""
        self._open.clear()

    def has_audience(self, request: RenderRequest) -> bool:
        """Return whether any page is open, or `close` has not been called for the page that sent `request`.

        A page may send values before it is open.
        """
        return self.any_open or request.client not in self._closed

    # -- the newest request -------------------------------------------------------------------------------------

    @property
    def request(self) -> RenderRequest:
        """The newest request."""
        return self._request

    def accept(self, params: Params) -> RenderRequest:
        """Build a request from a new value of the trait `params`, store it as the newest, and return it."""
        with self._lock:
            last = self._request
            self._request = RenderRequest(
                seq=int(params.get("seq", 0)),
                values=dict(params.get("values", {})),
                device=str(params.get("device") or last.device),
                views=tuple(params.get("views", last.views)),
                client=str(params.get("client", "")),
                revision=params.get("revision"),
                options=last.options,
                **playhead_fields(params),
            )
            return self._request

    def update(self, **changes: Any) -> None:
        """Replace the given fields of the newest request."""
        with self._lock:
            self._request = replace(self._request, **changes)

    def accept_command(self, message: CommandMessage) -> int:
        """Store the playhead of a command in the newest request, and return the sequence number of the request.

        If the sequence number of the request is lower than that of the command, it is first set to that of the command.
        """
        with self._lock:
            seq = max(self._request.seq, int(message.get("seq", 0)))
            self._request = replace(self._request, seq=seq, **playhead_fields(message))
            return seq

    def take_values(self, request: RenderRequest) -> None:
        """Remove the values from the newest request if it is still `request`: they have been set on the module."""
        with self._lock:
            if self._request is request:
                self._request = replace(request, values=None)


def playhead_fields(message: Playhead | Params) -> dict[str, Any]:
    """Return the fields `position`, `loop`, `playing` and `received_at` of a `RenderRequest` for a message.

    Positions are in seconds. `received_at` is the value of `time.monotonic()` at the call.
    """
    loop = message.get("loop")
    return {
        "position": float(message.get("position") or 0.0),
        "loop": None if loop is None else (float(loop[0]), float(loop[1])),
        "playing": bool(message.get("playing")),
        "received_at": time.monotonic(),
    }
