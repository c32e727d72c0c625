"""The line to the page: what is said on it, and how many pieces of sound may be under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from itertools import count, zip_longest
from typing import cast

import torch
from torch import Tensor

from fxlab.panel.protocol import (
    AudioMessage,
    BatchMessage,
    ClipChunk,
    CurveNotes,
    CurvesMessage,
    KernelMessage,
    MatchMessage,
    OverviewMessage,
    RenderState,
    StatusMessage,
    Values,
    ValuesMessage,
    ViewMessage,
)
from fxlab.panel.streaming.encoding import encode_int16, int16_scale
from fxlab.panel.streaming.flow_control import FlowControl
from fxlab.panel.streaming.overview import Overview
from fxlab.panel.views import Drawing

IN_FLIGHT = 2  # pieces of sound sent and not yet acknowledged, on a line without delay
ROUND = 0.05  # seconds: for each that a piece takes one more may be under way
REST = 0.75  # of what may be under way the rest of a render takes, so that the next finds a place
PARTS = 4  # of what may be under way a piece is no more than that part
LOST_AFTER = 2.0  # seconds without an answer after which a piece counts as lost

Send = Callable[[KernelMessage | BatchMessage, list[bytes]], None]
Message = tuple[KernelMessage, list[bytes]]


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
        headers = [header for header, _ in messages]
        counts = [len(buffers) for _, buffers in messages]
        batch: BatchMessage = {"type": "batch", "messages": headers, "buffer_counts": counts}
        self.send(batch, [buffer for _, buffers in messages for buffer in buffers])

    def acknowledge(self, numbers: Iterable[int], held: Iterable[float] = ()) -> None:
        """Pieces arrived, each so many ms before the page said so."""
        now = time.monotonic()
        with self._changed:
            for number, wait in zip_longest(numbers, held, fillvalue=0.0):
                self.link.acknowledge(int(number), now, wait / 1000)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what is under way: nobody is there to answer."""
        self.link.clear()

    def free(self, size: int, *, rest: bool) -> bool:
        """Whether a piece of `size` bytes may go; one of the `rest` of a render leaves a place for the next one's."""
        link = self.link
        link.drop_lost(time.monotonic() - LOST_AFTER)
        places = IN_FLIGHT + int(link.min_round_trip / ROUND) - rest
        within = (
            link.bytes_in_flight + size <= REST * link.window_bytes
            if rest
            else link.bytes_in_flight <= link.window_bytes
        )
        return link.chunks_in_flight == 0 or (link.chunks_in_flight < places and within)

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
        return self.link.window_bytes / PARTS

    # -- messages -----------------------------------------------------------------------------------------------

    def audio(self, x: Tensor, place: ClipChunk) -> Message:
        """A piece of sound, and where it belongs. It counts as under way from now on."""
        number = next(self._numbers)
        scale = int16_scale(x)
        channels, size = x.shape
        header: AudioMessage = {
            **place,
            "type": "audio",
            "id": number,
            "channels": channels,
            "count": size,
            "scale": scale,
        }
        with self._changed:
            self.link.mark_sent(number, 2 * x.numel(), time.monotonic())
        return header, [encode_int16(x, scale)]

    def curves(
        self,
        seq: int,
        named: dict[str, Tensor],
        stages: dict[str, Tensor] | None = None,
        notes: CurveNotes | None = None,
    ) -> Message:
        """Curves by name, each stage's by path (None: as the page has them), and what is to be said of them."""
        paths = None if stages is None else list(stages)
        known = CurveNotes() if notes is None else notes
        header: CurvesMessage = {**known, "type": "curves", "seq": seq, "names": list(named), "stage_paths": paths}
        vectors = (*named.values(), *(stages or {}).values())
        return header, [curve.float().contiguous().numpy().tobytes() for curve in vectors]

    def view(self, seq: int, name: str, drawing: Drawing) -> Message:
        """What an open view draws; a vector of bytes stays one."""
        fields, vectors = drawing
        raw = [key for key, vector in vectors.items() if vector.dtype == torch.uint8]
        header: ViewMessage = {"type": "view", "seq": seq, "view": name, "names": list(vectors), "uint8_names": raw}
        plain = (vector if key in raw else vector.float() for key, vector in vectors.items())
        return cast(ViewMessage, {**fields, **header}), [
            vector.cpu().contiguous().numpy().tobytes() for vector in plain
        ]

    def match(self, seq: int, gain_db: float | None) -> Message:
        """What makes a render as loud as the input, where it was not known with its pieces."""
        header: MatchMessage = {"type": "match", "seq": seq, "match_gain_db": gain_db}
        return header, []

    def values(self, seq: int, values: Values, revision: int = 0, *, ask: bool = False) -> Message:
        """Values as the module holds them, under the number of their revision; with `ask` the page is to answer."""
        header: ValuesMessage = {
            "type": "values",
            "seq": seq,
            "values": values,
            "revision": revision,
            "request_params": ask,
        }
        return header, []

    def status(
        self, seq: int, state: RenderState, message: str = "", path: str | None = None, progress: float | None = None
    ) -> Message:
        """How a render went, or goes."""
        header: StatusMessage = {"type": "status", "seq": seq, "state": state, "message": message, "path": path}
        if state == "rendering":
            header["progress"] = progress
        return header, []

    def overview(self, seq: int, overview: Overview, *, dry: bool) -> Message:
        """The lowest and the highest sample of each part of a whole sound."""
        header: OverviewMessage = {
            "type": "overview",
            "seq": seq,
            "dry": dry,
            "rate": overview.rate,
            "frames": overview.frames,
        }
        return header, [bound.numpy().tobytes() for bound in (overview.low, overview.high)]
