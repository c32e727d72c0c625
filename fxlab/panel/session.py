"""`Session`: what the pages say to a panel, and what they are told."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from fxlab.errors import ParameterError, describe_error
from fxlab.module import Module
from fxlab.module.parameters.observers import ParameterObserver
from fxlab.panel.commands import COMMANDS
from fxlab.panel.controls import spec as specification
from fxlab.panel.editing.editor import Editor
from fxlab.panel.editing.snapshot import Snapshot
from fxlab.panel.front_end import fingerprint, packed
from fxlab.panel.protocol import EditorMessage, EditorState
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.rendering.worker import Worker
from fxlab.panel.streaming.send_queue import AudioRequest
from fxlab.panel.views import Axes, Superseded, initial_views, is_any_drawn_from, view_tabs

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


class Session:
    """Between the pages, the worker that renders for them, and the desk that keeps what is done.

    Args:
        panel: The widget, by which messages come and go.
        renderer: What it plays.
        views: Those to open at first, as a panel is asked for them.
    """

    def __init__(self, panel: Panel, renderer: Renderer, views: str | Sequence[str] | None) -> None:
        self._panel, self.renderer = panel, renderer
        self.worker = Worker(renderer, panel.deliver)
        self._clients: set[str] = set()
        self._left: set[str] = set()
        self._axes: Axes = {}
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        self._last = RenderRequest(0, None, 0.0, renderer.device, initial_views(views, renderer.module))
        self.desk = Editor(renderer, self.edit)
        self._desk_told: EditorState | None = None
        self._from_page = self._noticed = False
        self._observer = ParameterObserver(self._notice)
        self._observer.observe(_parts(renderer.module))
        # What the pages were told last; None since a hand has moved.
        self._seen: Snapshot | None = self.desk.history.present.snapshot
        self.worker.on_values_applied = self._note

    @property
    def views(self) -> tuple[str, ...]:
        """Those that are open."""
        return self._last.views

    def close(self) -> None:
        """End it, and the thread."""
        self._clients.clear()
        self._observer.close()
        self.worker.stop(wait=1.0)

    # -- the browser speaks -------------------------------------------------------------------------------------

    def move(self, change: dict[str, Any]) -> None:
        """A slider moved: leave the newest values in the mailbox and return, whatever thread this is."""
        message = change["new"]
        if not message:
            return
        self.worker.outbox.acknowledge(message.get("received", []), message.get("ack_delays", []))
        with self._lock:
            self._last = RenderRequest(
                seq=int(message.get("seq", 0)),
                values=dict(message.get("values", {})),
                device=str(message.get("device") or self._last.device),
                views=tuple(message.get("views", self._last.views)),
                client=str(message.get("client", "")),
                revision=message.get("revision"),
                options=self._last.options,
                **_place(message),
            )
        if self._clients or self._last.client not in self._left:
            self.worker.post(self._last)
        else:  # ipywidgets held it back, and its page has gone meanwhile: it counts, but nobody hears it
            self.worker.stop(wait=1.0)
            self.worker.run(self._adopt_last)

    def hear(self, _widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """A page said something that is no move, in the words of docs/panel-protocol.md."""
        kind = content.get("type")
        if kind == "ack":
            self.worker.outbox.acknowledge(content["received"], content.get("ack_delays", []))
        elif kind == "buffered":
            self._update(**_place(content))
            wet, dry = (_seconds(content, name) for name in ("wet", "dry"))
            self.worker.request_audio(AudioRequest(self._last.position, self._last.loop, wet, dry))
        elif kind == "ping":
            self._panel.deliver({"type": "pong"}, [])
        elif kind == "bundle":
            self._panel.deliver({"type": "bundle", "hash": fingerprint()}, [packed("panel.js")])
        elif kind == "ready":
            self._clients.add(str(content.get("client")))
            views = tuple(content.get("views", self._last.views))
            self._axes, options = dict(content.get("axes", {})), dict(content.get("options", {}))
            self.worker.submit(partial(self.renderer.set_axes, self._axes))
            self._update(views=views, options=options, **_place(content))
            # A page opened: it gets the values as they are, the input, and a whole render.
            self.worker.submit(partial(self.renew, dry=True))
        elif kind == "views":
            options = dict(content.get("options", {}))
            self._update(views=tuple(content["views"]), options=options)
            if not self._asked:
                self.worker.submit(self._show)
            self._asked.update(content.get("changed", content["views"]))
        elif kind == "axes":
            self._axes = dict(content["axes"])
            self.worker.submit(self._reframe)
        elif kind in ("command", "query"):
            self.worker.submit(partial(self._obey, content, list(buffers or [])))
        elif kind == "closed":
            self._clients.discard(str(content.get("client")))
            self._left.add(str(content.get("client")))
            self.renderer.client_values.forget(str(content.get("client")))
            if not self._clients:
                self.worker.stop()

    def _show(self) -> None:
        """A page opened a view, or wants another part of one: it gets what it draws now."""
        asked, self._asked = self._asked, set()
        request = replace(self._last, views=tuple(name for name in self._last.views if name in asked))
        self.worker.view_sender.send(request)
        if is_any_drawn_from(self.renderer.module, request.views, "measurement"):
            self.worker.measure_when_idle(self._last)
        if is_any_drawn_from(self.renderer.module, request.views, "output"):
            try:
                self.worker.view_sender.send(request, self.worker.audio_sender.full_output())
            except (RenderError, Superseded):  # the one is on the page already, and what overtakes draws them too
                return

    def _reframe(self) -> None:
        """A page shows another part of an axis: it gets the curves for that, finer."""
        with suppress(RenderError):  # it is on the page already
            self.worker.view_sender.send_for_axes(self._axes, self._last)

    def _obey(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """Do what a page asked for by name, on the worker's thread, and tell every page what came of it."""
        name, signal, line = str(content.get("name")), self.renderer.signal, self.worker.outbox
        self._adopt_last()
        self._note()  # a step of its own
        seq = max(self._last.seq, int(content.get("seq", 0)))
        if "position" in content:
            self._update(**_place(content))
        with self._lock:
            self._last = replace(self._last, seq=max(self._last.seq, seq))
        self._from_page = True
        try:
            if name not in COMMANDS:
                raise ParameterError(f"Panel: there is no command {name!r}; there are {', '.join(sorted(COMMANDS))}.")
            if COMMANDS[name](self._panel, content, buffers):
                return
        except Exception as error:
            line.say(line.status(seq, "error", describe_error(error)))
            return
        finally:
            self._from_page = False
        self.renew(dry=self.renderer.signal is not signal)

    def edit(self, task: Callable[[], None]) -> None:
        """Change the module by `task`, on the worker's thread where there is one, and show what came of it."""
        ask = not self._from_page

        def change() -> None:
            self._adopt_last()
            self.desk.record()
            self.desk.history.end_drag()
            before = self.desk.history.present
            task()
            anew = self.renderer.signal is not before.signal
            if ask and not anew and self.desk.is_unchanged_since(before.snapshot):
                self.desk.record()
                self._tell_desk()
            else:
                self.renew(dry=anew, ask=ask)
            self.desk.history.end_drag()

        self.worker.run(change)

    def _adopt_last(self) -> None:
        """A move that came before is made before, unless it was tried and could not be heard."""
        last = self._last
        if last.values is None or last.values is self.renderer.client_values.refused:
            return
        with suppress(RenderError):
            self.renderer.apply_values(last.values, last.client, last.revision)
        with self._lock:
            if self._last is last:  # a move that came meanwhile waits in the mailbox
                self._last = replace(last, values=None)

    def _update(self, **changes: Any) -> None:
        """Note what a page said beside a move; moves come on another thread."""
        with self._lock:
            self._last = replace(self._last, **changes)

    def renew(self, *, dry: bool = False, ask: bool = False) -> None:
        """After the module or the signal has changed: every page shows and plays what they are now.

        With `ask` the pages ask for the sound themselves, which they do from where their playheads are. With `dry` the
        input is sent too.
        """
        self._adopt_last()
        self.desk.record()
        self._seen = self.desk.history.present.snapshot
        self._observer.observe(_parts(self.renderer.module))
        renderer = self.renderer
        renderer.replace()
        tabs = [tab["name"] for tab in view_tabs(renderer.module)]
        views = tuple(name for name in self._panel.spec["open_views"] if name in tabs) or tuple(tabs[:1])
        shown = specification.describe(renderer.module, renderer.signal, renderer.device, views, sketched=False)
        anew = specification.shape(shown) != specification.shape(self._panel.spec)
        values = specification.values(renderer.module)
        revision = renderer.client_values.tell(values, anew=anew)
        self._update(device=renderer.device)
        if (shown["frames"], shown["rate"]) != (self._panel.spec["frames"], self._panel.spec["rate"]):
            self._update(position=0.0, loop=None)  # the pages begin it at its beginning
        if anew:
            curve = specification.sketch(renderer.module, renderer.signal.sample_rate)
            self._panel.spec = {**shown, "preview": curve, "revision": revision}
        if not self._clients:
            return
        line = self.worker.outbox
        line.say(line.values(self._last.seq, values, revision, ask=ask))
        self._tell_desk(anew=dry)
        if not ask:
            self.worker.post(self._last, dry=dry)
        elif dry:
            self.worker.send_input_with_next()

    def _tell_desk(self, *, anew: bool = False) -> None:
        told = self.desk.state()
        if (anew or told != self._desk_told) and self._clients:
            self._desk_told = told
            message: EditorMessage = {**told, "type": "editor"}
            self._panel.deliver(message, [])

    def _note(self) -> None:
        """A move was made, and its sound is out: it is a step of the history."""
        if self.desk.record():
            self._seen = None
            self._tell_desk()

    def _notice(self) -> None:
        """Something was set on the module, on whatever thread: look at it soon, unless it was this panel's own."""
        if self._noticed or self.worker.is_current:
            return
        self._noticed = True
        self.worker.submit_delayed(self._look)

    def _look(self) -> None:
        self._noticed = False
        if self._seen is None or not self.desk.is_unchanged_since(self._seen):
            self.renew(ask=True)


def _parts(module: Module) -> Iterator[Module]:
    return (part for part in module.modules() if isinstance(part, Module))


def _place(message: dict[str, Any]) -> dict[str, Any]:
    """Where a page plays now, as fields of a `RenderRequest`."""
    loop = message.get("loop")
    return {
        "position": float(message.get("position") or 0.0),
        "loop": None if loop is None else (float(loop[0]), float(loop[1])),
        "playing": bool(message.get("playing")),
        "received_at": time.monotonic(),
    }


def _seconds(message: dict[str, Any], name: str) -> float:
    """How much a page has; null, which JSON has for what is without end, is all of it."""
    value = message.get(name)
    return math.inf if value is None else float(value)
