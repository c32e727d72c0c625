"""`Panel`: a module and a sound in a notebook cell, live."""

from __future__ import annotations

import base64
import gzip
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from typing import Any

import anywidget
import torch
import traitlets

from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.module import Module
from fxlab.module.watch import Watch
from fxlab.panel import spec as specification
from fxlab.panel.code import code
from fxlab.panel.commands import COMMANDS
from fxlab.panel.desk import Desk
from fxlab.panel.presets import Presets
from fxlab.panel.render import Fault, Renderer
from fxlab.panel.settings import Settings
from fxlab.panel.supply import Ask
from fxlab.panel.views import Axes, Overtaken, offered, opened, waiting
from fxlab.panel.worker import Request, Worker
from fxlab.signal import Signal


@cache
def built(name: str) -> str:
    """The text of a built front-end file."""
    return files("fxlab").joinpath("browser", "dist", name).read_text(encoding="utf-8")


@cache
def packed(name: str) -> bytes:
    """The same as it travels: a third of the bytes."""
    return gzip.compress(built(name).encode(), mtime=0)


@cache
def fingerprint() -> str:
    """What tells one build of the panel's code from another."""
    return hashlib.sha256(built("panel.js").encode()).hexdigest()[:16]


class Panel(anywidget.AnyWidget):
    """A live panel: a slider for each parameter, the response over the spectrum, and the sound, which never stops.

    `module.panel(signal)` is the short form. At every move of a slider the module runs again in the kernel, on a
    thread of its own, and the sound changes over where it is. `panel.module` holds the values that are heard,
    `panel.output` what they make of `panel.signal`.

    What is done in the panel is done to the module: a stage added to a `Chain` is in that `Chain`; a stage added to
    what is none makes one, which then is `panel.module`, with the module as its first stage. What Python sets shows in
    the panel by itself. Everything can be undone, and kept: `panel.settings` are four places to compare,
    `panel.presets` those with a name, `panel.code()` is the Python of it all.

    Args:
        module: Any `Module`. Its parameters are set as the sliders move.
        signal: The `Signal` that it plays.
        device: Where to run: `"cpu"`, `"cuda:0"`; left out, where the module or the signal is.
        views: What to show at first, side by side: `"magnitude"`, `("magnitude", "phase")`, …; the tabs change it.

    Raises:
        ParameterError: `module` is no `Module`, a device that is not there, or a view that the module has not.
        SignalError: `signal` is no `Signal`.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    bundle = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    params = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(
        self,
        module: Module,
        signal: Signal,
        *,
        device: str | torch.device | None = None,
        views: str | Sequence[str] | None = None,
    ) -> None:
        _check_module(module)
        if not isinstance(signal, Signal):
            raise SignalError(
                f"Panel: the second argument must be a Signal, not {type(signal).__name__}; "
                "write Signal(samples, sample_rate), fx.load(path) or fx.examples.voice()."
            )
        place = _device(module, signal, device)
        self._renderer = Renderer(module, signal, place)
        self._worker = Worker(self._renderer, self.deliver)
        self._clients: set[str] = set()
        self._axes: Axes = {}
        self._asked: set[str] = set()
        self._last = Request(0, None, 0.0, place, opened(views, module))
        self.desk = Desk(self._renderer, self._edit)
        self._desk_told: dict[str, Any] = {}
        self._from_page = self._noticed = False
        self._watch = Watch(self._notice)
        self._watch.follow(_parts(module))
        self._seen = self.desk.history.present.heard
        self._worker.adopted = self._note
        shown = specification.describe(module, signal, place, self._last.views)
        super().__init__(_esm=built("loader.js"), bundle=fingerprint(), spec=shown)
        self.on_msg(self._hear)
        self.observe(self._move, names="params")

    # -- what is heard ------------------------------------------------------------------------------------------

    @property
    def module(self) -> Module:
        """The module, with the values of the sliders; set it to go on with another.

        Adding a stage in the panel to what is no chain makes it one, which then is here, with the module as a stage.
        """
        return self._renderer.module

    @module.setter
    def module(self, module: Module) -> None:
        _check_module(module)
        self._edit(lambda: self.desk.take(module))

    @property
    def signal(self) -> Signal:
        """The sound that goes in."""
        return self._renderer.signal

    @property
    def output(self) -> Signal:
        """What the module makes of the signal now."""
        with torch.no_grad():
            return self.module(self.signal.to(self._renderer.device))

    def code(self) -> str:
        """The Python that makes `panel.module` again, values and all.

        Raises:
            ParameterError: It holds an array too long to be written down.
        """
        return code(self.module)

    # -- what may be changed, and undone ------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings A to D: `panel.settings.select("B")`, `panel.settings["B"]`."""
        return self.desk.settings

    @property
    def presets(self) -> Presets:
        """Settings by name: `panel.presets["warm"] = panel.module`, `panel.presets.recall("warm")`."""
        return self.desk.presets

    def undo(self) -> None:
        """Take the last change back, whoever made it: a slider, the panel's buttons, or Python."""
        self.desk.undo()

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self.desk.redo()

    def refresh(self) -> None:
        """Show and play what the module holds now.

        Values that are set show by themselves; what changes within a tensor, as an optimizer's step does, shows when it
        is asked for, or with the next move.
        """
        self._worker.run(partial(self._renew, ask=True))

    # -- the browser speaks -------------------------------------------------------------------------------------

    def _move(self, change: dict[str, Any]) -> None:
        """A slider moved: leave the newest values in the mailbox and return, whatever thread this is."""
        message = change["new"]
        if not message:
            return
        self._worker.line.acknowledge(message.get("received", []), message.get("held", []))
        self._last = Request(
            seq=int(message.get("seq", 0)),
            values=dict(message.get("values", {})),
            device=str(message.get("device") or self._last.device),
            views=tuple(message.get("views", self._last.views)),
            client=str(message.get("client", "")),
            edition=message.get("edition"),
            options=self._last.options,
            **_place(message),
        )
        self._worker.post(self._last)

    def _hear(self, _widget: Any, content: dict[str, Any], buffers: Any) -> None:
        kind = content.get("type")
        if kind == "ack":
            self._worker.line.acknowledge(content["ids"], content.get("held", []))
        elif kind == "ahead":
            self._last = replace(self._last, **_place(content))
            wet, dry = (_seconds(content, name) for name in ("wet", "dry"))
            self._worker.ask(Ask(self._last.position, self._last.loop, wet, dry))
        elif kind == "ping":
            self.deliver({"type": "pong"}, [])
        elif kind == "bundle":
            self.deliver({"type": "bundle", "hash": fingerprint()}, [packed("panel.js")])
        elif kind == "ready":
            self._clients.add(str(content.get("client")))
            views = tuple(content.get("views", self._last.views))
            self._axes, options = dict(content.get("axes", {})), dict(content.get("options", {}))
            self._worker.do(partial(self._renderer.look, self._axes))
            self._last = replace(self._last, views=views, options=options, **_place(content))
            # A page opened: it gets the values as they are, the input, and a whole render.
            self._worker.do(partial(self._renew, dry=True))
        elif kind == "views":
            options = dict(content.get("options", {}))
            self._last = replace(self._last, views=tuple(content["views"]), options=options)
            if not self._asked:
                self._worker.do(self._show)
            self._asked.update(content.get("changed", content["views"]))
        elif kind == "axes":
            self._axes = dict(content["axes"])
            self._worker.do(self._reframe)
        elif kind == "command":
            self._worker.do(partial(self._obey, content, list(buffers or [])))
        elif kind == "closed":
            self._clients.discard(str(content.get("client")))
            self._renderer.shown.forget(str(content.get("client")))
            if not self._clients:
                self._worker.stop()

    def _show(self) -> None:
        """A page opened a view, or wants another part of one: it gets what it draws now."""
        asked, self._asked = self._asked, set()
        request = replace(self._last, views=tuple(name for name in self._last.views if name in asked))
        self._worker.show(request)
        if waiting(self.module, request.views, "measurement"):
            self._worker.measure(self._last)
        if waiting(self.module, request.views):
            try:
                self._worker.show(request, self._worker.delivery.output())
            except (Fault, Overtaken):  # the one is on the page already, and what overtakes draws them too
                return

    def _reframe(self) -> None:
        """A page shows another part of an axis: it gets the curves for that, finer."""
        with suppress(Fault):  # it is on the page already
            self._worker.look(self._axes, self._last)

    def _obey(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """Do what a page asked for by name, on the worker's thread, and tell every page what came of it."""
        name, signal, line = str(content.get("name")), self.signal, self._worker.line
        self._adopt_last()
        seq = max(self._last.seq, int(content.get("seq", 0)))
        if "position" in content:
            self._last = replace(self._last, **_place(content))
        self._last = replace(self._last, values=None, seq=seq)
        self._from_page = True
        try:
            if name not in COMMANDS:
                raise ParameterError(f"Panel: there is no command {name!r}; there are {', '.join(sorted(COMMANDS))}.")
            if COMMANDS[name](self, content, buffers):
                return
        except Exception as error:
            text = str(error) if isinstance(error, FxlabError) else f"{type(error).__name__}: {error}"
            line.say(line.status(seq, "error", text))
            return
        finally:
            self._from_page = False
        self._renew(dry=self.signal is not signal)

    def _edit(self, task: Callable[[], None]) -> None:
        """Change the module by `task`, on the worker's thread where there is one, and show what came of it."""
        ask = not self._from_page

        def change() -> None:
            self._adopt_last()
            self.desk.note()
            before = self.desk.history.present.heard
            task()
            if ask and self.desk.is_as(before):
                self.desk.note()
                self._tell_desk()
            else:
                self._renew(ask=ask)

        self._worker.run(change)

    def _adopt_last(self) -> None:
        """A move that came before is made before."""
        if self._last.values is None:
            return
        with suppress(Fault):
            self._renderer.adopt(self._last.values, self._last.client, self._last.edition)

    def _renew(self, *, dry: bool = False, ask: bool = False) -> None:
        """After the module or the signal has changed: every page shows and plays what they are now.

        With `ask` the pages ask for the sound themselves, which they do from where their playheads are.
        """
        self._adopt_last()
        self.desk.note()
        self._seen = self.desk.history.present.heard
        self._watch.follow(_parts(self.module))
        self._renderer.take()
        tabs = [tab["name"] for tab in offered(self.module)]
        views = tuple(name for name in self.spec["open"] if name in tabs) or tuple(tabs[:1])
        shown = specification.describe(self.module, self.signal, self._renderer.device, views, sketched=False)
        anew = specification.shape(shown) != specification.shape(self.spec)
        values = specification.values(self.module)
        edition = self._renderer.shown.tell(values, anew=anew)
        self._last = replace(self._last, values=None, device=self._renderer.device)
        if anew:
            curve = specification.sketch(self.module, self.signal.sample_rate)
            self.spec = {**shown, "curve": curve, "edition": edition}
        if not self._clients:
            return
        line = self._worker.line
        line.say(line.values(self._last.seq, values, edition, ask=ask))
        self._tell_desk(anew=dry)
        if not ask:
            self._worker.post(self._last, dry=dry)

    def _tell_desk(self, *, anew: bool = False) -> None:
        told = self.desk.told()
        if (anew or told != self._desk_told) and self._clients:
            self._desk_told = told
            self.deliver({"type": "desk", **told}, [])

    def _note(self) -> None:
        """A move was made, and its sound is out: it is a step of the history."""
        if self.desk.note():
            self._tell_desk()

    def _notice(self) -> None:
        """Something was set on the module, on whatever thread: look at it soon, unless it was this panel's own."""
        if self._noticed or self._worker.is_current:
            return
        self._noticed = True
        self._worker.soon(self._look)

    def _look(self) -> None:
        self._noticed = False
        if not self.desk.is_as(self._seen):
            self._renew(ask=True)

    def deliver(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Send a message to every page."""
        self.send(content, buffers)

    # -- showing and closing ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop the thread and take the panel off the page."""
        worker = getattr(self, "_worker", None)
        if worker is not None:
            self._clients.clear()
            self._watch.close()
            worker.stop(wait=1.0)
        layout = self.layout
        super().close()
        # ipywidgets makes one for each widget, and leaves it behind in the kernel and in the page.
        layout.close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and beside it the picture and the text for a page without a kernel."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        from fxlab.display import module_picture

        data, metadata = shown
        data["text/plain"] = repr(self)
        picture = module_picture(self.module, signal=self.signal, fine=False)
        data["image/png"] = base64.b64encode(picture).decode()
        return data, metadata

    def __repr__(self) -> str:
        return f"Panel({self.module!r}, {self.signal!r})"


def _check_module(module: Any) -> None:
    if not isinstance(module, Module):
        raise ParameterError(
            f"Panel: what it plays through must be a Module, not {type(module).__name__}; bring it in with fx.wrap(…)."
        )


def _parts(module: Module) -> Iterator[Module]:
    return (part for part in module.modules() if isinstance(part, Module))


def _place(message: dict[str, Any]) -> dict[str, Any]:
    """Where a page plays now, as fields of a `Request`."""
    loop = message.get("loop")
    return {
        "position": float(message.get("position") or 0.0),
        "loop": None if loop is None else (float(loop[0]), float(loop[1])),
        "playing": bool(message.get("playing")),
        "at": time.monotonic(),
    }


def _seconds(message: dict[str, Any], name: str) -> float:
    """How much a page has; null, which JSON has for what is without end, is all of it."""
    value = message.get(name)
    return math.inf if value is None else float(value)


def _device(module: Module, signal: Signal, device: str | torch.device | None) -> str:
    """Where the panel runs: as asked, else with the module's own tensors, else with the signal's."""
    known = specification.devices()
    if device is not None:
        try:
            name = str(torch.device(device))
        except (RuntimeError, TypeError):
            name = ""
        name = f"{name}:0" if name == "cuda" else name
        if name not in known:
            raise ParameterError(f"Panel: device is {str(device)!r}; here there are {', '.join(known)}.")
        return name
    tensors = [*module.parameters(), *module.buffers()]
    places = {str(tensor.device) for tensor in tensors} - {"cpu"}
    return min(places) if places else str(signal.samples.device)
