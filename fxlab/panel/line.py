"""The line to the page: what is said on it, and how many pieces of sound may be under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from torch import Tensor

from fxlab.panel.encode import encode, scale_of
from fxlab.panel.views import Drawing

IN_FLIGHT = 2  # pieces of sound sent and not yet acknowledged
LOST_AFTER = 2.0  # seconds without an answer after which a piece counts as lost

Send = Callable[[dict[str, Any], list[bytes]], None]
Message = tuple[dict[str, Any], list[bytes]]


class Line:
    """Messages to the page, as docs/panel-protocol.md has them; `changed` is notified when pieces arrive."""

    def __init__(self, send: Send, changed: threading.Condition) -> None:
        self.send = send
        self._changed = changed
        self._numbers = count(1)
        self._under_way: dict[int, float] = {}

    def say(self, *messages: Message) -> None:
        """Send messages; several go as one, for each costs the page, the server and the kernel some milliseconds."""
        if len(messages) == 1:
            self.send(*messages[0])
            return
        headers = [{**header, "buffers": len(buffers)} for header, buffers in messages]
        self.send({"type": "batch", "messages": headers}, [buffer for _, buffers in messages for buffer in buffers])

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """Pieces arrived."""
        with self._changed:
            for number in numbers:
                self._under_way.pop(number, None)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what is under way: nobody is there to answer."""
        self._under_way.clear()

    def room(self, give_up: Callable[[], bool], spare: int = 0) -> bool:
        """Wait until a piece may be sent with `spare` places left free; False when `give_up` says so first."""
        with self._changed:
            while not give_up():
                now = time.monotonic()
                for number, sent in list(self._under_way.items()):
                    if now - sent > LOST_AFTER:
                        del self._under_way[number]
                if len(self._under_way) < IN_FLIGHT - spare:
                    return True
                self._changed.wait(LOST_AFTER / 4)
        return False

    # -- messages -----------------------------------------------------------------------------------------------

    def piece(
        self, x: Tensor, start: int, frames: int, rate: float, seq: int, *, dry: bool = False, last: bool = False
    ) -> Message:
        """A piece of sound: `x` lies at `start` of `frames`. It counts as under way from now on."""
        number = next(self._numbers)
        scale = scale_of(x)
        channels, size = x.shape
        header = {
            **{"type": "audio", "id": number, "seq": seq, "dry": dry, "rate": rate, "frames": frames},
            **{"channels": channels, "scale": scale, "start": start, "count": size, "last": last},
        }
        with self._changed:
            self._under_way[number] = time.monotonic()
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
        """What an open view draws."""
        fields, vectors = drawing
        header = {**fields, "type": "view", "seq": seq, "view": name, "names": list(vectors)}
        return header, [vector.float().cpu().contiguous().numpy().tobytes() for vector in vectors.values()]

    def values(self, seq: int, values: dict[str, Any]) -> Message:
        """Values as the module holds them."""
        return {"type": "values", "seq": seq, "values": values}, []

    def status(self, seq: int, state: str, message: str = "", path: str | None = None) -> Message:
        """How a render went."""
        return {"type": "status", "seq": seq, "state": state, "message": message, "path": path}, []
