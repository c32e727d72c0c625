"""`Panel`: a module and a sound in a notebook cell, live."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from typing import Any

import anywidget
import torch
import traitlets

from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.module import Module
from fxlab.panel import spec as specification
from fxlab.panel.commands import COMMANDS
from fxlab.panel.render import Fault, Renderer
from fxlab.panel.views import MAGNITUDE, VIEWS, offered, opened
from fxlab.panel.worker import Overtaken, Request, Worker
from fxlab.signal import Signal


@cache
def built(name: str) -> str:
    """The text of a built front-end file."""
    return files("fxlab").joinpath("browser", "dist", name).read_text(encoding="utf-8")


@cache
def fingerprint() -> str:
    """What tells one build of the panel's code from another."""
    return hashlib.sha256(built("panel.js").encode()).hexdigest()[:16]


class Panel(anywidget.AnyWidget):
    """A live panel: a slider for each parameter, the response over the spectrum, and the sound, which never stops.

    `module.panel(signal)` is the short form. At every move of a slider the module runs again in the kernel, on a
    thread of its own, and the sound changes over where it is. `panel.module` holds the values that are heard,
    `panel.output` what they make of `panel.signal`.

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
        if not isinstance(module, Module):
            raise ParameterError(
                f"Panel: the first argument must be a Module, not {type(module).__name__}; bring it in with fx.wrap(…)."
            )
        if not isinstance(signal, Signal):
            raise SignalError(
                f"Panel: the second argument must be a Signal, not {type(signal).__name__}; "
                "write Signal(samples, sample_rate), fx.load(path) or fx.examples.voice()."
            )
        place = _device(module, signal, device)
        self._renderer = Renderer(module, signal, place)
        self._worker = Worker(self._renderer, self._deliver)
        self._clients: set[str] = set()
        self._last = Request(0, specification.values(module), 0.0, place, opened(views, module))
        shown = specification.describe(module, signal, place, self._last.views)
        super().__init__(_esm=built("loader.js"), bundle=fingerprint(), spec=shown)
        self.on_msg(self._hear)
        self.observe(self._move, names="params")

    # -- what is heard ------------------------------------------------------------------------------------------

    @property
    def module(self) -> Module:
        """The module, with the values of the sliders."""
        return self._renderer.module

    @property
    def signal(self) -> Signal:
        """The sound that goes in."""
        return self._renderer.signal

    @property
    def output(self) -> Signal:
        """What the module makes of the signal now."""
        with torch.no_grad():
            return self.module(self.signal.to(self._renderer.device))

    # -- the browser speaks -------------------------------------------------------------------------------------

    def _move(self, change: dict[str, Any]) -> None:
        """A slider moved: leave the newest values in the mailbox and return, whatever thread this is."""
        message = change["new"]
        if not message:
            return
        self._worker.line.acknowledge(message.get("received", []))
        self._last = Request(
            int(message.get("seq", 0)),
            dict(message.get("values", {})),
            float(message.get("position") or 0.0),
            str(message.get("device") or self._last.device),
            tuple(message.get("views", self._last.views)),
        )
        self._worker.post(self._last)

    def _hear(self, _widget: Any, content: dict[str, Any], buffers: Any) -> None:
        kind = content.get("type")
        if kind == "ack":
            self._worker.line.acknowledge(content["ids"])
        elif kind == "ping":
            self._deliver({"type": "pong"}, [])
        elif kind == "bundle":
            self._deliver({"type": "bundle", "hash": fingerprint()}, [built("panel.js").encode()])
        elif kind == "ready":
            self._clients.add(str(content.get("client")))
            views = tuple(content.get("views", self._last.views))
            self._last = replace(self._last, position=float(content.get("position") or 0.0), views=views)
            self._tell_all(dry=True)  # a page opened: it gets the values as they are, the input, and a whole render
        elif kind == "views":
            self._last = replace(self._last, views=tuple(content["views"]))
            self._worker.do(self._show)
        elif kind == "command":
            self._worker.do(partial(self._obey, content, list(buffers or [])))
        elif kind == "closed":
            self._clients.discard(str(content.get("client")))
            if not self._clients:
                self._worker.stop()

    def _show(self) -> None:
        """A page opened a view: it gets what it draws now."""
        views = self._last.views
        self._worker.show(views)
        if any(name in VIEWS and VIEWS[name].heard for name in views):
            try:
                self._worker.show(views, self._renderer.whole())
            except (Fault, Overtaken):  # the one is on the page already, and what overtakes draws them too
                return

    def _obey(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """Do what a page asked for by name, on the worker's thread, and tell every page what came of it."""
        name, signal = str(content.get("name")), self.signal
        line, seq = self._worker.line, self._last.seq
        try:
            if name not in COMMANDS:
                raise ParameterError(f"Panel: there is no command {name!r}; there are {', '.join(sorted(COMMANDS))}.")
            COMMANDS[name](self, content, buffers)
        except Exception as error:
            text = str(error) if isinstance(error, FxlabError) else f"{type(error).__name__}: {error}"
            line.say(line.status(seq, "error", text))
            return
        self._renew(dry=self.signal is not signal)

    def _renew(self, *, dry: bool = False) -> None:
        """After the module or the signal has changed: every page shows and plays what they are now."""
        tabs = [tab["name"] for tab in offered(self.module)]
        views = tuple(name for name in self.spec["open"] if name in tabs) or (MAGNITUDE,)
        shown = specification.describe(self.module, self.signal, self._renderer.device, views)
        if specification.shape(shown) != specification.shape(self.spec):
            self.spec = shown
        self._tell_all(dry=dry)

    def _tell_all(self, *, dry: bool) -> None:
        self._last = replace(self._last, values=specification.values(self.module), device=self._renderer.device)
        line = self._worker.line
        line.say(line.values(self._last.seq, self._last.values))
        self._worker.post(self._last, dry=dry)

    def _deliver(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers)

    # -- showing and closing ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop the thread and take the panel off the page."""
        worker = getattr(self, "_worker", None)
        if worker is not None:
            self._clients.clear()
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
