"""`SendQueue`: the chunks of the input and of the newest render that the page needs, and which one is next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from fxlab.panel.protocol import MatchGain
from fxlab.panel.streaming.outbox import Outbox
from fxlab.panel.streaming.send_order import MAX_CHUNK_SECONDS, SendOrder, lookahead_frames
from fxlab.signal import Signal

Loop = tuple[float, float] | None
"""The start and the end of the loop, in seconds; None if the sound plays to its end."""

RENDER_HEAD_START = 1.0  # seconds by which the render is sent ahead of the input, which is seldom played


@dataclass(frozen=True)
class AudioRequest:
    """A page's request for more audio, when little is buffered ahead of its playhead or after a seek; in seconds."""

    position: float
    loop: Loop
    wet: float
    """The seconds of the newest render that the page has from `position` on."""
    dry: float
    """The seconds of the input that the page has from `position` on."""


@dataclass
class QueuedSound:
    """The input or a render that is being sent to the page; `clip_id` identifies its chunks."""

    clip_id: int
    seq: int
    dry: bool
    frames: int
    channels: int
    rate: float
    order: SendOrder
    match_gain: MatchGain = field(default_factory=MatchGain)
    """The loudness match of a filter's render, which is sent with each chunk."""

    def next_chunk(self, max_bytes: float) -> tuple[int, int] | None:
        """Return `(start, count)` of the next chunk, of at most `max_bytes` where a first chunk is not larger."""
        return self.order.peek(min(MAX_CHUNK_SECONDS, max_bytes / (2 * self.channels * self.rate)))


class SendQueue:
    """The render and the input that are being sent to the page.

    Chunks after the playhead come first; a long sound is sent only up to the lookahead.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._clip_ids = count(1)
        self._signal: Signal | None = None
        self.wet: QueuedSound | None = None
        self.dry: QueuedSound | None = None

    def start_render(self, signal: Signal, seq: int, position: float, loop: Loop, *, dry: bool) -> None:
        """Queue a new render of `signal` in place of the previous one; with `dry` queue the input too."""
        frames, channels, rate = signal.frames, signal.channels, signal.sample_rate
        order = _send_order(frames, channels, rate, position, loop)
        self.wet = QueuedSound(next(self._clip_ids), seq, False, frames, channels, rate, order)
        if dry:
            previous = self.dry if signal is self._signal else None
            clip_id = previous.clip_id if previous else next(self._clip_ids)
            self._signal = signal
            order = _send_order(frames, channels, rate, position, loop)
            self.dry = QueuedSound(clip_id, seq, True, frames, channels, rate, order)

    def restart_render(self, position: float, loop: Loop) -> QueuedSound:
        """Reorder the chunks of the render to start at `position`; none of them may have been sent yet."""
        assert self.wet is not None
        wet = self.wet
        wet.order = _send_order(wet.frames, wet.channels, wet.rate, position, loop)
        return wet

    def reshape_render(self, frames: int, channels: int, position: float, loop: Loop) -> None:
        """Queue the render anew with its actual shape, which differs from that of the input."""
        assert self.wet is not None
        seq, rate = self.wet.seq, self.wet.rate
        order = _send_order(frames, channels, rate, position, loop)
        self.wet = QueuedSound(next(self._clip_ids), seq, False, frames, channels, rate, order)

    def handle_request(self, request: AudioRequest) -> None:
        """Queue the chunks that a page lacks ahead of its playhead."""
        for sound, available in ((self.wet, request.wet), (self.dry, request.dry)):
            if sound is None:
                continue
            position, rate = int(request.position * sound.rate), sound.rate
            limit = lookahead_frames(sound.frames, rate, sound.channels)
            if limit is None and sound.order:
                sound.order.seek(position)
                continue
            limit = limit or sound.frames
            skip = int(min(available * rate, limit)) if available > 0 else None
            if skip is None or skip < limit:
                loop = _loop_frames(request.loop, rate)
                sound.order = SendOrder(sound.frames, position, rate, sound.channels, loop=loop, skip=skip, limit=limit)

    def next_sound(self, is_rendered: Callable[[QueuedSound, int, int], bool]) -> QueuedSound | None:
        """Return the sound whose next chunk is needed first, among those for whose next chunk `is_rendered` is true."""
        earliest = None
        for sound, delay in ((self.wet, 0.0), (self.dry, RENDER_HEAD_START)):
            chunk = sound.next_chunk(self._outbox.max_chunk_bytes) if sound else None
            if sound is None or chunk is None or not is_rendered(sound, *chunk):
                continue
            deadline = sound.order.frames_ahead / sound.rate + delay
            if earliest is None or deadline < earliest[0]:
                earliest = (deadline, sound)
        return None if earliest is None else earliest[1]


def _send_order(frames: int, channels: int, rate: float, position: float, loop: Loop) -> SendOrder:
    limit = lookahead_frames(frames, rate, channels)
    return SendOrder(frames, int(position * rate), rate, channels, loop=_loop_frames(loop, rate), limit=limit)


def _loop_frames(loop: Loop, rate: float) -> tuple[int, int] | None:
    return None if loop is None else (round(loop[0] * rate), round(loop[1] * rate))
