"""`Session`: receives the messages from the pages, and dispatches each one to its handler."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from fxlab.errors import ParameterError, describe_error
from fxlab.panel.clients import Clients, playhead_fields
from fxlab.panel.commands import COMMANDS, QUERIES, Answer
from fxlab.panel.front_end import built_file_gzipped, bundle_hash
from fxlab.panel.learning import PanelLearning
from fxlab.panel.protocol import (
    AckMessage,
    AnswerMessage,
    AxesMessage,
    BufferedMessage,
    BundleRequest,
    ClosedMessage,
    CommandMessage,
    PingMessage,
    QueryMessage,
    ReadyMessage,
    ViewsMessage,
)
from fxlab.panel.publisher import Publisher
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.rendering.worker import Worker
from fxlab.panel.streaming.audio_request import AudioRequest
from fxlab.panel.views import Superseded, initial_views, is_any_drawn_from

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


class Session:
    """The connection between the pages of a panel and the worker that renders for them.

    Args:
        panel: The widget, which sends and receives the messages.
        renderer: The owner of the module and the signal.
        views: The views that are open initially, as passed to `Panel`.
    """

    def __init__(self, panel: Panel, renderer: Renderer, views: str | Sequence[str] | None) -> None:
        self._panel, self._renderer = panel, renderer
        first = RenderRequest(0, None, 0.0, renderer.device, initial_views(views, renderer.module))
        self.clients = Clients(first)
        self.worker = Worker(renderer, panel.deliver)
        self.publisher = Publisher(panel, renderer, self.worker, self.clients)
        self.learning = PanelLearning(renderer, self.worker, self.publisher)
        self._views_to_send: set[str] = set()
        self._handlers: dict[str, Callable[[Any, list[Any]], None]] = {
            "bundle": self._on_bundle,
            "ready": self._on_ready,
            "axes": self._on_axes,
            "ack": self._on_ack,
            "buffered": self._on_buffered,
            "views": self._on_views,
            "command": self._on_command,
            "query": self._on_query,
            "closed": self._on_closed,
            "ping": self._on_ping,
        }

    @property
    def views(self) -> tuple[str, ...]:
        """The names of the open views."""
        return self.clients.request.views

    def close(self) -> None:
        """End the session, a running fit and the render thread."""
        self.learning.stop()
        self.clients.close_all()
        self.publisher.close()
        self.worker.stop(wait=1.0)

    # -- the trait `params` and the messages, on the kernel's threads -------------------------------------------

    def on_params(self, change: dict[str, Any]) -> None:
        """Acknowledge the audio that has arrived, and post the new value of the trait `params` to the render thread.

        If the page is closed and no other is open, the values are only set. `change` is the description of the change
        that traitlets passes to its observers.
        """
        params = change["new"]
        if not params:
            return
        self.worker.outbox.acknowledge(params.get("received", []), params.get("ack_delays", []))
        request = self.clients.accept(params)
        if self.clients.has_audience(request):
            self.worker.post(request)
        else:  # ipywidgets delayed the values until their page was closed: they are set, but not rendered
            self.worker.stop(wait=1.0)
            self.worker.run(self.publisher.apply_pending_values)

    def on_message(self, _widget: Any, message: dict[str, Any], buffers: Any) -> None:
        """Handle a message from a page; see docs/panel-protocol.md. A message of unknown type is ignored."""
        handler = self._handlers.get(str(message.get("type")))
        if handler is not None:
            handler(message, list(buffers or []))

    def _on_bundle(self, _message: BundleRequest, _buffers: list[Any]) -> None:
        self._panel.deliver({"type": "bundle", "hash": bundle_hash()}, [built_file_gzipped("panel.js")])

    def _on_ping(self, _message: PingMessage, _buffers: list[Any]) -> None:
        self._panel.deliver({"type": "pong"}, [])

    def _on_ready(self, message: ReadyMessage, _buffers: list[Any]) -> None:
        clients = self.clients
        clients.open(str(message.get("client")))
        views = tuple(message.get("views", clients.request.views))
        clients.axes = dict(message.get("axes", {}))
        self.worker.submit(partial(self._renderer.set_axes, clients.axes))
        clients.update(views=views, options=dict(message.get("options", {})), **playhead_fields(message))
        self.worker.submit(partial(self.publisher.publish, dry=True))
        self.worker.submit(self.learning.send_state)

    def _on_axes(self, message: AxesMessage, _buffers: list[Any]) -> None:
        self.clients.axes = dict(message["axes"])
        self.worker.submit(self._send_for_axes)

    def _on_ack(self, message: AckMessage, _buffers: list[Any]) -> None:
        self.worker.outbox.acknowledge(message["received"], message.get("ack_delays", []))

    def _on_buffered(self, message: BufferedMessage, _buffers: list[Any]) -> None:
        self.clients.update(**playhead_fields(message))
        request = self.clients.request
        wet, dry = _seconds(message.get("wet")), _seconds(message.get("dry"))
        self.worker.request_audio(AudioRequest(request.position, request.loop, wet, dry))

    def _on_views(self, message: ViewsMessage, _buffers: list[Any]) -> None:
        self.clients.update(views=tuple(message["views"]), options=dict(message.get("options", {})))
        if not self._views_to_send:
            self.worker.submit(self._send_views)
        self._views_to_send.update(message.get("changed", message["views"]))

    def _on_command(self, message: CommandMessage, _buffers: list[Any]) -> None:
        self.worker.submit(partial(self._run_command, message))

    def _on_query(self, message: QueryMessage, buffers: list[Any]) -> None:
        self.worker.submit(partial(self._run_query, message, buffers))

    def _on_closed(self, message: ClosedMessage, _buffers: list[Any]) -> None:
        client = str(message.get("client"))
        self.clients.close(client)
        self._renderer.client_values.forget(client)
        if not self.clients.any_open:
            self.worker.stop()

    # -- tasks of the render thread -----------------------------------------------------------------------------

    def _send_views(self) -> None:
        """Send the drawings of the views that a page has opened or changed."""
        names, self._views_to_send = self._views_to_send, set()
        worker, module, last = self.worker, self._renderer.module, self.clients.request
        request = replace(last, views=tuple(name for name in last.views if name in names))
        worker.view_sender.send(request)
        if is_any_drawn_from(module, request.views, "measurement"):
            worker.measure_when_idle(last)
        if is_any_drawn_from(module, request.views, "output"):
            # The page already shows the error, and a newer request draws these views too.
            with suppress(RenderError, Superseded):
                worker.view_sender.send(request, worker.audio_sender.full_output())

    def _send_for_axes(self) -> None:
        """Send the curves and views for the visible ranges of the axes."""
        with suppress(RenderError):  # the page already shows the error
            self.worker.view_sender.send_for_axes(self.clients.axes, self.clients.request)

    def _run_command(self, message: CommandMessage) -> None:
        """Run a command and publish the result, or send its error."""
        publisher, outbox = self.publisher, self.worker.outbox
        publisher.apply_pending_values()
        publisher.record_step()
        seq = self.clients.accept_command(message)
        try:
            handler = _find(COMMANDS, message.get("name"), "command")
            publisher.run_command(partial(handler, self._panel, message))
        except Exception as error:
            outbox.send(outbox.status(seq, "error", describe_error(error)))

    def _run_query(self, message: QueryMessage, buffers: list[Any]) -> None:
        """Run a query and send its answer, or its error."""
        self.publisher.apply_pending_values()
        self.publisher.record_step()
        try:
            answer = _find(QUERIES, message.get("name"), "query")(self._panel, message, buffers)
        except Exception as error:
            answer = Answer({"error": describe_error(error)})
        content = {**answer.fields, "type": "answer", "request": message.get("request", "")}
        self._panel.deliver(cast(AnswerMessage, content), list(answer.buffers))


def _find(handlers: dict[str, Any], name: Any, kind: str) -> Any:
    if name not in handlers:
        raise ParameterError(f"Panel: there is no {kind} {name!r}; there are {', '.join(sorted(handlers))}.")
    return handlers[name]


def _seconds(value: float | None) -> float:
    """Return `value`, or infinity for None, which stands for infinity in JSON."""
    return math.inf if value is None else float(value)
