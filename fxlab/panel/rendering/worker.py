"""`Worker`: the render thread of a panel; it renders the newest values and sends the result to the pages."""

from __future__ import annotations

import time
from collections.abc import Callable

from torch import Tensor

from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.module.parameters.design_cache import cache_designs
from fxlab.panel.plots.view_sender import ViewSender
from fxlab.panel.rendering.mailbox import Task
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.render_thread import RenderThread
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import PendingRender, RenderRequest
from fxlab.panel.streaming.audio_request import AudioRequest
from fxlab.panel.streaming.audio_sender import AudioSender
from fxlab.panel.streaming.outbox import Deliver, Outbox
from fxlab.panel.streaming.remaining_chunks import FIRST_CHUNK_SECONDS, LEAD_IN_SECONDS
from fxlab.panel.views import Superseded, is_any_drawn_from
from fxlab.panel.views.view import is_measurable

SETTLE_SECONDS = 0.2  # seconds without a newer request, after which the rest of a render is computed
ROUND_TRIPS = 1.3  # round trips that the request and the second chunk together spend in transit
SAFETY_MARGIN = 0.05  # seconds between the arrival of a render's second chunk and its playback
DRAG_INTERVAL = 0.06  # seconds: requests closer together belong to one drag, and the newest must supersede the others
IDLE_DELAY = 0.5  # seconds without work after which the worker does its idle work, such as measurements
MAX_POST_WAIT = 0.015  # seconds that `post` may wait for the first chunk to be sent
MAX_EARLY_STAGES = 8  # maximum number of stages whose curves are sent together with the first chunk


class Worker(RenderThread):
    """A thread that renders the newest request, and sends the audio, the curves and the views."""

    def __init__(self, renderer: Renderer, deliver: Deliver) -> None:
        super().__init__()
        self.renderer = renderer
        self.renders = 0
        """The number of renders so far."""
        self.seq = 0
        """The sequence number of the request that is being rendered or was rendered last."""
        self._last_answered: RenderRequest | None = None
        self._last_posted = 0.0
        self._settled_at = 0.0
        self.on_values_applied: Callable[[], None] = lambda: None
        """A function that is called once the values of a request are set and the first chunk, if any, is sent."""
        self._pending: PendingRender | None = None
        self._resume_at_once = False
        self._is_idle = False
        self._unmeasured: RenderRequest | None = None
        self.outbox = Outbox(deliver, self._changed)
        self.audio_sender = AudioSender(renderer, self.outbox, self.mailbox)
        self.view_sender = ViewSender(renderer, self.outbox, self.mailbox)

    # -- called from the kernel's threads: these return almost immediately ------------------------------------

    def post(self, request: RenderRequest, *, dry: bool = False) -> None:
        """Put the newest request into the mailbox; if `dry` is true, the input is sent too.

        `post` waits at most `MAX_POST_WAIT` for the first chunk to be sent. It does not wait on the render thread, if
        the request belongs to a drag, or if the input is sent too. Jupyter tells the page that the kernel is idle as
        soon as `post` returns, and the page then redraws many of its toolbars; the sound should arrive earlier.
        """
        with self._changed:
            self.mailbox.request = request
            self.mailbox.dry = self.mailbox.dry or dry
            self._wake()
            now = time.monotonic()
            is_drag, self._last_posted = now - self._last_posted <= DRAG_INTERVAL, now
            if not (is_drag or dry or self.is_current):
                self._changed.wait_for(lambda: self._last_answered is request or self.mailbox.stopping, MAX_POST_WAIT)

    def send_input_with_next(self) -> None:
        """Send the input together with the render of the next request."""
        with self._changed:
            self.mailbox.dry = True

    def request_audio(self, request: AudioRequest) -> None:
        """Request the audio that a page needs ahead of its playhead.

        The request replaces an earlier audio request, and does not interrupt a render.
        """
        with self._changed:
            self.mailbox.audio_request = request
            self._wake()

    @property
    def has_unsent_render(self) -> bool:
        """Whether any work is pending, or the sound of the last render at the playhead has not been sent."""
        pending = self._pending
        return self.mailbox.has_work() or (pending is not None and not pending.was_sent)

    def measure_when_idle(self, request: RenderRequest) -> None:
        """Schedule a measurement for idle time if the module can be measured; call it on the render thread.

        The measured response, and the views of `request` that are drawn from the measurement, are then sent.
        """
        module = self.renderer.module
        if module.has_output and is_measurable(module):
            self._unmeasured = request

    # -- the thread ---------------------------------------------------------------------------------------------

    def _process(self, tasks: list[Task], request: RenderRequest | None, dry: bool, *, has_work: bool) -> None:
        self._is_idle, self._resume_at_once = not (has_work or self._resume_at_once), False
        try:
            for task in tasks:
                self._run_task(task)
            if request is not None:
                self.renders += 1
                self._render(request, dry)
            elif self._is_idle and self._unmeasured:
                self._measure()
            elif self._is_idle:
                self.audio_sender.advance_overview()
            self._complete()
        except Superseded:
            pass
        except Exception as error:  # the thread must survive any error of a module or a socket
            self._report_failure(error, dry)

    def _run_task(self, task: Task) -> None:
        try:
            task()
        except Exception as error:
            self.outbox.send(self.outbox.status(self.seq, "error", f"{type(error).__name__}: {error}"))

    def _render(self, request: RenderRequest, dry: bool) -> None:
        """Set the values of `request`, and send the first chunk, the curves, and the views drawn from the module alone.

        The rest of the sound is scheduled, and if `dry` is true, so is the input.
        """
        renderer, outbox, sender = self.renderer, self.outbox, self.audio_sender
        self.seq = self.view_sender.seq = request.seq
        self._pending, self._unmeasured = None, None
        sender.keep_current()
        # For a window, a second thread saves no time, and it spins for a while after its work is done; a browser on the
        # same machine needs that core at that moment.
        with SingleThread():
            renderer.move_to(request.device)
            if request.values is not None:
                renderer.apply_values(request.values, request.client, request.revision)
            if changed := renderer.values_changed_elsewhere():
                outbox.send(outbox.values(self.seq, changed, renderer.client_values.revision))
            sender.start_render(self.seq, request.position, request.loop, dry=dry)
            gives_sound = renderer.module.gives_sound
            if not gives_sound:  # the sound stays the same, so that the picture comes first
                self.view_sender.send(request)
            curves, was_sent = self._send_first(request, dry)
            is_known = "response" in curves and "output" in curves
            response = (renderer.frequencies, curves["response"]) if is_known else None
            windowed = was_sent and not sender.is_continued
            self._pending = PendingRender(request, was_sent, windowed, response)
            self.on_values_applied()
            if gives_sound:
                self.view_sender.send(request)
        self._settled_at = time.monotonic() + self._settle_seconds if was_sent and not dry else 0.0

    def _complete(self) -> None:
        """Send the rest of the render, and the results that need the complete output.

        Newer work interrupts the method; if that work is only tasks, the method is called again after them.

        Raises:
            Superseded: Newer work is pending.
        """
        self._wait_until_settled()
        outbox, sender, pending = self.outbox, self.audio_sender, self._pending
        sender.send_pending()
        if pending is None:
            return
        match, wet = self.renderer.loudness_match, sender.scheduler.wet
        mean = self.renderer.mean_response() if pending.response is None else None
        if mean is not None:
            outbox.send(outbox.match(self.seq, match.gain_from_response(self.renderer.frequencies, mean)))
            outbox.send(outbox.curves(self.seq, {"output": self.renderer.input_spectrum() + mean}))
        elif pending.response is None:
            y = sender.full_output()
            outbox.send(outbox.match(self.seq, match.gain_from_output(y)))
            output = self.renderer.output_spectrum(y)
            outbox.send(outbox.curves(self.seq, {} if output is None else {"output": output}))
        elif wet and not wet.match_gain:
            outbox.send(outbox.match(self.seq, match.gain_from_response(*pending.response)))
        if is_any_drawn_from(self.renderer.module, pending.request.views, "output"):
            self.view_sender.send(pending.request, sender.full_output())
        if pending.windowed:
            sender.release_full_render()
        self._pending = None
        outbox.send(outbox.status(self.seq, "idle"))
        sender.start_render_overview()
        self.measure_when_idle(pending.request)

    def _report_failure(self, error: Exception, dry: bool) -> None:
        """Report an error of a render to the pages; the previous render continues to play.

        If `dry` is true, the curves of the input are sent nevertheless.
        """
        failure = error if isinstance(error, RenderError) else RenderError(f"{type(error).__name__}: {error}")
        self._pending, self._resume_at_once = None, failure is error
        self.audio_sender.revert()
        self.outbox.send(self.outbox.status(self.seq, "error", str(failure), failure.path))
        if dry:
            self.outbox.send(self.outbox.curves(self.seq, self.renderer.input_curves(), {}))

    def _send_first(self, request: RenderRequest, dry: bool) -> tuple[dict[str, Tensor], bool]:
        """Send the first chunk and the curves before the rest is computed.

        The frequencies and the curve of the input are included only if `dry` is true, because the page keeps them.

        Returns:
            The curves, and whether a first chunk was sent; if not, the module has to be rendered completely.
        """
        renderer, outbox, sender = self.renderer, self.outbox, self.audio_sender
        sender.wait_for_capacity(lambda: self.mailbox.request is not None or self.mailbox.stopping)
        with cache_designs():
            position = request.playhead_after(outbox.flow.min_round_trip / 2)
            chunk = sender.render_first_chunk(position, request)
            curves, stages = renderer.curves(position)
        # The page keeps the curves that do not change with the values.
        sent = curves if dry else {name: curves[name] for name in curves if name not in ("frequency", "input")}
        wet = sender.scheduler.wet
        # In the first render the input is not measured yet, so the gain is sent after the sound.
        if wet and "output" in curves and renderer.loudness_match.is_measured:
            gain_db = renderer.loudness_match.gain_from_response(renderer.frequencies, curves["response"])
            wet.match_gain = {"match_gain_db": gain_db}
        # The curves of very many stages are sent after the sound.
        stages_late = len(stages) > MAX_EARLY_STAGES
        message = outbox.curves(request.seq, sent, None if stages_late else stages, renderer.curve_notes)
        if chunk is None:
            outbox.send(message)
        else:
            sender.send_first_chunk(chunk, message)
            with self._changed:
                self._last_answered = request
                self._changed.notify_all()
        if stages_late:
            outbox.send(outbox.curves(request.seq, {}, stages, renderer.curve_notes))
        return curves, chunk is not None

    def _measure(self) -> None:
        request, self._unmeasured = self._unmeasured, None
        if request is not None:
            self.view_sender.measure(request)

    def _on_start(self) -> None:
        self.outbox.clear()

    @property
    def _idle_delay(self) -> float | None:
        if self._resume_at_once or (self._has_idle_work and self._is_idle):
            return 0.0
        return IDLE_DELAY if self._has_idle_work else None

    @property
    def _has_idle_work(self) -> bool:
        return self.audio_sender.has_unfinished_overview or self._unmeasured is not None

    @property
    def _settle_seconds(self) -> float:
        """The time without a newer request, in seconds, after which the rest of a render is computed and sent.

        During a drag, therefore, only first chunks are sent. On a slow connection the time is shorter, because the
        second chunk must arrive before the first has been played.
        """
        round_trips = ROUND_TRIPS * self.outbox.flow.median_round_trip
        spare = FIRST_CHUNK_SECONDS - LEAD_IN_SECONDS - round_trips - SAFETY_MARGIN
        return max(0.0, min(SETTLE_SECONDS, spare))

    def _wait_until_settled(self) -> None:
        """Wait for the end of the time in which a newer request is expected.

        Raises:
            Superseded: A newer request or a task has arrived.
        """
        seconds = self._settled_at - time.monotonic()
        if seconds <= 0:
            return
        with self._changed:
            if self.mailbox.wait_for(self.mailbox.is_superseded, seconds):
                raise Superseded
