"""The render worker: one thread, and what it makes of what is in its mailbox. The newest values win."""

from __future__ import annotations

import time
from collections.abc import Callable

from torch import Tensor

from fxlab.errors import describe_error
from fxlab.module.parameters.scope import designed_once
from fxlab.panel.plots.view_sender import ViewSender
from fxlab.panel.rendering.mailbox import Task
from fxlab.panel.rendering.render_thread import RenderThread
from fxlab.panel.rendering.renderer import Fault, Renderer
from fxlab.panel.rendering.request import Request, Unfinished
from fxlab.panel.streaming.audio_sender import AudioSender, alone
from fxlab.panel.streaming.outbox import Outbox, Send
from fxlab.panel.streaming.send_order import FIRST, LEAD_IN
from fxlab.panel.streaming.send_queue import Ask
from fxlab.panel.views import Overtaken, heard, waiting
from fxlab.panel.views.view import measurable

SETTLE = 0.2  # seconds without a newer request after which the rest of a render is worth its while
ROUNDS = 1.3  # times that a piece takes: the way of the move to the kernel, and of the second piece to the page
HASTE = 0.05  # seconds that the second piece of a render comes before it is heard
DRAG = 0.06  # seconds: requests closer together are one drag, whose newest must overtake the others
REST = 0.5  # seconds of quiet after which the worker looks at what the page does not need at once
LINGER = 0.015  # seconds that `post` may wait for the first piece to be out
MOST_AT_ONCE = 8  # curves of stages that go out with what is heard next


class Worker(RenderThread):
    """Renders the newest request on a thread of its own and sends what it made."""

    def __init__(self, renderer: Renderer, send: Send) -> None:
        super().__init__()
        self.renderer = renderer
        self.renders = 0
        self.seq = 0
        """The number of the render that is made, or was made last."""
        self._answered: Request | None = None
        self._posted = 0.0
        self.adopted: Callable[[], None] = lambda: None
        """Called when the values of a request are set, and heard if they can be."""
        self._open: Unfinished | None = None
        self._owing = False
        self._leisure = False
        self._unmeasured: Request | None = None
        self.line = Outbox(send, self._changed)
        self.delivery = AudioSender(renderer, self.line, self.mail)
        self.pictures = ViewSender(renderer, self.line, self.mail)

    # -- called from the kernel's threads: return at once, or nearly ---------------------------------------------

    def post(self, request: Request, *, dry: bool = False) -> None:
        """Put the newest request into the mailbox; with `dry` the input is to be sent too.

        After a rest, not within a drag, it waits a moment for what is heard next to be out. Jupyter tells the page that
        the kernel is idle as soon as this returns, and the page then redraws half of its tool bars: that should follow
        the sound, not precede it.
        """
        with self._changed:
            self.mail.request = request
            self.mail.dry = self.mail.dry or dry
            self._wake()
            now = time.monotonic()
            rested, self._posted = now - self._posted > DRAG, now
            if rested and not dry and not self.is_current:
                self._changed.wait_for(lambda: self._answered is request or self.mail.stopping, LINGER)

    def owe_input(self) -> None:
        """With the next request the input is to be sent too."""
        with self._changed:
            self.mail.dry = True

    def ask(self, ask: Ask) -> None:
        """A page says what lies before its playhead; the newest wins, and it overtakes no render."""
        with self._changed:
            self.mail.ask = ask
            self._wake()

    def measure(self, request: Request) -> None:
        """On the thread: measure what has no response when nobody asks for anything else."""
        module = self.renderer.module
        if heard(module) and measurable(module):
            self._unmeasured = request

    # -- the thread ---------------------------------------------------------------------------------------------

    def _round(self, tasks: list[Task], request: Request | None, dry: bool, *, called: bool) -> None:
        self._leisure, self._owing = not (called or self._owing), False
        try:
            for task in tasks:
                self._do(task)
            if request is not None:
                self.renders += 1
                self._render(request, dry)
            elif self._leisure and self._unmeasured:
                self._measure()
            elif self._leisure:
                self.delivery.look()
            self._finish()
        except Overtaken:
            pass
        except Exception as error:  # the thread must outlive whatever a module or a socket does
            self._fail(error, dry)

    def _do(self, task: Task) -> None:
        try:
            task()
        except Exception as error:
            self.line.say(self.line.status(self.seq, "error", describe_error(error)))

    def _render(self, request: Request, dry: bool) -> None:
        """Set the values and send what is heard next, and the curves."""
        renderer, line, delivery = self.renderer, self.line, self.delivery
        self.seq = self.pictures.seq = request.seq
        self._open, self._unmeasured = None, None
        delivery.keep()
        with alone():
            renderer.move(request.device)
            if request.values is not None:
                renderer.adopt(request.values, request.client, request.revision)
            if strays := renderer.strays():
                line.say(line.values(self.seq, strays, renderer.shown.revision))
            delivery.begin(self.seq, request.position, request.loop, dry=dry)
            curves, begun = self._begin(request, dry)
            response = (renderer.frequencies, curves["response"]) if "response" in curves else None
            self._open = Unfinished(request, begun, response)
            self.adopted()
            self.pictures.show(request)
        if begun and not dry:
            self._settle()

    def _finish(self) -> None:
        """Send the rest, and what only the whole output tells; a task may come between and it goes on after it."""
        line, delivery, open_ = self.line, self.delivery, self._open
        delivery.serve()
        if open_ is None:
            return
        match, wet = self.renderer.match, delivery.supply.wet
        if open_.response is None:
            y = delivery.output()
            line.say(line.match(self.seq, match.of_output(y)))
            output = self.renderer.output_spectrum(y)
            line.say(line.curves(self.seq, {} if output is None else {"output": output}))
        elif wet and not wet.told:
            line.say(line.match(self.seq, match.of_response(*open_.response)))
        if waiting(self.renderer.module, open_.request.views):
            self.pictures.show(open_.request, delivery.output())
        if open_.windows:
            delivery.end()
        self._open = None
        line.say(line.status(self.seq, "idle"))
        delivery.survey()
        self.measure(open_.request)

    def _fail(self, error: Exception, dry: bool) -> None:
        """Say what went wrong; the render before goes on, and a page that opens on a fault still gets the input."""
        fault = error if isinstance(error, Fault) else Fault(describe_error(error))
        self._open, self._owing = None, fault is error
        self.delivery.fail()
        self.line.say(self.line.status(self.seq, "error", str(fault), fault.path))
        if dry:
            self.line.say(self.line.curves(self.seq, self.renderer.backdrop(), {}))

    def _begin(self, request: Request, dry: bool) -> tuple[dict[str, Tensor], bool]:
        """What is heard next goes out first, before the rest is even computed: the curves, and whether sound went."""
        renderer, line = self.renderer, self.line
        self.delivery.make_room(lambda: self.mail.request is not None or self.mail.stopping)
        with designed_once():
            ahead = self.delivery.first(request.playhead(line.link.base / 2))
            curves, stages = renderer.curves()
        # The page keeps what a move does not change.
        news = curves if dry else {name: curves[name] for name in curves if name not in ("frequency", "input")}
        wet = self.delivery.supply.wet
        # At first the input would have to be measured: then the match is told when the sound is out.
        if wet and "response" in curves and renderer.match.ready:
            wet.told = {"match_gain_db": renderer.match.of_response(renderer.frequencies, curves["response"])}
        # What has very many parts says them after the sound.
        late = len(stages) > MOST_AT_ONCE
        shown = line.curves(request.seq, news, None if late else stages, renderer.notes)
        if ahead is None:
            line.say(shown)
        else:
            self.delivery.send_first(ahead, shown)
            with self._changed:
                self._answered = request
                self._changed.notify_all()
        if late:
            line.say(line.curves(request.seq, {}, stages, renderer.notes))
        return curves, ahead is not None

    def _measure(self) -> None:
        request, self._unmeasured = self._unmeasured, None
        if request is not None:
            self.pictures.measure(request)

    def _starts(self) -> None:
        self.line.clear()

    @property
    def _pause(self) -> float | None:
        if self._owing or (self._later and self._leisure):
            return 0.0
        return REST if self._later else None

    @property
    def _later(self) -> bool:
        """Whether there is something to do when all is quiet."""
        return self.delivery.surveying or self._unmeasured is not None

    def _settle(self) -> None:
        """Wait until the hand rests, so that a drag has the processor and the line for what is heard next.

        On a slow line not quite as long: what comes next must be there before the first piece has been played.
        """
        spare = FIRST - LEAD_IN - ROUNDS * self.line.link.usual - HASTE
        with self._changed:
            if self.mail.wait(self.mail.overtaken, max(0.0, min(SETTLE, spare))):
                raise Overtaken
