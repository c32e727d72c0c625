"""`PanelLearning`: the target and the fit of a panel, and their state for its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fxlab.display.number_format import format_frequency
from fxlab.errors import ParameterError, describe_error
from fxlab.learn.objective import Target
from fxlab.module import Module
from fxlab.panel.learning.learner import Learner
from fxlab.panel.plots.target_curve import TargetCurve
from fxlab.panel.protocol import LearningMessage, LearningState
from fxlab.panel.publisher import Publisher
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.worker import Worker
from fxlab.signal import Signal


class PanelLearning:
    """The target of a panel and the fit to it.

    Args:
        renderer: The owner of the module and the signal, which computes the curve of the target.
        worker: The render thread.
        publisher: Sends changed values to the pages.
    """

    def __init__(self, renderer: Renderer, worker: Worker, publisher: Publisher) -> None:
        self._renderer, self._worker, self._publisher = renderer, worker, publisher
        self.learner: Learner | None = None
        """The fit that was started last; None if there was none, or if `set_target` was called after it had ended."""
        self._target: Target | None = None
        self._target_name = ""

    # -- the target and the fit ---------------------------------------------------------------------------------

    def set_target(self, target: Target | None, name: str = "") -> None:
        """Set the target of the panel, send its curve, and make a running fit end; call it on the render thread.

        Args:
            target: The target as for `fit`; None removes it and its curve.
            name: The name that the pages show for the target, such as that of a file.
        """
        self.stop()
        self.learner = self.learner if self._is_running else None
        renderer, outbox = self._renderer, self._worker.outbox
        self._target, self._target_name = target, name
        renderer.target = None if target is None else TargetCurve(target)
        self.send_state()
        outbox.send(outbox.curves(self._worker.seq, renderer.target_curves()))

    def start(self, target: Target, names: tuple[str, ...], options: Mapping[str, Any], name: str = "") -> Learner:
        """Start a fit of the panel's module, and return its `Learner`.

        The target becomes that of the panel, and all values that the fit changes are one step of the history.

        Args:
            target: See `fit`.
            names: The parameters to learn; see `Learner`.
            options: Further arguments of `fit`, by name.
            name: The name that the pages show for the target.

        Raises:
            ParameterError: A fit is running, a name matches no parameter, or another argument of `fit` is invalid.
            SignalError: Signal and target differ in length, channels or sample rate.
        """

        def begin() -> None:
            if self._is_running:
                raise ParameterError("Panel: a fit is running; wait for it, or call panel.learner.stop().")
            self._publisher.apply_pending_values()
            self._publisher.record_step()
            learner = Learner(self, target, names, options)
            if target is not self._target:
                self.set_target(target, name)
            self.learner = learner
            self._publisher.editor.history.hold()
            learner.start()
            self.send_state()

        self._worker.run(begin)
        assert self.learner is not None
        return self.learner

    def start_to_target(self) -> Learner:
        """Start a fit to the target that was set, and return its `Learner`.

        The fit learns the parameters that are `nn.Parameter`s, or all parameters if there are none.

        Raises:
            ParameterError: No target is set, a fit is running, or the panel's module has no parameter to learn.
            SignalError: Signal and target differ in length, channels or sample rate.
        """
        if self._target is None:
            raise ParameterError(
                "Panel: there is no target to learn from; choose a sound, or a curve as a CSV file of Hz and dB."
            )
        return self.start(self._target, (), {}, self._target_name)

    def stop(self) -> None:
        """Make a running fit end at its next step; the module keeps the best values so far."""
        if self.learner is not None:
            self.learner.stop()

    @property
    def _is_running(self) -> bool:
        return self.learner is not None and self.learner.is_running

    # -- the state for the pages --------------------------------------------------------------------------------

    def send_state(self) -> None:
        """Send the state of the target and the fit to the pages."""
        message: LearningMessage = {**self.state(), "type": "learning"}
        self._worker.outbox.send((message, []))

    def state(self) -> LearningState:
        """Return the fields of the message `learning`; see docs/panel-protocol.md."""
        learner = self.learner
        return {
            "running": self._is_running,
            "target": self._target_name if isinstance(self._target, (Signal, tuple, list)) else "",
            "about": _describe_target(self._target),
            "message": "" if learner is None else _describe(learner),
            "failed": learner is not None and _has_failed(learner),
        }

    # -- the methods of a `LearnerHost` -------------------------------------------------------------------------

    @property
    def module(self) -> Module:
        """The panel's module."""
        return self._renderer.module

    @property
    def signal(self) -> Signal:
        """The panel's signal."""
        return self._renderer.signal

    @property
    def is_busy(self) -> bool:
        """Whether the render thread has pending work, or has not sent its last render."""
        return self._worker.has_unsent_render

    def submit(self, task: Callable[[], None]) -> None:
        """Run `task` on the render thread without waiting, or if that thread is not alive, on the calling thread."""
        if self._worker.is_alive:
            self._worker.submit(task)
        else:
            self._worker.run(task)

    def run(self, task: Callable[[], None]) -> None:
        """Run `task` on the render thread and wait, or if that thread is not alive, run it on the calling thread."""
        self._worker.run(task)

    def apply_pending_values(self) -> None:
        """Set the values that the pages have sent."""
        self._publisher.apply_pending_values()

    def show_update(self) -> None:
        """Send the module's values to the pages and render."""
        self._publisher.publish(request_params=True)
        self.send_state()

    def show_end(self) -> None:
        """Show the last update, and that the fit has ended; all changes by the fit are one step of the history."""
        history = self._publisher.editor.history
        self._publisher.publish(request_params=True)
        history.release()
        history.end_drag()
        self.send_state()


def _describe_target(target: Target | None) -> str:
    if isinstance(target, Signal):
        return f"{target.duration:.3g} s, {target.sample_rate / 1000:g} kHz"
    if isinstance(target, (tuple, list)):
        frequencies = [float(f) for f in target[0]]
        count = "1 point" if len(frequencies) == 1 else f"{len(frequencies)} points"
        return f"{count}, {format_frequency(min(frequencies))} to {format_frequency(max(frequencies))}"
    return ""


def _has_failed(learner: Learner) -> bool:
    result = learner.result
    return learner.error is not None or (result is not None and result.stopped.startswith("the loss"))


def _describe(learner: Learner) -> str:
    """Return a text for the page with the progress of the fit, or with how it ended."""
    result, step = learner.result, learner.step
    if learner.error is not None:
        return describe_error(learner.error)
    if learner.is_running or result is None:
        if step.number == 0:
            return "Begins…"
        error = (
            f"{step.loss**0.5:.2g} dB from the target" if learner.target_kind == "response" else f"loss {step.loss:.3g}"
        )
        return f"Step {step.number}, {error}"
    if learner.taken_over:
        return f"Ended after {result.steps} steps, because {learner.taken_over} changed"
    if _has_failed(learner):
        return f"Ended: {result.stopped}. The best values before it are kept."
    how = "Stopped" if result.stopped == "interrupted" else "Done"
    return f"{how} after {result.steps} steps: {result.miss}"
