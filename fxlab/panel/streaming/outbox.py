"""The line to the page: what is said on it, and how many pieces of sound may be under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from itertools import count, zip_longest
from typing import Any

import torch
from torch import Tensor

from fxlab.panel.streaming.encoding import encode, scale_of
from fxlab.panel.streaming.flow_control import FlowControl
from fxlab.panel.streaming.overview import Overview
from fxlab.panel.views import Drawing

IN_FLIGHT = 2  # pieces of sound sent and not yet acknowledged, on a line without delay
ROUND = 0.05  # seconds: for each that a piece takes one more may be under way
REST = 0.75  # of what may be under way the rest of a render takes, so that the next finds a place
PARTS = 4  # of what may be under way a piece is no more than that part
LOST_AFTER = 2.0  # seconds without an answer after which a piece counts as lost

Send = Callable[[dict[str, Any], list[bytes]], None]
Message = tuple[dict[str, Any], list[bytes]]


class Outbox:
    """Messages to the page, as docs/panel-protocol.md has them; `changed` is notified when pieces arrive."""

    def __init__(self, send: Send, changed: threading.Condition) -> None:
        self.send = send
        self._changed = changed
        self._numbers = count(1)
        self.link = FlowControl()

    def say(self, *messages: Message) -> None:
        """Send messages; several go as one, for each costs the page, the server and the kernel some milliseconds."""
        if len(messages) == 1:
            self.send(*messages[0])
            return
        headers = [{**header, "buffers": len(buffers)} for header, buffers in messages]
        self.send({"type": "batch", "messages": headers}, [buffer for _, buffers in messages for buffer in buffers])

    def acknowledge(self, numbers: Iterable[int], held: Iterable[float] = ()) -> None:
        """Pieces arrived, each so many ms before the page said so."""
        now = time.monotonic()
        with self._changed:
            for number, wait in zip_longest(numbers, held, fillvalue=0.0):
                self.link.came(int(number), now, wait / 1000)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what is under way: nobody is there to answer."""
        self.link.clear()

    def free(self, size: int, *, rest: bool) -> bool:
        """Whether a piece of `size` bytes may go; one of the `rest` of a render leaves a place for the next one's."""
        link = self.link
        link.lost(time.monotonic() - LOST_AFTER)
        places = IN_FLIGHT + int(link.base / ROUND) - rest
        within = link.bytes + size <= REST * link.window if rest else link.bytes <= link.window
        return link.pieces == 0 or (link.pieces < places and within)

    def room(self, give_up: Callable[[], bool], size: int, *, rest: bool) -> bool:
        """Wait until a piece is `free` to go; False when `give_up` says so first."""
        with self._changed:
            while not give_up():
                if self.free(size, rest=rest):
                    return True
                self._changed.wait(LOST_AFTER / 4)
        return False

    @property
    def longest(self) -> float:
        """Bytes that a piece should have at most."""
        return self.link.window / PARTS

    # -- messages -----------------------------------------------------------------------------------------------

    def piece(self, x: Tensor, place: dict[str, Any]) -> Message:
        """A piece of sound, and where it belongs. It counts as under way from now on."""
        number = next(self._numbers)
        scale = scale_of(x)
        channels, size = x.shape
        header = {"type": "audio", "id": number, **place, "channels": channels, "count": size, "scale": scale}
        with self._changed:
            self.link.went(number, 2 * x.numel(), time.monotonic())
        return header, [encode(x, scale)]

    def curves(
        self,
        seq: int,
        named: dict[str, Tensor],
        stages: dict[str, Tensor] | None = None,
        notes: dict[str, Any] | None = None,
    ) -> Message:
        """Curves by name, each stage's by path (None: as the page has them), and what is to be said of them."""
        header = {**(notes or {}), "type": "curves", "seq": seq, "names": list(named)}
        header["stages"] = None if stages is None else list(stages)
        vectors = (*named.values(), *(stages or {}).values())
        return header, [curve.float().contiguous().numpy().tobytes() for curve in vectors]

    def view(self, seq: int, name: str, drawing: Drawing) -> Message:
        """What an open view draws; a vector of bytes stays one."""
        fields, vectors = drawing
        raw = [key for key, vector in vectors.items() if vector.dtype == torch.uint8]
        header = {**fields, "type": "view", "seq": seq, "view": name, "names": list(vectors), "bytes": raw}
        plain = (vector if key in raw else vector.float() for key, vector in vectors.items())
        return header, [vector.cpu().contiguous().numpy().tobytes() for vector in plain]

    def match(self, seq: int, gain_db: float | None) -> Message:
        """What makes a render as loud as the input, where it was not known with its pieces."""
        return {"type": "match", "seq": seq, "match": gain_db}, []

    def values(self, seq: int, values: dict[str, Any], edition: int = 0, *, ask: bool = False) -> Message:
        """Values as the module holds them, under the number of their edition; with `ask` the page is to answer."""
        return {"type": "values", "seq": seq, "values": values, "edition": edition, "ask": ask}, []

    def status(
        self, seq: int, state: str, message: str = "", path: str | None = None, progress: float | None = None
    ) -> Message:
        """How a render went, or goes."""
        header = {"type": "status", "seq": seq, "state": state, "message": message, "path": path}
        return {**header, "progress": progress} if state == "rendering" else header, []

    def overview(self, seq: int, seen: Overview, *, dry: bool) -> Message:
        """The lowest and the highest sample of each part of a whole sound."""
        header = {"type": "overview", "seq": seq, "dry": dry, "rate": seen.rate, "frames": seen.frames}
        return header, [bound.numpy().tobytes() for bound in (seen.low, seen.high)]
