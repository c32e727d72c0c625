"""`Renderer`: sets the values of a module's controls, and computes the resulting audio and curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fxlab.analysis.measurement import Measurement
from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.errors import FxlabError, ParameterError, describe_error
from fxlab.module import Module, has_response
from fxlab.module.parameters.clock import start_at
from fxlab.panel.controls.client_values import ClientValues
from fxlab.panel.controls.control_binding import ControlBinding, control_bindings, control_values, first_invalid_path
from fxlab.panel.plots.measure_module import measure_response, measured_magnitude
from fxlab.panel.plots.module_curves import mean_response, module_curves
from fxlab.panel.plots.target_curve import TargetCurve
from fxlab.panel.protocol import CurveNotes
from fxlab.panel.rendering.measured_sound import MeasuredSound
from fxlab.panel.rendering.moments import at_moment, is_moving, window_begin
from fxlab.panel.rendering.output_check import check_output
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.sounding_part import sounding_part
from fxlab.panel.rendering.value_changes import ValueChange, set_values
from fxlab.panel.views import Drawing, Scene, Superseded, views_of
from fxlab.signal import Signal
from fxlab.signal.samples import peak

RESIDUAL = 1e-5  # -100 dB: the residual of earlier input that is allowed at the start of a window


class Renderer(MeasuredSound):
    """A module and a signal, rendered again for each set of values. Only one thread at a time may use it.

    `apply_values` sets the values; `render_window` returns a part of the output, `render_full` all of it. If any of
    them fails, the module's previous values are restored.

    Args:
        module: The module.
        signal: The input.
        device: The name of the device on which the module runs.
    """

    def __init__(self, module: Module, signal: Signal, device: str) -> None:
        super().__init__(signal)
        self.module = module
        self._previous_values: list[tuple[ControlBinding, Any]] = []
        self._client, self._changed_values = "", dict[str, Any]()
        self.client_values = ClientValues(control_values(module))
        self._measurement: Measurement | str | None = None
        """The measurement of a module that has no response, or the message of the error if it failed."""
        self.target: TargetCurve | None = None
        """The curve of the target of a fit; None if there is no target."""
        self.curve_notes: CurveNotes = {}
        """The fields of a `CurvesMessage` besides the curves, from the last call of `curves`."""
        self._seconds = 0.0
        self.move_to(device)

    def replace(self, module: Module | None = None, signal: Signal | None = None) -> None:
        """Replace the module or the signal; without arguments, adopt the edited stages of the current module.

        The measured response and the spectrum of the output are dropped, and the values before the replacement are not
        restored by a later error.
        """
        self.module = module or self.module
        if signal is not None:
            self._replace_input(signal)
        device, self.device = self.device, ""
        self.move_to(device)
        self._measurement = self._output_spectrum = None
        self._previous_values = []

    def move_to(self, device: str) -> None:
        """Move the module and the input to the device with the name `device`."""
        if device != self.device:
            self.module.to(device)
            self._move_input_to(device)

    @property
    def player(self) -> Module:
        """The module whose output plays: `module`, or the part before a stage whose output is not a sound."""
        return sounding_part(self.module)

    # -- audio --------------------------------------------------------------------------------------------------

    def apply_values(self, values: dict[str, Any], client: str = "", revision: int | None = None) -> None:
        """Set those of the `values` of a page that its user has changed, all or none.

        `ClientValues.changed_by_user` determines them; see there for the arguments. Values that Python or another panel
        has set meanwhile are kept; see `values_changed_elsewhere`.

        Raises:
            RenderError: A value is not valid.
        """
        self._previous_values, self._client = [], client
        self._changed_values = self.client_values.changed_by_user(client, revision, values)
        bindings = dict(control_bindings(self.module))
        changes = []
        for path, value in self._changed_values.items():
            binding = bindings.get(path)
            previous = None if binding is None else binding.value
            if binding is None or previous is None or previous == value:
                continue  # a page that shows an earlier state of the chain sends paths that have no binding
            changes.append(ValueChange(path, binding, previous, value))
        try:
            set_values(changes, self.signal.sample_rate)
        except RenderError:
            self._restore_values()
            raise
        self._previous_values = [(change.binding, change.previous) for change in changes]

    def values_changed_elsewhere(self) -> dict[str, Any]:
        """Return the module's values, by path, that some page does not show, and record them as sent to all pages."""
        return self.client_values.unpublished(control_values(self.module))

    def render_window(self, start: int, count: int) -> Tensor | None:
        """Return frames `start` to `start + count` of the output, `(channels, count)`.

        The result is None if they require a complete render, or more than half of the input. The response of a stable
        filter to past input decays. A filter that is started early enough before `start` therefore gives the same
        output as one that is started at the beginning, to within -100 dB. Any error is raised as a `RenderError`.
        """
        module, rate = self.player, self.signal.sample_rate
        try:
            with torch.no_grad():
                begin = window_begin(module, start, count, rate, RESIDUAL)
                if begin is None or start + count - begin > self._x.shape[-1] // 2:
                    return None
                with start_at(begin / rate):
                    y = module(self._x[:, begin : start + count], sample_rate=rate)
            check_output(y, self._x, type(self.module).__name__)
        except Exception as error:
            raise self.failed(error) from error
        return y[:, start - begin :]

    def render_full(self) -> Tensor:
        """Return the complete output, `(channels, time)`, at the sample rate of the input, at which the page plays.

        Raises:
            RenderError: The module fails, or its output cannot be played.
        """
        try:
            with torch.no_grad():
                rate, player = self.signal.sample_rate, self.player
                y = convert_rate(player(self._x, sample_rate=rate), player.output_rate(rate), rate)
        except Exception as error:
            raise self.failed(error) from error
        return self.checked(y)

    def checked(self, y: Tensor, *, allow_empty: bool = False) -> Tensor:
        """Return the output `y` if it can be played.

        Raises:
            RenderError: The output cannot be played, or it is empty and `allow_empty` is false.
        """
        try:
            if not (allow_empty and isinstance(y, Tensor) and y.shape[-1] == 0):
                check_output(y, self._x, type(self.module).__name__)
        except Exception as error:
            raise self.failed(error) from error
        return y

    # -- curves -------------------------------------------------------------------------------------------------

    def curves(self, seconds: float | None = None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the curves of the complete module by name, and each stage's response by path, over `frequencies`.

        If parameters move, the curves and the views that are drawn afterwards show the moment `seconds` of the sound;
        None means the moment of the last call. Any error is raised as a `RenderError`.
        """
        self._seconds = self._seconds if seconds is None else seconds
        named, frequencies = self.input_curves(), self.frequencies.to(self.device)
        try:
            curves = module_curves(self.module, frequencies, self.signal.sample_rate, self._seconds)
        except Exception as error:
            raise self.failed(error) from error
        self.curve_notes = curves.notes
        if "response" in curves.named and not is_moving(self.module):
            # The spectrum of a filter's output follows from its response and need not be measured.
            named["output"] = named["input"] + curves.named["response"]
        return named | curves.named | self.target_curves(), curves.stages

    def target_curves(self) -> dict[str, Tensor]:
        """Return the curve of the target of a fit over `frequencies`, by its name; see `TargetCurve.curves`.

        The result is empty if there is no target.
        """
        target = self.target
        return {} if target is None else target.curves(self.module, self.frequencies, self.input_spectrum())

    def mean_response(self) -> Tensor | None:
        """Return the response in dB over `frequencies`, averaged as power over the sound.

        It is None if no parameter moves, or if the module has no response.
        """
        if not is_moving(self.module):
            return None
        frequencies, rate = self.frequencies.to(self.device), self.signal.sample_rate
        return mean_response(self.module, frequencies, rate, self.signal.duration)

    # -- measurements -------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure the response of the module at the level of the input; store the result or the error message."""
        try:
            self._measurement = measure_response(self.module, self.signal.sample_rate, peak(self._x))
        except Exception as error:
            self._measurement = describe_error(error)

    def measured_curves(self) -> tuple[dict[str, Tensor], CurveNotes]:
        """Return the measured response as the curve `measured`, and the field `measurement_level` of `CurveNotes`.

        Both are empty if the module has a response, has not been measured, or could not be measured.
        """
        if has_response(self.module) or not isinstance(self._measurement, Measurement):
            return {}, {}
        response = measured_magnitude(self._measurement, self.frequencies)
        return {"measured": response}, {"measurement_level": self._measurement.level_db}

    def draw_view(
        self,
        name: str,
        y: Tensor | None = None,
        options: dict[str, Any] | None = None,
        check_superseded: Callable[[], None] = lambda: None,
    ) -> Drawing:
        """Return the drawing of a view; if it cannot be drawn, the field `error` gives the reason.

        Args:
            name: The name of the view.
            y: The complete output, `(channels, time)`, if the view is drawn from it.
            options: The page's options for the view; None means the defaults.
            check_superseded: A function that a slow view calls regularly; it raises `Superseded` to end the drawing.

        Raises:
            Superseded: `check_superseded` raised it.
        """
        try:
            scene = Scene(
                module=at_moment(self.module, self._seconds),
                rate=self.signal.sample_rate,
                device=self.device,
                frequencies=self.frequencies,
                x=self._x,
                y=y,
                options=options or {},
                check_superseded=check_superseded,
                render_window=self.render_window,
                axes=self.axes,
                measured=self._measurement,
                moving_module=self.module,
            )
            with torch.no_grad():
                return views_of(self.module)[name].draw(scene)
        except Superseded:
            raise
        except Exception as error:
            return {"error": describe_error(error)}, {}

    # -- errors -------------------------------------------------------------------------------------------------

    def _restore_values(self) -> None:
        """Restore the values before the last `apply_values`; its changed values count as changed again."""
        for binding, value in self._previous_values:
            binding.set(value)
        self._previous_values = []
        self.client_values.retry(self._client, self._changed_values)  # the next request tries the failed values again

    def failed(self, error: Exception) -> RenderError:
        """Restore the previous values, and return `error` as a `RenderError`.

        If `error` is a `ParameterError`, the result has the path of the first control whose value is invalid, if any.
        """
        is_a_value = isinstance(error, ParameterError)
        path = first_invalid_path(self.module, self.signal.sample_rate) if is_a_value else None
        self._restore_values()
        if isinstance(error, FxlabError):
            return RenderError(str(error), path)
        return RenderError(f"{type(self.module).__name__} raised {type(error).__name__}: {error}")
