"""`Panel`: a notebook widget that plays a signal through a module."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
import torch
import traitlets

from fxlab import hooks
from fxlab.errors import ParameterError, SignalError
from fxlab.learn.objective import Target
from fxlab.module import Module
from fxlab.panel.controls import spec as specification
from fxlab.panel.devices import choose_device
from fxlab.panel.editing.codegen import generate_code
from fxlab.panel.editing.editor import Editor
from fxlab.panel.editing.presets import Presets
from fxlab.panel.editing.settings import Settings
from fxlab.panel.execution_request import can_show_widgets
from fxlab.panel.front_end import built_file, bundle_hash
from fxlab.panel.learning import Learner
from fxlab.panel.protocol import BatchMessage, KernelMessage
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.session import Session
from fxlab.signal import Signal

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
LIVE_OUTPUTS = "FXLAB_LIVE_OUTPUTS"
"""The environment variable with which a site requests panels that play without a kernel; see `fxlab.page.sphinx`."""


class Panel(anywidget.AnyWidget):
    """A live panel: controls for the parameters, the response over the spectrum, and sound that plays without a gap.

    `module.panel(signal)` is the short form. Whenever a slider moves, the module runs again in the kernel, on a thread
    of its own, and playback crossfades to the new render at the playhead. `panel.module` has the values of the
    sliders, and `panel.output` is its output for `panel.signal`.

    The panel edits the module itself: a stage added to a `Chain` is in that `Chain`; a stage added to another module
    makes a chain of both, which is then `panel.module`. Values that Python sets on the module are shown in the panel,
    and another module or signal can be assigned: `panel.signal = fx.load("voice.wav")`. The last 200 changes can be
    undone, unless they need more than 300 MB of earlier sounds.
    `panel.settings` contains four settings to compare, `panel.presets` contains named settings, and `panel.code()`
    returns Python code that builds the module.

    Args:
        module: Any `Module`. The sliders set its parameters.
        signal: The `Signal` to play.
        device: The device to run on: `"cpu"`, `"cuda:0"`, …; by default the device of the module or of the signal.
        views: The views that are open initially: `"magnitude"`, `("magnitude", "phase")`, …; by default the view of
            the first tab. The tabs change them.
        projector: Whether the type is large and the contrast high initially, for a lecture room; a button changes it.

    Raises:
        ParameterError: `module` is not a `Module`, there is no such device, or the module has no such view.
        SignalError: `signal` is not a `Signal`.
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
        projector: bool = False,
    ) -> None:
        _check_module(module)
        _check_signal("the second argument", signal)
        device_name = choose_device(module, signal, device)
        self._renderer = Renderer(module, signal, device_name)
        self._session = Session(self, self._renderer, views)
        self._worker = self._session.worker
        spec = specification.describe(module, signal, device_name, self._session.views, projector=projector)
        super().__init__(_esm=built_file("loader.js"), bundle=bundle_hash(), spec=spec)
        self.on_msg(self._session.on_message)
        self.observe(self._session.on_params, names="params")

    # -- module and signal --------------------------------------------------------------------------------------

    @property
    def module(self) -> Module:
        """The module, with the values of the sliders; assign another module to replace it.

        If a stage is added in the panel to a module that is not a chain, `module` becomes a chain of both.
        """
        return self._renderer.module

    @module.setter
    def module(self, module: Module) -> None:
        _check_module(module)
        self._session.publisher.run_edit(lambda: self.editor.set_module(module))

    @property
    def signal(self) -> Signal:
        """The input; assign another Signal to replace it, as opening a file in the panel does.

        The sound that plays continues until the new one arrives, and undo restores the previous one.
        """
        return self._renderer.signal

    @signal.setter
    def signal(self, signal: Signal) -> None:
        _check_signal("the signal", signal)
        if note := self.editor.note_on(signal):
            warnings.warn(f"Panel: {note}", stacklevel=2)
        self._session.publisher.run_edit(lambda: self.editor.set_signal(signal))

    @property
    def output(self) -> Signal:
        """The output of the module, with its current values, for the signal; it is computed at each access."""
        with torch.no_grad():
            return self.module(self.signal.to(self._renderer.device))

    def code(self) -> str:
        """Return Python code that builds `panel.module` with its current values.

        Raises:
            ParameterError: An array of the module is too long to be written as code.
        """
        return generate_code(self.module)

    def save(self, path: str | os.PathLike[str], *, separate: bool = False, **options: Any) -> Path:
        """Save the panel as an HTML page that plays without a kernel: from the file system, or on any server.

        The module is compiled to JavaScript: the sliders, the curves and the sound work as here, and start with the
        current values, signal and views.

        Args:
            path: The HTML file, which contains everything that the page needs unless `separate` is true.
            separate: Whether the scripts are written to a second file in the same folder, for a server whose
                Content-Security-Policy allows no scripts within HTML.
            options: Further options of `fxlab.page.page.Page`: `title`, `views`, `sound`, `fallback`.

        Returns:
            The path of the HTML file.

        Raises:
            CompileError: The module cannot be compiled, and `fallback` is None; the message names the operation.
            ParameterError: One of `options` is invalid; see `fxlab.page.page.Page`.
            FileError: The sound cannot be put into a page, or the file cannot be written.
        """
        options.setdefault("views", self._open_views)
        page = hooks.resolve("page")(self.module, self.signal, **options)
        saved: Path = page.save(path, separate=separate)
        return saved

    @property
    def _open_views(self) -> Sequence[str]:
        return self._session.clients.request.views

    # -- learning ----------------------------------------------------------------------------------------------------

    def learn(self, target: Target, *names: str, **options: Any) -> Learner:
        """Fit the module to a target while the panel plays: the sliders move, and the sound follows them.

        The method returns the `Learner` at once; its `wait()` returns the result, and its `stop()` ends the fit. The
        fit also ends if a learned parameter, the stages or the sound are changed. Undo restores the values from before.

        Args:
            target: A Signal like the output, a curve `(frequencies in Hz, levels in dB)`, or a function; see `fit`.
            names: The parameters to learn, such as `"cutoff"` or `"0.*"`; by default those that are
                `nn.Parameter`s, or all if there are none.
            options: Further arguments of `fit`, such as `steps` and `starts`.

        Raises:
            ParameterError: A fit is running, a name matches no parameter, or another argument of `fit` is invalid.
            SignalError: The signal and the target differ in length, channels or sample rate.
        """
        return self._session.learning.start(target, names, options, "set in Python")

    @property
    def learner(self) -> Learner | None:
        """The fit that was started last, by `learn` or in a page.

        It is None if there was none, or if the target was changed in a page after the fit had ended.
        """
        return self._session.learning.learner

    # -- editing and undo ---------------------------------------------------------------------------------------

    @property
    def editor(self) -> Editor:
        """The editor of the module and the signal, with their history, the settings and the presets."""
        return self._session.publisher.editor

    @property
    def settings(self) -> Settings:
        """The settings A to D, for example `panel.settings.select("B")` and `panel.settings["B"]`."""
        return self.editor.settings

    @property
    def presets(self) -> Presets:
        """The named settings, for example `panel.presets["warm"] = panel.module` and `panel.presets.recall("warm")`."""
        return self.editor.presets

    def undo(self) -> None:
        """Undo the last change, whether it was made by a slider, by a button of the panel or by Python."""
        self.editor.undo()

    def redo(self) -> None:
        """Redo the change that was undone last."""
        self.editor.redo()

    def refresh(self) -> None:
        """Show and play the current values of the module.

        Values that are set on the module are shown without a call of this method. A change inside a tensor, such as an
        optimizer's step, is not noticed: it is shown after `refresh`, or with the next change in the panel.
        """
        self._worker.run(partial(self._session.publisher.publish, request_params=True))

    def deliver(self, content: KernelMessage | BatchMessage, buffers: list[bytes]) -> None:
        """Send a message and its buffers to every page."""
        self.send(content, buffers)

    # -- display ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop the render thread and a running fit, and remove the panel from every page."""
        session = getattr(self, "_session", None)
        if session is not None:
            session.close()
        layout = self.layout
        super().close()
        # ipywidgets creates a layout for each widget, and does not remove it from the kernel and the page.
        layout.close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the widget, with text, an image and HTML for viewers that do not show widgets.

        If a program executes the notebook, the result has no widget: nbconvert would save the state of the widget and
        prefer the widget to the picture, and the exported page would load scripts from the internet, or stay empty.
        For a site that is made with the extension `fxlab.page.sphinx`, the HTML contains a panel that plays without a
        kernel. The result is None if that of the base class is None.
        """
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        from fxlab.display import panel_fallback

        data, metadata = bundle
        if not can_show_widgets():
            del data[WIDGET_VIEW]
        fallback, fallback_metadata = panel_fallback(self.module, self.signal)
        if os.environ.get(LIVE_OUTPUTS):
            fallback["text/html"] = hooks.resolve("live_output")(self.module, self.signal, self._open_views)
        return {**data, "text/plain": repr(self), **fallback}, {**metadata, **fallback_metadata}

    def __repr__(self) -> str:
        return f"Panel({self.module!r}, {self.signal!r})"


def _check_signal(name: str, signal: Any) -> None:
    if not isinstance(signal, Signal):
        raise SignalError(
            f"Panel: {name} must be a Signal, not {type(signal).__name__}; "
            "write Signal(samples, sample_rate), fx.load(path) or fx.examples.voice()."
        )


def _check_module(module: Any) -> None:
    if not isinstance(module, Module):
        raise ParameterError(
            f"Panel: the module must be a Module, not {type(module).__name__}; turn it into one with fx.wrap(…)."
        )
