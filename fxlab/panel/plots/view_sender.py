"""`ViewSender`: draws the open views, and the curves for new ranges of the axes, and sends them to the pages."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.module.parameters.design_cache import cache_designs
from fxlab.panel.protocol import Axes
from fxlab.panel.rendering.mailbox import Mailbox
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.streaming.outbox import Outbox
from fxlab.panel.views import Superseded, views_of
from fxlab.panel.views.view import DrawnFrom, never_superseded


class ViewSender:
    """The sender of the open views, and of the curves for new ranges of the axes; used on the render thread.

    Args:
        renderer: Draws the views, and computes the curves.
        outbox: Sends the messages.
        mailbox: The pending work, which interrupts slow views.
    """

    def __init__(self, renderer: Renderer, outbox: Outbox, mailbox: Mailbox) -> None:
        self._renderer, self._outbox, self._mailbox = renderer, outbox, mailbox
        self.seq = 0
        """The sequence number of the last render, which is sent with each view."""

    def send(self, request: RenderRequest, y: Tensor | None = None, drawn_from: DrawnFrom = "module") -> None:
        """Send the open views that are drawn from one source.

        Args:
            request: The request that contains the names and the options of the open views.
            y: The complete output, `(channels, time)`; if it is given, the views that are drawn from it are sent.
            drawn_from: The source of the data, if `y` is None.

        Raises:
            Superseded: Newer work is pending, and `y` is given.
        """
        # Views that do not need the complete output are quick, and are not interrupted.
        check_superseded = never_superseded if y is None else self._check_superseded
        drawn_from = drawn_from if y is None else "output"
        renderer = self._renderer
        views = views_of(renderer.module)
        for name in request.views:
            if name in views and views[name].drawn_from(renderer.module) == drawn_from:
                check_superseded()
                drawing = renderer.draw_view(name, y, request.options.get(name), check_superseded)
                self._outbox.send(self._outbox.view(self.seq, name, drawing))

    def send_for_axes(self, axes: Axes, request: RenderRequest) -> None:
        """Send the curves and the open views for new visible ranges of the axes, unless `axes` are the current ones.

        Of the views, those that are drawn from the module alone are sent.
        """
        renderer, outbox = self._renderer, self._outbox
        if axes == renderer.axes:
            return  # an earlier call has already drawn the newest of several changes
        renderer.set_axes(axes)
        with SingleThread(), cache_designs():
            curves, stages = renderer.curves()
            output = None if "output" in curves else renderer.output_spectrum()
            if output is not None:
                curves["output"] = output
            measured, level = renderer.measured_curves()
            outbox.send(outbox.curves(self.seq, curves | measured, stages, renderer.curve_notes | level))
            self.send(request)

    def measure(self, request: RenderRequest) -> None:
        """Measure the module, which has no response, and send the curves and views that are drawn from the measurement.

        The renderer keeps the measurement, or the reason why it failed.
        """
        renderer, outbox = self._renderer, self._outbox
        with SingleThread():
            renderer.measure()
            curves, level = renderer.measured_curves()
            if curves:
                outbox.send(outbox.curves(self.seq, curves, None, level))
            self.send(request, drawn_from="measurement")

    def _check_superseded(self) -> None:
        if self._mailbox.is_superseded():
            raise Superseded
