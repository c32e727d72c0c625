"""The render worker: a one-slot mailbox and one thread. The newest values win; what they overtake is dropped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab.module.reading import designed_once
from fxlab.panel.encode import spans
from fxlab.panel.line import Line, Send
from fxlab.panel.render import Fault, Renderer
from fxlab.panel.views import VIEWS, Axes

SETTLE = 0.2  # seconds without a newer request after which the rest of a render is worth its while
DRAG = 0.06  # seconds: requests closer together are one drag, whose newest must overtake the others
LINGER = 0.015  # seconds that `post` may wait for the first piece to be out
MOST_AT_ONCE = 8  # curves of stages that go out with what is heard next
IDLE = 10.0  # seconds without a request after which the thread ends: a page that vanishes cannot say so


@dataclass(frozen=True)
class Request:
    """What the browser asked for last."""

    seq: int
    values: dict[str, Any]
    position: float
    device: str
    views: tuple[str, ...] = ()
    """Those of `panel/views` that a page has open."""


class Overtaken(Exception):  # noqa: N818 - no error
    """A newer request came, or nobody listens any more: this render need not go on."""


class Worker:
    """Renders the newest request on a thread of its own and sends what it made.

    The thread lives while somebody listens: `post` starts it, and it ends with `stop` or when nobody asked for long.
    """

    def __init__(self, renderer: Renderer, send: Send) -> None:
        self.renderer = renderer
        self.renders = 0
        self.seq = 0
        """The number of the render that is made, or was made last."""
        self._changed = threading.Condition()
        self._request: Request | None = None
        self._answered: Request | None = None
        self._posted = 0.0
        self._dry_wanted = False
        self._tasks: list[Callable[[], None]] = []
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.line = Line(send, self._changed)

    # -- called from the kernel's threads: return at once, or nearly ---------------------------------------------

    def post(self, request: Request, *, dry: bool = False) -> None:
        """Put the newest request into the mailbox; with `dry` the input is to be sent too.

        After a rest, not within a drag, it waits a moment for what is heard next to be out. Jupyter tells the page that
        the kernel is idle as soon as this returns, and the page then redraws half of its tool bars: that should follow
        the sound, not precede it.
        """
        with self._changed:
            self._request = request
            self._dry_wanted = self._dry_wanted or dry
            self._wake()
            now = time.monotonic()
            rested, self._posted = now - self._posted > DRAG, now
            if rested and not dry:
                self._changed.wait_for(lambda: self._answered is request or self._stopping, LINGER)

    def do(self, task: Callable[[], None]) -> None:
        """Run `task` on the thread before the next render; none is dropped, and they keep their order."""
        with self._changed:
            self._tasks.append(task)
            self._wake()

    def _wake(self) -> None:
        self._stopping = False
        if self._thread is None or not self._thread.is_alive():
            self.line.clear()
            self._thread = threading.Thread(target=self._run, name="fxlab-render", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def stop(self, wait: float = 0.0) -> None:
        """End the thread; `post` starts another."""
        with self._changed:
            self._stopping = True
            thread = self._thread
            self._changed.notify_all()
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(wait)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    # -- the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                asked = self._changed.wait_for(self._overtaken, IDLE)
                if self._stopping or not asked:
                    self._thread = None
                    return
                tasks, self._tasks = self._tasks, []
                if not tasks:
                    request, self._request = self._request, None
                    dry, self._dry_wanted = self._dry_wanted, False
            if tasks:
                for task in tasks:
                    task()
                continue
            assert request is not None
            self.renders += 1
            try:
                self._render(request, dry)
            except Overtaken:
                continue
            except Exception as error:  # the thread must outlive whatever a module or a socket does
                self.line.say(self.line.status(request.seq, "error", f"{type(error).__name__}: {error}"))

    def _render(self, request: Request, dry: bool) -> None:
        renderer, line, seq = self.renderer, self.line, request.seq
        self.seq = seq
        source = renderer.signal.samples
        position = int(request.position * self._rate)
        pieces = list(spans(source.shape[1], position, self._rate, source.shape[0]))
        try:
            with alone():
                renderer.move(request.device)
                renderer.adopt(request.values)
                if strays := renderer.strays():
                    line.say(line.values(seq, strays))
                curves, sent = self._begin(request, pieces, dry)
                self.show(request.views)
            if sent:
                self._settle()
                sent += self._follow(seq, pieces)
            y = renderer.whole()
            if dry:
                self._send_sound(source, seq, pieces, dry=True)
            if y.shape != source.shape:  # a reverb's tail makes it longer than the input
                pieces, sent = list(spans(y.shape[-1], position, self._rate, y.shape[0])), 0
            self._send_sound(y, seq, pieces, sent=sent)
            if "output" not in curves and not self._overtaken():
                heard = renderer.output_spectrum(y)
                line.say(line.curves(seq, {} if heard is None else {"output": heard}))
            self.show(request.views, y)
            line.say(line.status(seq, "idle"))
        except Fault as fault:
            line.say(line.status(seq, "error", str(fault), fault.path))
            if dry:  # a page that opens on a fault still gets the input to see and to play
                line.say(line.curves(seq, renderer.backdrop(), {}))
                self._send_sound(source, seq, pieces, dry=True)

    def _begin(self, request: Request, pieces: list[tuple[int, int]], dry: bool) -> tuple[dict[str, Tensor], int]:
        """What is heard next goes out first, before the rest is even computed: the curves, and how many pieces went."""
        renderer, line, seq = self.renderer, self.line, request.seq
        with designed_once():
            ahead = None if dry else renderer.window(*pieces[0])
            curves, stages = renderer.curves()
        # The page keeps what a move does not change.
        news = curves if dry else {name: curves[name] for name in curves if name not in ("frequency", "input")}
        # What has very many parts says them after the sound.
        late = len(stages) > MOST_AT_ONCE
        shown = line.curves(seq, news, None if late else stages, renderer.notes)
        if ahead is None:
            line.say(shown)
        else:
            self._make_room(self._stopped)
            line.say(line.piece(ahead, pieces[0][0], renderer.signal.frames, self._rate, seq), shown)
            with self._changed:
                self._answered = request
                self._changed.notify_all()
        if late:
            line.say(line.curves(seq, {}, stages, renderer.notes))
        return curves, int(ahead is not None)

    def look(self, axes: Axes, views: tuple[str, ...]) -> None:
        """The page shows another part of an axis: it gets the curves and the views for that."""
        renderer, line = self.renderer, self.line
        if axes == renderer.axes:
            return  # of several that came one after another, the newest was drawn
        renderer.look(axes)
        with designed_once():
            curves, stages = renderer.curves()
            heard = None if "output" in curves else renderer.output_spectrum()
            if heard is not None:
                curves["output"] = heard
            line.say(line.curves(self.seq, curves, stages, renderer.notes))
            self.show(views)

    def show(self, views: tuple[str, ...], y: Tensor | None = None) -> None:
        """Send what those of `views` draw that need no output; with the output `y` those that do."""
        drawn = [name for name in views if name in VIEWS and VIEWS[name].heard == (y is not None)]
        for name in drawn:
            if y is not None and self._overtaken():
                raise Overtaken
            self.line.say(self.line.view(self.seq, name, self.renderer.drawing(name, y)))

    def _follow(self, seq: int, pieces: list[tuple[int, int]]) -> int:
        """Send the second piece, so that the sound does not run dry however long the whole takes; how many went."""
        if len(pieces) < 3:
            return 0
        with alone():
            part = self.renderer.window(*pieces[1])
        if part is None:
            return 0
        self._make_room(self._overtaken, spare=1)
        self.line.say(self.line.piece(part, pieces[1][0], self.renderer.signal.frames, self._rate, seq))
        return 1

    def _send_sound(
        self, x: Tensor, seq: int, pieces: list[tuple[int, int]], *, dry: bool = False, sent: int = 0
    ) -> None:
        """Send `x` piece by piece, but for those that were `sent`; a dry sound to its end, whatever comes."""
        for place, (start, size) in enumerate(pieces[sent:], sent):
            # The rest of a render leaves one place free, so that the first piece of the next never queues behind it.
            rest = not dry and place > 0
            self._make_room(self._overtaken if rest else self._stopped, spare=int(rest))
            last = place == len(pieces) - 1
            part = x[:, start : start + size]
            self.line.say(self.line.piece(part, start, x.shape[-1], self._rate, seq, dry=dry, last=last))

    def _make_room(self, give_up: Callable[[], bool], spare: int = 0) -> None:
        if not self.line.room(give_up, spare):
            raise Overtaken

    @property
    def _rate(self) -> float:
        return self.renderer.signal.sample_rate

    def _stopped(self) -> bool:
        return self._stopping

    def _overtaken(self) -> bool:
        return self._request is not None or bool(self._tasks) or self._stopping

    def _settle(self) -> None:
        """Wait until the hand rests, so that a drag has the processor and the line for what is heard next."""
        with self._changed:
            if self._changed.wait_for(self._overtaken, SETTLE):
                raise Overtaken


@contextmanager
def alone() -> Iterator[None]:
    """Compute on this thread only.

    For a window a second thread gains nothing, and spins for a while when it is done; a browser on the same machine
    needs that core just then. PyTorch counts threads for each thread that calls it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
