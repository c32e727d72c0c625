"""`Panel`: a module and a sound in a notebook cell, live."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import anywidget
import torch
import traitlets

from fxlab.errors import ParameterError, SignalError
from fxlab.module import Module
from fxlab.panel.controls import spec as specification
from fxlab.panel.editing.codegen import generate_code
from fxlab.panel.editing.editor import Editor
from fxlab.panel.editing.presets import Presets
from fxlab.panel.editing.settings import Settings
from fxlab.panel.front_end import built, fingerprint
from fxlab.panel.protocol import BatchMessage, KernelMessage
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.session import Session
from fxlab.signal import Signal


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
        self._talk = Session(self, self._renderer, views)
        self._worker = self._talk.worker
        shown = specification.describe(module, signal, place, self._talk.views)
        super().__init__(_esm=built("loader.js"), bundle=fingerprint(), spec=shown)
        self.on_msg(self._talk.hear)
        self.observe(self._talk.move, names="params")

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
        self._talk.edit(lambda: self.desk.set_module(module))

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
        return generate_code(self.module)

    # -- what may be changed, and undone ------------------------------------------------------------------------

    @property
    def desk(self) -> Editor:
        """What keeps the history, the settings and the presets."""
        return self._talk.desk

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
        self._worker.run(partial(self._talk.renew, ask=True))

    def deliver(self, content: KernelMessage | BatchMessage, buffers: list[bytes]) -> None:
        """Send a message to every page."""
        self.send(content, buffers)

    # -- showing and closing ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop the thread and take the panel off the page."""
        talk = getattr(self, "_talk", None)
        if talk is not None:
            talk.close()
        layout = self.layout
        super().close()
        # ipywidgets makes one for each widget, and leaves it behind in the kernel and in the page.
        layout.close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the widget, and text, a picture and HTML for viewers that show no widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        from fxlab.display import panel_fallback

        data, metadata = bundle
        return {**data, "text/plain": repr(self), **panel_fallback(self.module, self.signal)}, metadata

    def __repr__(self) -> str:
        return f"Panel({self.module!r}, {self.signal!r})"


def _check_module(module: Any) -> None:
    if not isinstance(module, Module):
        raise ParameterError(
            f"Panel: what it plays through must be a Module, not {type(module).__name__}; bring it in with fx.wrap(…)."
        )


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
