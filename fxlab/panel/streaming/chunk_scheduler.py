"""`ChunkScheduler`: decides which chunk of which sound, the newest render or the input, is sent next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from fxlab.panel.protocol import ClipChunk, MatchGain
from fxlab.panel.streaming.audio_request import AudioRequest, Loop
from fxlab.panel.streaming.lookahead import lookahead_frames
from fxlab.panel.streaming.outbox import Outbox
from fxlab.panel.streaming.remaining_chunks import MAX_CHUNK_SECONDS, RemainingChunks
from fxlab.signal import Signal

RENDER_HEAD_START = 1.0  # seconds by which the render is sent ahead of the input, which is seldom played


@dataclass
class ScheduledSound:
    """The input or a render, which is being sent to the pages."""

    clip_id: int
    """The number that all chunks of this sound share."""
    seq: int
    """The sequence number of the request with which the sound was scheduled."""
    dry: bool
    """Whether it is the input."""
    frames: int
    """The length of the sound, in frames."""
    channels: int
    rate: float
    """The sample rate in Hz."""
    chunks: RemainingChunks
    match_gain: MatchGain = field(default_factory=MatchGain)
    """The loudness match of a filter's render, which is sent with each chunk."""

    def next_chunk(self, max_bytes: float) -> tuple[int, int] | None:
        """Return the first frame and the number of frames of the next chunk, or None if none remains.

        The chunk has at most `max_bytes`, or the size of a first chunk if that is larger.
        """
        return self.chunks.peek(min(MAX_CHUNK_SECONDS, max_bytes / (2 * self.channels * self.rate)))

    def mark_sent(self, channels: int, count: int) -> ClipChunk:
        """Return the fields of the message for the next chunk, which counts as sent from now on.

        Args:
            channels: The number of channels of the chunk, which becomes that of the sound.
            count: The number of its frames.
        """
        self.channels = channels
        start = self.chunks.mark_sent(count)
        return {
            **self.match_gain,
            "seq": self.seq,
            "clip": self.clip_id,
            "dry": self.dry,
            "rate": self.rate,
            "frames": self.frames,
            "start": start,
            "last": not self.chunks,
        }


class ChunkScheduler:
    """The scheduler of the chunks of the newest render and of the input.

    Chunks after the playhead come first; of a long sound, only `lookahead_frames` frames are sent. Positions and
    loops are in seconds. The attributes `wet` and `dry` are the render and the input; each is None until it has been
    scheduled.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._clip_ids = count(1)
        self._signal: Signal | None = None
        self.wet: ScheduledSound | None = None
        self.dry: ScheduledSound | None = None

    def start_render(self, signal: Signal, seq: int, position: float, loop: Loop, *, dry: bool) -> None:
        """Schedule a new render of `signal`, for request `seq`, in place of the previous one.

        If `dry` is true, the input is scheduled too.
        """
        frames, channels, rate = signal.frames, signal.channels, signal.sample_rate
        chunks = _remaining_chunks(frames, channels, rate, position, loop)
        self.wet = ScheduledSound(next(self._clip_ids), seq, False, frames, channels, rate, chunks)
        if dry:
            previous = self.dry if signal is self._signal else None
            clip_id = previous.clip_id if previous else next(self._clip_ids)
            self._signal = signal
            chunks = _remaining_chunks(frames, channels, rate, position, loop)
            self.dry = ScheduledSound(clip_id, seq, True, frames, channels, rate, chunks)

    def restart_render(self, position: float, loop: Loop) -> ScheduledSound:
        """Schedule the chunks of the render from `position` on, and return the render.

        Call it before any of the chunks has been sent.
        """
        assert self.wet is not None
        wet = self.wet
        wet.chunks = _remaining_chunks(wet.frames, wet.channels, wet.rate, position, loop)
        return wet

    def reshape_render(self, frames: int, channels: int, position: float, loop: Loop) -> None:
        """Schedule the render again, as a new clip, with its actual shape, which may differ from that of the input."""
        assert self.wet is not None
        seq, rate = self.wet.seq, self.wet.rate
        chunks = _remaining_chunks(frames, channels, rate, position, loop)
        self.wet = ScheduledSound(next(self._clip_ids), seq, False, frames, channels, rate, chunks)

    def handle_request(self, request: AudioRequest) -> None:
        """Schedule the chunks that a page lacks ahead of its playhead, in both the render and the input."""
        for sound, available in ((self.wet, request.wet), (self.dry, request.dry)):
            if sound is None:
                continue
            position, rate = int(request.position * sound.rate), sound.rate
            limit = lookahead_frames(sound.frames, rate, sound.channels)
            if limit is None and sound.chunks:
                sound.chunks.seek(position)
                continue
            limit = limit or sound.frames
            skip = int(min(available * rate, limit)) if available > 0 else None
            if skip is None or skip < limit:
                loop = _loop_frames(request.loop, rate)
                sound.chunks = RemainingChunks(
                    sound.frames, position, rate, sound.channels, loop=loop, skip=skip, limit=limit
                )

    def next_sound(self, is_rendered: Callable[[ScheduledSound, int, int], bool]) -> ScheduledSound | None:
        """Return the sound whose next chunk is needed first; None if no chunk is ready to be sent.

        `is_rendered(sound, start, count)` returns whether the chunk of `count` frames from `start` on is ready.
        """
        earliest = None
        for sound, delay in ((self.wet, 0.0), (self.dry, RENDER_HEAD_START)):
            chunk = sound.next_chunk(self._outbox.max_chunk_bytes) if sound else None
            if sound is None or chunk is None or not is_rendered(sound, *chunk):
                continue
            deadline = sound.chunks.frames_ahead / sound.rate + delay
            if earliest is None or deadline < earliest[0]:
                earliest = (deadline, sound)
        return None if earliest is None else earliest[1]


def _remaining_chunks(frames: int, channels: int, rate: float, position: float, loop: Loop) -> RemainingChunks:
    limit = lookahead_frames(frames, rate, channels)
    return RemainingChunks(frames, int(position * rate), rate, channels, loop=_loop_frames(loop, rate), limit=limit)


def _loop_frames(loop: Loop, rate: float) -> tuple[int, int] | None:
    return None if loop is None else (round(loop[0] * rate), round(loop[1] * rate))
