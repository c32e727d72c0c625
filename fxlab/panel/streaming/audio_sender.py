"""`AudioSender`: renders the audio that a page still needs, and sends it."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.panel.rendering.checkpoints import Checkpoints
from fxlab.panel.rendering.continued_render import continue_render
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.mailbox import Mailbox
from fxlab.panel.rendering.progress import Progress
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.streaming.audio_request import AudioRequest, Loop
from fxlab.panel.streaming.chunk_scheduler import ChunkScheduler, ScheduledSound
from fxlab.panel.streaming.continued_playback import ContinuedPlayback
from fxlab.panel.streaming.outbox import Message, Outbox
from fxlab.panel.streaming.unfinished_overviews import UnfinishedOverviews
from fxlab.panel.views import Superseded

AHEAD_SECONDS = 0.6  # seconds of a continued render that a page has before the complete render is computed


class AudioSender:
    """The sender of the newest render and the input; it renders in windows if the module allows it, else completely.

    Args:
        renderer: Renders the audio.
        outbox: Sends the messages.
        mailbox: The pending work, which ends the current render, and the last request of a page for more audio.
    """

    def __init__(self, renderer: Renderer, outbox: Outbox, mailbox: Mailbox) -> None:
        self._renderer, self._outbox, self._mailbox = renderer, outbox, mailbox
        self.scheduler = ChunkScheduler(outbox)
        self.progress = Progress(outbox)
        self._last_good: ScheduledSound | None = None
        self._playhead: tuple[float, Loop] = (0.0, None)
        self._full_render: FullRender | None = None
        self._checkpoints = Checkpoints(renderer)
        self._continued: ContinuedPlayback | None = None
        """The continued render that plays until the complete render is finished; None if there is none."""
        self._overviews = UnfinishedOverviews(outbox)

    # -- a render -----------------------------------------------------------------------------------------------

    def keep_current(self) -> None:
        """Store the current render, so that `revert` can return to it if the next one fails."""
        self._last_good = self.scheduler.wet

    def start_render(self, seq: int, position: float, loop: Loop, *, dry: bool) -> None:
        """Start the render of request `seq` in place of the current one.

        Args:
            seq: The sequence number of the request.
            position: The playhead in seconds.
            loop: The start and the end of the page's loop, in seconds; None if there is no loop.
            dry: Whether the input is sent too.
        """
        self._full_render, self._continued, self._playhead = None, None, (position, loop)
        self._overviews.drop_render()
        self.progress.start(seq)
        self.scheduler.start_render(self._renderer.signal, seq, position, loop, dry=dry)
        if dry:
            self._overviews.start_input(self._renderer.signal)

    def wait_for_capacity(self, give_up: Callable[[], bool]) -> None:
        """Wait until the first chunk of the render may be sent.

        Raises:
            Superseded: `give_up` returned True first.
        """
        wet = self.scheduler.wet
        if wet and not self._outbox.wait_until_sendable(give_up, self._next_chunk_bytes(wet), rest=False):
            raise Superseded

    def render_first_chunk(self, position: float, request: RenderRequest) -> Tensor | None:
        """Return the first chunk, `(channels, time)`, for a playhead at `position` seconds.

        If a page plays and the module cannot be rendered in windows, an earlier render continues with the new values.
        The result is None if the chunk requires a complete render, which is then prepared.
        """
        self._playhead = position, self._playhead[1]
        chunk = self.scheduler.restart_render(*self._playhead).next_chunk(self._outbox.max_chunk_bytes)
        y = self._renderer.render_window(*chunk) if chunk else None
        if y is None and chunk and request.playing:
            y = self._continue_render(request, *chunk)
        if y is None:
            self._full_render = self._new_full_render(sum(chunk or ()))
        return y

    def _continue_render(self, request: RenderRequest, start: int, count: int) -> Tensor | None:
        """Continue an earlier render, and return `count` frames from `start` on; None if no render can be continued."""
        try:
            render = continue_render(self._renderer, self._checkpoints, start)
            if render is None:
                return None
            y = render.read(start, count)
        except Exception:  # the state does not fit the values, or they are invalid, which the complete render reports
            return None
        self._continued = ContinuedPlayback(render, request)
        return y

    @property
    def is_continued(self) -> bool:
        """Whether a continued render is sent until the complete render replaces it."""
        return self._continued is not None

    def send_first_chunk(self, y: Tensor, *messages: Message) -> None:
        """Send `y`, the first chunk of the render, `(channels, time)`, together with `messages`."""
        assert self.scheduler.wet is not None
        self._outbox.send(self._chunk_message(self.scheduler.wet, y), *messages)

    def revert(self) -> None:
        """Return to the render that `keep_current` stored, after the next one failed.

        The module must have the values of that render again.
        """
        self.scheduler.wet, self._full_render, self._continued = self._last_good, None, None

    def release_full_render(self) -> None:
        """Free the memory of the complete render; further audio is then rendered in windows."""
        self._full_render = None

    def full_output(self) -> Tensor:
        """Return the complete output, `(channels, time)`; chunks that are ready are sent in the meantime.

        Raises:
            Superseded: Newer work is pending.
            RenderError: The module fails, or its output cannot be played.
        """
        self._full_render = self._full_render or self._new_full_render()
        self.send_pending()
        return self._full_render.read(0, self._full_render.frames_done)

    def send_pending(self) -> None:
        """Send the remaining chunks, the most urgent first, and render missing audio between them.

        Raises:
            Superseded: Newer work is pending.
            RenderError: The module fails, or its output cannot be played.
        """
        if self.is_continued and self._full_render is None:
            self._full_render = self._new_full_render()
        while not self._mailbox.is_superseded():
            if (request := self._mailbox.take_audio_request()) is not None:
                self._handle_request(request)
            self._restart_if_changed()
            if self._continued and self._full_render and self._full_render.finished:
                self._replace_continued(self._continued, self._full_render.frames_done, self._full_render.channels)
            sound = self.scheduler.next_sound(self._is_rendered)
            unfinished = self._full_render if self._full_render and not self._full_render.finished else None
            if sound is not None and (unfinished is None or self._can_send(sound)):
                self._send_chunk(sound)
            elif unfinished is not None:
                self._advance_full_render(unfinished)
                if self._overviews.is_input_next:  # the overview of the input does not depend on the render
                    self.advance_overview()
            else:
                return
        raise Superseded

    def _new_full_render(self, urgent_stop: int = 0) -> FullRender:
        return FullRender(self._renderer, urgent_stop, self._checkpoints)

    def _restart_if_changed(self) -> None:
        """Begin an unfinished complete render again if the sound, the device or the stages have changed.

        Its chunks are then sent as a new clip.
        """
        full_render, wet = self._full_render, self.scheduler.wet
        if full_render is None or wet is None or full_render.finished or full_render.is_current:
            return
        self.scheduler.start_render(self._renderer.signal, wet.seq, *self._playhead, dry=False)
        self._full_render, self._continued = self._new_full_render(), None

    def _handle_request(self, request: AudioRequest) -> None:
        self.scheduler.handle_request(request)
        if self._continued is not None:
            self._continued.handle_request(request)

    def _replace_continued(self, continued: ContinuedPlayback, frames: int, channels: int) -> None:
        """Schedule the sound again from the playhead on, to be sent from the complete render.

        `frames` and `channels` are the shape of the complete render.
        """
        self._continued = None
        position = continued.playhead_after(self._outbox.flow.min_round_trip / 2)
        self.scheduler.reshape_render(frames, channels, position, continued.loop)

    # -- chunks -------------------------------------------------------------------------------------------------

    def _is_rendered(self, sound: ScheduledSound, start: int, count: int) -> bool:
        """Return whether the chunk of `count` frames from `start` on can be sent now; see `ChunkScheduler.next_sound`.

        A continued render is sent only `AHEAD_SECONDS` and a round trip in advance.
        """
        if sound.dry or self._full_render is None:
            return True
        if self._continued is not None:  # chunks of a continued render are sent again from the complete render
            ahead = AHEAD_SECONDS + self._outbox.flow.median_round_trip
            if self._continued.seconds_ahead >= ahead:
                return False
            if self._continued.render.covers(start):
                return True
        return start + count <= self._full_render.frames_done

    def _next_chunk_bytes(self, sound: ScheduledSound) -> int:
        chunk = sound.next_chunk(self._outbox.max_chunk_bytes)
        return 2 * sound.channels * chunk[1] if chunk else 0

    def _can_send(self, sound: ScheduledSound) -> bool:
        return self._outbox.can_send(self._next_chunk_bytes(sound), rest=True)

    def _send_chunk(self, sound: ScheduledSound) -> None:
        """Send the next chunk of `sound` once the connection has capacity, unless other work has to be done first.

        If the chunk requires a complete render, prepare that instead.
        """
        if not self._outbox.wait_until_sendable(self._mailbox.has_work, self._next_chunk_bytes(sound), rest=True):
            return
        chunk = sound.next_chunk(self._outbox.max_chunk_bytes)
        assert chunk is not None
        start, count = chunk
        if sound.dry:
            samples: Tensor | None = self._renderer.signal.samples[:, start : start + count]
        elif self._continued is not None and self._continued.render.covers(start):
            samples = self._read_continued(self._continued, start, count)
            if samples is None:
                return
        elif self._full_render is not None:
            samples = self._full_render.read(start, count)
        else:
            with SingleThread():
                samples = self._renderer.render_window(start, count)
        if samples is None:
            self._full_render = self._new_full_render(start + count)
        else:
            self._outbox.send(self._chunk_message(sound, samples))

    def _read_continued(self, continued: ContinuedPlayback, start: int, count: int) -> Tensor | None:
        """Return `count` frames of the continued render from `start` on, `(channels, time)`.

        If that fails, return None; the sound is then sent from the complete render.
        """
        try:
            with SingleThread():
                return continued.render.read(start, count)
        except Exception:
            wet = self.scheduler.wet
            assert wet is not None
            self._replace_continued(continued, wet.frames, wet.channels)
            return None

    def _chunk_message(self, sound: ScheduledSound, samples: Tensor) -> Message:
        """Return the message with the next chunk of `sound`, which then counts as sent.

        `samples`, `(channels, time)`, are those of the chunk.
        """
        channels, count = samples.shape
        if self._continued is not None and not sound.dry:
            self._continued.mark_sent(count / sound.rate)
        return self._outbox.audio(samples, sound.mark_sent(channels, count))

    def _advance_full_render(self, full_render: FullRender) -> None:
        """Render the next block of the complete render, and report the progress to the pages.

        If the finished output has another shape than the input, the render is scheduled again with that shape.
        """
        if full_render.progress is None:
            with self.progress.report_indeterminate():
                full_render.advance()
        else:
            full_render.advance()
            self.progress.report(full_render.progress or 0.0)  # None if the stream has turned out to be impossible
        wet = self.scheduler.wet
        shape = full_render.frames_done, full_render.channels
        if full_render.finished and wet and (wet.frames, wet.channels) != shape:
            self.scheduler.reshape_render(*shape, *self._playhead)

    # -- the overview of a long sound ---------------------------------------------------------------------------

    def start_render_overview(self) -> None:
        """Queue the overview of the render, if the page receives only a part of the render."""
        wet = self.scheduler.wet
        if wet:
            read = self._renderer.render_window if self._full_render is None else self._full_render.read
            self._overviews.start_render(wet.frames, wet.rate, wet.channels, read)

    @property
    def has_unfinished_overview(self) -> bool:
        """Whether an overview of the input or of the render is queued."""
        return self._overviews.has_unfinished

    def advance_overview(self) -> None:
        """Compute the next part of the first unfinished overview, and send the overview once it is complete."""
        self._overviews.advance(self.scheduler.wet.seq if self.scheduler.wet else 0)
