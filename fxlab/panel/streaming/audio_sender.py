"""`AudioSender`: renders the audio that the page still needs, and sends it."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.panel.protocol import ClipChunk
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.mailbox import Mailbox
from fxlab.panel.rendering.progress import Progress
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.streaming.audio_request import Loop
from fxlab.panel.streaming.chunk_scheduler import ChunkScheduler, ScheduledSound
from fxlab.panel.streaming.lookahead import lookahead_frames
from fxlab.panel.streaming.outbox import Message, Outbox
from fxlab.panel.streaming.overview import Overview
from fxlab.panel.views import Superseded


class AudioSender:
    """The sender of the newest render and the input; it renders in windows if the module allows it, else completely.

    Args:
        renderer: Renders the audio.
        outbox: Sends the messages.
        mailbox: The newer requests, and a page's request for the audio ahead of its playhead.
    """

    def __init__(self, renderer: Renderer, outbox: Outbox, mailbox: Mailbox) -> None:
        self._renderer, self._outbox, self._mailbox = renderer, outbox, mailbox
        self.scheduler = ChunkScheduler(outbox)
        self.progress = Progress(outbox)
        self._last_good: ScheduledSound | None = None
        self._playhead: tuple[float, Loop] = (0.0, None)
        self._full_render: FullRender | None = None
        self._overviews: list[tuple[Overview, bool]] = []
        """The unfinished overviews, each with True if it is that of the input."""

    # -- a render -----------------------------------------------------------------------------------------------

    def keep_current(self) -> None:
        """Store the current render, so that `revert` can return to it if the next one fails."""
        self._last_good = self.scheduler.wet

    def start_render(self, seq: int, position: float, loop: Loop, *, dry: bool) -> None:
        """Start the render of request `seq` in place of the current one; with `dry` send the input too."""
        self._full_render, self._playhead = None, (position, loop)
        self._overviews = [entry for entry in self._overviews if entry[1]]
        self.progress.start(seq)
        self.scheduler.start_render(self._renderer.signal, seq, position, loop, dry=dry)
        if dry:
            self._start_input_overview()

    def wait_for_capacity(self, give_up: Callable[[], bool]) -> None:
        """Wait until a first chunk may be sent.

        Raises:
            Superseded: `give_up` returned True first.
        """
        wet = self.scheduler.wet
        if wet and not self._outbox.wait_until_sendable(give_up, self._next_chunk_bytes(wet), rest=False):
            raise Superseded

    def render_first_chunk(self, position: float) -> Tensor | None:
        """Return the first chunk for a playhead at `position` seconds; None if it requires a complete render."""
        self._playhead = position, self._playhead[1]
        wet = self.scheduler.restart_render(*self._playhead)
        chunk = wet.next_chunk(self._outbox.max_chunk_bytes)
        y = self._renderer.render_window(*chunk) if chunk else None
        if y is None:
            self._full_render = FullRender(self._renderer, sum(chunk or ()))
        return y

    def send_first_chunk(self, y: Tensor, *messages: Message) -> None:
        """Send the first chunk of the render together with `messages`."""
        assert self.scheduler.wet is not None
        self._outbox.send(self._chunk_message(self.scheduler.wet, y), *messages)

    def revert(self) -> None:
        """Return to the last successful render after the current one failed; the module has its values again."""
        self.scheduler.wet, self._full_render = self._last_good, None

    def release_full_render(self) -> None:
        """Free the complete render, once everything has been sent and windows suffice."""
        self._full_render = None

    def full_output(self) -> Tensor:
        """Return the complete output; chunks that are ready are sent in the meantime.

        Raises:
            Superseded: Newer work is pending.
        """
        full_render = self._full_render = self._full_render or FullRender(self._renderer)
        self.send_pending()
        return full_render.read(0, full_render.frames_done)

    def send_pending(self) -> None:
        """Send the remaining chunks, the most urgent first, and render missing audio between them.

        Raises:
            Superseded: Newer work is pending.
        """
        while not self._mailbox.is_superseded():
            if (request := self._mailbox.take_audio_request()) is not None:
                self.scheduler.handle_request(request)
            sound = self.scheduler.next_sound(self._is_rendered)
            unfinished = self._full_render if self._full_render and not self._full_render.finished else None
            if sound is not None and (unfinished is None or self._can_send(sound)):
                self._send_chunk(sound)
            elif unfinished is not None:
                self._advance_full_render(unfinished)
                if self._overviews and self._overviews[0][1]:  # the overview of the input does not depend on the render
                    self.advance_overview()
            else:
                return
        raise Superseded

    # -- chunks -------------------------------------------------------------------------------------------------

    def _is_rendered(self, sound: ScheduledSound, start: int, count: int) -> bool:
        return sound.dry or self._full_render is None or start + count <= self._full_render.frames_done

    def _next_chunk_bytes(self, sound: ScheduledSound) -> int:
        chunk = sound.next_chunk(self._outbox.max_chunk_bytes)
        return 2 * sound.channels * chunk[1] if chunk else 0

    def _can_send(self, sound: ScheduledSound) -> bool:
        return self._outbox.can_send(self._next_chunk_bytes(sound), rest=True)

    def _send_chunk(self, sound: ScheduledSound) -> None:
        """Send the next chunk of `sound` once the connection has capacity, unless other work has to be done first."""
        if not self._outbox.wait_until_sendable(self._mailbox.has_work, self._next_chunk_bytes(sound), rest=True):
            return
        chunk = sound.next_chunk(self._outbox.max_chunk_bytes)
        assert chunk is not None
        start, count = chunk
        if sound.dry:
            samples: Tensor | None = self._renderer.signal.samples[:, start : start + count]
        elif self._full_render is not None:
            samples = self._full_render.read(start, count)
        else:
            with SingleThread():
                samples = self._renderer.render_window(start, count)
        if samples is None:
            self._full_render = FullRender(self._renderer, start + count)
        else:
            self._outbox.send(self._chunk_message(sound, samples))

    def _chunk_message(self, sound: ScheduledSound, samples: Tensor) -> Message:
        sound.channels, count = samples.shape
        start = sound.chunks.mark_sent(count)
        chunk: ClipChunk = {
            **sound.match_gain,
            "seq": sound.seq,
            "clip": sound.clip_id,
            "dry": sound.dry,
            "rate": sound.rate,
            "frames": sound.frames,
            "start": start,
            "last": not sound.chunks,
        }
        return self._outbox.audio(samples, chunk)

    def _advance_full_render(self, full_render: FullRender) -> None:
        """Render the next block, and report the progress."""
        if full_render.progress is None:
            with self.progress.report_indeterminate():
                full_render.advance()
        else:
            full_render.advance()
            self.progress.report(full_render.progress)
        wet = self.scheduler.wet
        shape = full_render.frames_done, full_render.channels
        if full_render.finished and wet and (wet.frames, wet.channels) != shape:
            self.scheduler.reshape_render(*shape, *self._playhead)

    # -- the overview of a long sound ---------------------------------------------------------------------------

    def _start_input_overview(self) -> None:
        """Queue the overview of the input, if the page receives only a part of the input."""
        signal = self._renderer.signal
        frames, rate = signal.frames, signal.sample_rate
        if lookahead_frames(frames, rate, signal.channels):
            self._overviews = [(Overview(frames, rate, lambda at, n: signal.samples[:, at : at + n]), True)]

    def start_render_overview(self) -> None:
        """Queue the overview of the render, if the page receives only a part of the render."""
        wet = self.scheduler.wet
        if wet and lookahead_frames(wet.frames, wet.rate, wet.channels):
            read = self._renderer.render_window if self._full_render is None else self._full_render.read
            self._overviews.append((Overview(wet.frames, wet.rate, read), False))

    @property
    def has_unfinished_overview(self) -> bool:
        """Whether an overview of the input or of the render is queued and unfinished."""
        return bool(self._overviews)

    def advance_overview(self) -> None:
        """Compute the next part of the first unfinished overview, and send it when it is complete."""
        overview, dry = self._overviews[0]
        with SingleThread():
            overview.advance()
        if not overview.finished:
            return
        del self._overviews[0]
        if overview.is_valid:
            seq = self.scheduler.wet.seq if self.scheduler.wet else 0
            self._outbox.send(self._outbox.overview(seq, overview, dry=dry))
