"""`Publisher`: keeps the pages up to date with the module and the signal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from fxlab.module import Module
from fxlab.module.parameters.observers import ParameterObserver
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.panel.clients import Clients
from fxlab.panel.controls import spec as specification
from fxlab.panel.controls.control_binding import control_values
from fxlab.panel.editing.editor import Editor
from fxlab.panel.editing.snapshot import Snapshot
from fxlab.panel.protocol import EditorMessage, EditorState, Spec, Values
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.worker import Worker
from fxlab.panel.views import view_tabs

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


class Publisher:
    """The publisher of changes: it sends the pages a new specification, new values and a new render.

    It does so after a command, Python code or another panel has changed the module or the signal.

    Args:
        panel: The widget, whose trait `spec` it sets.
        renderer: The owner of the module and the signal.
        worker: The render thread.
        clients: The pages that show the panel.
    """

    def __init__(self, panel: Panel, renderer: Renderer, worker: Worker, clients: Clients) -> None:
        self._panel, self._renderer, self._worker, self._clients = panel, renderer, worker, clients
        self.editor = Editor(renderer, self.run_edit)
        self._sent_editor_state: EditorState | None = None
        self._in_command = False
        # The state that the pages show; None once the user has changed a value.
        self._published: Snapshot | None = self.editor.history.present.snapshot
        self._check_is_scheduled = False
        self._observer = ParameterObserver(self._on_module_set)
        self._observer.observe(_owners_in(renderer.module))
        worker.on_values_applied = self.record_step

    def close(self) -> None:
        """Stop observing the module."""
        self._observer.close()

    # -- changes ------------------------------------------------------------------------------------------------

    def run_command(self, command: Callable[[], None]) -> None:
        """Run `command`, which may change the module or the signal, and call `publish`.

        Use it on the render thread. If `command` raises an exception, nothing is published.
        """
        signal = self._renderer.signal
        self._in_command = True
        try:
            command()
        finally:
            self._in_command = False
        self.publish(dry=self._renderer.signal is not signal)

    def run_edit(self, edit: Callable[[], None]) -> None:
        """Run `edit`, which changes the module or the signal, as a step of the history, and publish the result.

        `edit` runs on the render thread if that is alive, otherwise on the calling thread, and the method waits for it.
        Within a command, the result is published at the end of the command. If neither the module nor the signal has
        changed, only the editor state is sent. An exception that `edit` raises is raised again.
        """

        def run() -> None:
            history = self.editor.history
            self.apply_pending_values()
            self.editor.record()
            history.end_drag()
            before = history.present
            edit()
            has_new_signal = self._renderer.signal is not before.signal
            if self._in_command:
                self.editor.record()
            elif has_new_signal or not self.editor.is_unchanged_since(before.snapshot):
                self.publish(dry=has_new_signal, request_params=True)
            else:
                self.editor.record()
                self.send_editor_state()
            history.end_drag()

        self._worker.run(run)

    def apply_pending_values(self) -> None:
        """Set the values of the newest request, unless they are already set or were rejected before.

        If a value is not valid, none is set, and no error is raised.
        """
        request = self._clients.request
        if request.values is None or request.values is self._renderer.client_values.refused:
            return
        with suppress(RenderError):
            self._renderer.apply_values(request.values, request.client, request.revision)
        self._clients.take_values(request)

    def record_step(self) -> None:
        """Record the state as a step of the history; if it differs from the last one, send the editor state."""
        if self.editor.record():
            self._published = None
            self.send_editor_state()

    # -- publishing ---------------------------------------------------------------------------------------------

    def publish(self, *, dry: bool = False, request_params: bool = False) -> None:
        """Bring every page up to date after the module or the signal has changed.

        The pending values of the pages are set first, and the state is recorded as a step of the history. If no page is
        open, nothing is sent except the trait `spec`.

        Args:
            dry: Whether the input is sent too.
            request_params: Whether the pages are asked for their `params`, so that the render starts at their playhead.
        """
        renderer, clients = self._renderer, self._clients
        self.apply_pending_values()
        self.editor.record()
        self._published = self.editor.history.present.snapshot
        self._observer.observe(_owners_in(renderer.module))
        renderer.replace()
        clients.update(device=renderer.device)
        values = control_values(renderer.module)
        revision = self._publish_spec(values)
        if not clients.any_open:
            return
        outbox = self._worker.outbox
        outbox.send(outbox.values(clients.request.seq, values, revision, request_params=request_params))
        self.send_editor_state(always=dry)
        if not request_params:
            self._worker.post(clients.request, dry=dry)
        elif dry:
            self._worker.send_input_with_next()

    def _publish_spec(self, values: Values) -> int:
        """Record that `values` are sent to the pages, and return their revision; set `spec` if its structure changed.

        If the length or the rate of the sound changed, the playhead moves to the beginning, and the loop is removed.
        """
        renderer, before = self._renderer, cast(Spec, self._panel.spec)
        names = [tab["name"] for tab in view_tabs(renderer.module)]
        views = tuple(name for name in before["open_views"] if name in names) or tuple(names[:1])
        spec = specification.describe(
            renderer.module,
            renderer.signal,
            renderer.device,
            views,
            projector=before["projector"],
            with_preview=False,
        )
        is_new = specification.structure(spec) != specification.structure(before)
        revision = renderer.client_values.publish(values, reset=is_new)
        if (spec["frames"], spec["rate"]) != (before["frames"], before["rate"]):
            self._clients.update(position=0.0, loop=None)  # the pages play a new sound from its beginning
        if is_new:
            preview = specification.preview_curve(renderer.module, renderer.signal.sample_rate)
            self._panel.spec = {**spec, "preview": preview, "revision": revision}
        return revision

    def send_editor_state(self, *, always: bool = False) -> None:
        """Send the state of the editor to the pages, if any is open and the state has changed or `always` is true."""
        state = self.editor.state()
        if (always or state != self._sent_editor_state) and self._clients.any_open:
            self._sent_editor_state = state
            message: EditorMessage = {**state, "type": "editor"}
            self._panel.deliver(message, [])

    # -- changes from elsewhere ---------------------------------------------------------------------------------

    def _on_module_set(self) -> None:
        """Schedule a check for changed values, unless one is scheduled or a task of this panel has made the change.

        The method may be called on any thread.
        """
        if self._check_is_scheduled or self._worker.is_current:
            return
        self._check_is_scheduled = True
        self._worker.submit_delayed(self._check_module)

    def _check_module(self) -> None:
        self._check_is_scheduled = False
        if self._published is None or not self.editor.is_unchanged_since(self._published):
            self.publish(request_params=True)


def _owners_in(module: Module) -> Iterator[ParameterOwner]:
    """Return an iterator over the owners of parameters in a module: the module, its parts and their controls."""
    return (part for part in module.modules() if isinstance(part, ParameterOwner))
