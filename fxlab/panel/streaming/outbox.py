"""`Outbox`: builds the messages to the pages, and sends them as fast as the connection carries them."""

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

MAX_UNACKNOWLEDGED = 2
"""The number of audio chunks that may be unacknowledged without delay; one fewer for the rest of a render."""
DELAY_PER_CHUNK = 0.05
"""The seconds of round trip per additional chunk that may be unacknowledged."""
REST_SHARE = 0.75
"""The fraction of the window that the rest of a render may use; the remainder is for the next render's first chunk."""
MIN_CHUNKS_PER_WINDOW = 4
"""The number of chunks of the maximum size for which the window has room."""
LOST_AFTER = 2.0
"""Seconds without an acknowledgement after which a chunk counts as lost."""

Deliver = Callable[[KernelMessage | BatchMessage, list[bytes]], None]
Message = tuple[KernelMessage, list[bytes]]
"""A message and its buffers."""


class Outbox:
    """The sender of messages to the pages, and the methods that build the messages; see docs/panel-protocol.md.

    Args:
        deliver: Sends a message and its buffers to every page.
        changed: Is notified when chunks are acknowledged.
    """

    def __init__(self, deliver: Deliver, changed: threading.Condition) -> None:
        self.deliver = deliver
        self._changed = changed
        self._numbers = count(1)
        self.flow = FlowControl()

    def send(self, *messages: Message) -> None:
        """Send messages; several are sent as one, because each costs page, server and kernel some milliseconds."""
        if len(messages) == 1:
            self.deliver(*messages[0])
            return
        headers = [header for header, _ in messages]
        counts = [len(buffers) for _, buffers in messages]
        batch: BatchMessage = {"type": "batch", "messages": headers, "buffer_counts": counts}
        self.deliver(batch, [buffer for _, buffers in messages for buffer in buffers])

    # -- flow control -------------------------------------------------------------------------------------------

    def acknowledge(self, numbers: Iterable[int], delays: Iterable[float] = ()) -> None:
        """Record that the chunks `numbers` have arrived.

        `delays` are the times in ms from the arrival of each chunk until its page sent the acknowledgement; missing
        ones count as 0.
        """
        now = time.monotonic()
        with self._changed:
            for number, delay in zip_longest(numbers, delays, fillvalue=0.0):
                self.flow.acknowledge(int(number), now, delay / 1000)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all unacknowledged chunks."""
        self.flow.clear()

    def can_send(self, size: int, *, rest: bool) -> bool:
        """Return whether a chunk of `size` bytes may be sent now; chunks that count as lost are forgotten first.

        If no chunk is in flight, any chunk may be sent.

        Args:
            size: The size in bytes.
            rest: Whether the chunk belongs to the rest of a render, which leaves room for the first chunk of the next
                render.
        """
        flow = self.flow
        flow.drop_lost(time.monotonic() - LOST_AFTER)
        places = MAX_UNACKNOWLEDGED + int(flow.min_round_trip / DELAY_PER_CHUNK) - rest
        if rest:
            fits = flow.bytes_in_flight + size <= REST_SHARE * flow.window_bytes
        else:
            fits = flow.bytes_in_flight <= flow.window_bytes
        return flow.chunks_in_flight == 0 or (flow.chunks_in_flight < places and fits)

    def wait_until_sendable(self, give_up: Callable[[], bool], size: int, *, rest: bool) -> bool:
        """Wait until `can_send` allows a chunk of `size` bytes; return False if `give_up` returns True first.

        See `can_send` for `rest`.
        """
        with self._changed:
            while not give_up():
                if self.can_send(size, rest=rest):
                    return True
                self._changed.wait(LOST_AFTER / 4)
        return False

    @property
    def max_chunk_bytes(self) -> float:
        """The maximum size of a chunk, in bytes."""
        return self.flow.window_bytes / MIN_CHUNKS_PER_WINDOW

    # -- messages -----------------------------------------------------------------------------------------------

    def audio(self, samples: Tensor, chunk: ClipChunk) -> Message:
        """Return the message for `samples`, of shape `(channels, time)`; the chunk counts as in flight from now on."""
        number = next(self._numbers)
        scale = int16_scale(samples)
        channels, frames = samples.shape
        header: AudioMessage = {
            **chunk,
            "type": "audio",
            "id": number,
            "channels": channels,
            "count": frames,
            "scale": scale,
        }
        with self._changed:
            self.flow.mark_sent(number, 2 * samples.numel(), time.monotonic())
        return header, [encode_int16(samples, scale)]

    def curves(
        self,
        seq: int,
        named: dict[str, Tensor],
        stages: dict[str, Tensor] | None = None,
        notes: CurveNotes | None = None,
    ) -> Message:
        """Return the message for the curves of the magnitude plot.

        Args:
            seq: The sequence number of the render.
            named: The curves by name; see `fxlab.panel.protocol.CurvesMessage`.
            stages: The curves of the stages by path; None leaves those in the page unchanged.
            notes: The further fields of the message; None leaves those in the page unchanged.
        """
        paths = None if stages is None else list(stages)
        known = CurveNotes() if notes is None else notes
        header: CurvesMessage = {**known, "type": "curves", "seq": seq, "names": list(named), "stage_paths": paths}
        vectors = (*named.values(), *(stages or {}).values())
        return header, [curve.float().contiguous().numpy().tobytes() for curve in vectors]

    def view(self, seq: int, name: str, drawing: Drawing) -> Message:
        """Return the message for the drawing of the view `name`, which belongs to the render `seq`.

        Vectors are sent as float32, except uint8 vectors.
        """
        fields, vectors = drawing
        raw = [key for key, vector in vectors.items() if vector.dtype == torch.uint8]
        header: ViewMessage = {"type": "view", "seq": seq, "view": name, "names": list(vectors), "uint8_names": raw}
        plain = (vector if key in raw else vector.float() for key, vector in vectors.items())
        message = cast(ViewMessage, {**fields, **header})
        return message, [vector.cpu().contiguous().numpy().tobytes() for vector in plain]

    def match(self, seq: int, gain_db: float | None) -> Message:
        """Return the message for the loudness match of the render `seq`, whose chunks were sent without it.

        `gain_db` is the gain that makes the render as loud as the input; None if there is none.
        """
        header: MatchMessage = {"type": "match", "seq": seq, "match_gain_db": gain_db}
        return header, []

    def values(self, seq: int, values: Values, revision: int = 0, *, request_params: bool = False) -> Message:
        """Return the message for new values.

        Args:
            seq: The sequence number of the newest request.
            values: The values by parameter path.
            revision: The revision of the values; see `fxlab.panel.controls.client_values.ClientValues`.
            request_params: Whether the page shall answer with its `params`, for which the sound is then rendered.
        """
        header: ValuesMessage = {
            "type": "values",
            "seq": seq,
            "values": values,
            "revision": revision,
            "request_params": request_params,
        }
        return header, []

    def status(
        self, seq: int, state: RenderState, message: str = "", path: str | None = None, progress: float | None = None
    ) -> Message:
        """Return the message for the state of a render.

        Args:
            seq: The sequence number of the render.
            state: The state.
            message: The error message; empty if there is no error.
            path: The path of the parameter whose value caused the error, if it is known.
            progress: The fraction that is done, from 0 to 1, or None if it is unknown; sent only while rendering.
        """
        header: StatusMessage = {"type": "status", "seq": seq, "state": state, "message": message, "path": path}
        if state == "rendering":
            header["progress"] = progress
        return header, []

    def overview(self, seq: int, overview: Overview, *, dry: bool) -> Message:
        """Return the message for a finished overview of the render `seq`, or of the input if `dry` is true."""
        header: OverviewMessage = {
            "type": "overview",
            "seq": seq,
            "dry": dry,
            "rate": overview.rate,
            "frames": overview.frames,
        }
        return header, [edge.numpy().tobytes() for edge in (overview.low, overview.high)]
