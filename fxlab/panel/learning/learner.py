"""`Learner`: fits a panel's module to a target while the panel plays."""

from __future__ import annotations

import atexit
import copy
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.learn import Fit, Step, fit
from fxlab.learn.objective import Target, make_objective
from fxlab.learn.search_space import SearchSpace
from fxlab.module import Module
from fxlab.module.parameters.learnable import LearnableParameter, learnable_parameters, learned_parameters
from fxlab.signal import Signal

UPDATES_PER_SECOND = 30.0
MAX_SECONDS_AT_EXIT = 5.0
MAX_WAIT = 1.0
"""The time in seconds after which an update is made even if the render thread is busy."""


class LearnerHost(Protocol):
    """The attributes and methods of a panel that a `Learner` uses."""

    @property
    def module(self) -> Module:
        """The panel's module."""

    @property
    def signal(self) -> Signal:
        """The panel's signal."""

    @property
    def is_busy(self) -> bool:
        """Whether the render thread has pending work, or has not sent its last render."""

    def submit(self, task: Callable[[], None]) -> None:
        """Run `task` on the render thread, without waiting for it."""

    def run(self, task: Callable[[], None]) -> None:
        """Run `task` on the render thread, and wait for it."""

    def apply_pending_values(self) -> None:
        """Set the values that the pages have sent; called on the render thread."""

    def show_update(self) -> None:
        """Send the module's values to the pages and render; called on the render thread."""

    def show_end(self) -> None:
        """Show the last update, and that the fit has ended; called on the render thread."""


class Learner:
    """A fit on a background thread; up to thirty times per second, the panel's module gets the values of the fit.

    The fit works on a copy of the module, so the panel may be played and changed meanwhile. If a learned parameter, the
    stages or the sound are changed by hand, the fit ends and the change stays.

    Args:
        host: The panel.
        target: See `fit`.
        names: The parameters to learn, as for `module.learn`; if it is empty, those that are `nn.Parameter`s, or all
            parameters if there are none.
        options: Further arguments of `fit`, by name.

    Raises:
        ParameterError: A name matches no parameter, or another argument of `fit` is invalid.
        SignalError: Signal and target differ in length, channels or sample rate.
    """

    def __init__(self, host: LearnerHost, target: Target, names: tuple[str, ...], options: Mapping[str, Any]) -> None:
        self._host = host
        module, input = host.module, host.signal
        self._input, self._target = input, target
        self._stages = [id(part) for part in module.modules()]
        self._options = {name: value for name, value in options.items() if name != "on_step"}
        self._user_step = options.get("on_step")
        self._copy = copy.deepcopy(module)
        if names or not learned_parameters(self._copy):
            self._copy.freeze()
            self._copy.learn(*names)
        learned = {path for path, _, _ in learned_parameters(self._copy)}
        self._parameters = {p[0]: p for p in learnable_parameters(module) if p[0] in learned}
        self._assigned: dict[str, Tensor] = {path: _value(p) for path, p in self._parameters.items()}
        self._stop = threading.Event()
        self._has_ended = False
        self._last_update = 0.0
        self._update_is_submitted = False
        self.step = Step(0, float("nan"), {})
        """The last step of the fit; its number is 0 before the first step."""
        self.result: Fit | None = None
        """The result, once the fit has ended without an error."""
        self.error: Exception | None = None
        """The exception that ended the fit, if any."""
        self.taken_over = ""
        """What was changed by hand during the fit: the path of a parameter, "the stages", "the sound", or empty."""
        # An argument that is invalid is an error here, not on the thread.
        objective, _ = make_objective(self._copy, input, target, self._options.get("loss"), input.sample_rate, starts=1)
        self.target_kind = objective.kind
        """The kind of the target: `"signal"`, `"response"` or `"function"`."""
        SearchSpace(self._copy, input.sample_rate)
        self._thread = threading.Thread(target=self._run, name="fxlab-learner", daemon=True)

    def start(self) -> None:
        """Start the thread on which the fit runs."""
        # PyTorch must not run on another thread while the interpreter ends: that would abort the process.
        atexit.register(self._end_at_exit)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the fit has not ended; True also before `start`."""
        return not self._has_ended

    def stop(self) -> None:
        """Make the fit end at its next step, and return at once; the module keeps the best values so far."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> Fit:
        """Wait until the fit has ended and return its result; a `timeout` of None means no limit.

        Raises:
            ParameterError: The fit has not ended within `timeout` seconds.
            Exception: The error that ended the fit.
        """
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise ParameterError(f"learn: the fit has not ended within {timeout:g} s; wait longer, or call stop().")
        if self.error is not None:
            raise self.error
        assert self.result is not None
        return self.result

    def _end_at_exit(self) -> None:
        self.stop()
        self._thread.join(MAX_SECONDS_AT_EXIT)

    # -- the thread of the fit ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self.result = fit(
                self._copy, self._input, self._target, **{"progress": False, "on_step": self._on_step, **self._options}
            )
        except Exception as error:  # `wait` raises it, and the page shows it
            self.error = error
        self._host.run(self._finish)
        atexit.unregister(self._end_at_exit)

    def _on_step(self, step: Step) -> None:
        if self._stop.is_set() or self.taken_over:
            raise KeyboardInterrupt
        self.step = step
        if self._user_step is not None:
            self._user_step(step)
        elapsed = time.monotonic() - self._last_update
        is_due = elapsed >= 1.0 / UPDATES_PER_SECOND and (not self._host.is_busy or elapsed >= MAX_WAIT)
        if step.number and is_due and not self._update_is_submitted:
            self._last_update = time.monotonic()
            self._update_is_submitted = True
            self._host.submit(self._update)

    # -- the render thread --------------------------------------------------------------------------------------

    def _update(self) -> None:
        self._update_is_submitted = False
        if not self._has_ended and not self._was_changed():
            self._assign(self.step.values)
            self._host.show_update()

    def _finish(self) -> None:
        if self.result is not None and not self._was_changed():
            self._assign({p[0]: _value(p) for p in learned_parameters(self._copy)})
        self._has_ended = True
        self._host.show_end()

    def _was_changed(self) -> bool:
        """Return whether the stages, the sound or a learned value were changed by hand; set `taken_over`.

        The values that the pages have sent are set first.
        """
        host = self._host
        host.apply_pending_values()
        if [id(part) for part in host.module.modules()] != self._stages:
            self.taken_over = "the stages"
        elif host.signal is not self._input:
            self.taken_over = "the sound"
        else:
            for path, parameter in self._parameters.items():
                value = _value(parameter)
                if value.shape != self._assigned[path].shape or not torch.equal(value, self._assigned[path]):
                    self.taken_over = path
        return bool(self.taken_over)

    def _assign(self, values: Mapping[str, Tensor]) -> None:
        """Set the learned parameters of the panel's module to `values`, by path, and store them for `_was_changed`."""
        for path, (_, owner, declaration) in self._parameters.items():
            value = values[path].detach().to(declaration.stored(owner)).clone()
            self._assigned[path] = value
            stored = declaration.stored(owner)
            if isinstance(stored, torch.nn.Parameter):
                with torch.no_grad():
                    stored.copy_(value)
                setattr(owner, declaration.name, stored)  # the panel is notified
            else:
                setattr(owner, declaration.name, value)


def _value(parameter: LearnableParameter) -> Tensor:
    _, owner, declaration = parameter
    return declaration.stored(owner).detach().clone()
