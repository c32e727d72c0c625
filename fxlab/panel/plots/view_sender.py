"""`ViewSender`: sends to each page the curves of its frequency range and the views that it has open."""

from __future__ import annotations

from torch import Tensor

from fxlab.module.parameters.scope import designed_once
from fxlab.panel.rendering.mailbox import Mailbox
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import Request
from fxlab.panel.streaming.audio_sender import alone
from fxlab.panel.streaming.outbox import Outbox
from fxlab.panel.views import Axes, Overtaken, views_of
from fxlab.panel.views.view import go_on


class ViewSender:
    """Drawn on the worker's thread, under the number of the render that was made last."""

    def __init__(self, renderer: Renderer, line: Outbox, mail: Mailbox) -> None:
        self._renderer, self._line, self._mail = renderer, line, mail
        self.seq = 0

    def show(self, request: Request, y: Tensor | None = None, due: str = "module") -> None:
        """Send what those open views draw that are drawn from the module or a measurement; with `y` from the output."""
        # What is drawn before the sound is whole is quick, and drawn to its end.
        pause = go_on if y is None else self._pause
        due = due if y is None else "output"
        renderer = self._renderer
        known = views_of(renderer.module)
        for name in request.views:
            if name in known and known[name].due(renderer.module) == due:
                pause()
                drawing = renderer.drawing(name, y, request.options.get(name), pause)
                self._line.say(self._line.view(self.seq, name, drawing))

    def look(self, axes: Axes, request: Request) -> None:
        """The page shows another part of an axis: it gets the curves and the views for that."""
        renderer, line = self._renderer, self._line
        if axes == renderer.axes:
            return  # of several that came one after another, the newest was drawn
        renderer.look(axes)
        with alone(), designed_once():
            curves, stages = renderer.curves()
            output = None if "output" in curves else renderer.output_spectrum()
            if output is not None:
                curves["output"] = output
            measured, level = renderer.measured()
            line.say(line.curves(self.seq, curves | measured, stages, renderer.notes | level))
            self.show(request)

    def measure(self, request: Request) -> None:
        """Measure what has no response, and send what is drawn from that."""
        renderer, line = self._renderer, self._line
        with alone():
            renderer.measure()
            curves, level = renderer.measured()
            if curves:
                line.say(line.curves(self.seq, curves, None, level))
            self.show(request, due="measurement")

    def _pause(self) -> None:
        if self._mail.overtaken():
            raise Overtaken
