"""`Learner`: fits a panel's module to a target while the panel plays."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.learn import Fit, Step, fit
from fxlab.learn.objective import Target, make_objective
from fxlab.learn.search_space import SearchSpace
from fxlab.module import Module
from fxlab.module.parameters.learnable import LearnableParameter, learnable_parameters, learned_parameters
from fxlab.panel.editing.history import History
from fxlab.signal import Signal

UPDATES_PER_SECOND = 30.0


class Learner:
    """A fit that runs on a thread: every thirtieth of a second the panel's module gets the best values so far.

    The fit works on a copy of the module, so the panel may be played and changed meanwhile. If a learned parameter is
    changed by hand, the fit ends and that value stays. The values of one fit are one
    step for undo.

    Args:
        module: The panel's module.
        input: The input of the fit, the panel's signal.
        target: See `fit`.
        names: The parameters to learn, as for `module.learn`; if there are none, those that are `nn.Parameter`s, or
            else all.
        options: Further arguments of `fit`.
        history: The panel's history, in which the fit is one step.

    Raises:
        ParameterError: A name matches no parameter.
    """

    def __init__(  # noqa: PLR0917
        self,
        module: Module,
        input: Signal,
        target: Target,
        names: tuple[str, ...],
        options: Mapping[str, Any],
        history: History,
    ) -> None:
        self._history = history
        self._module, self._input, self._target = module, input, target
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
        self._last_update = -1.0
        self.result: Fit | None = None
        """The result, once the fit has ended without an error."""
        self.error: Exception | None = None
        """The exception that ended the fit, if any."""
        self.taken_over = ""
        """The parameter that was changed by hand during the fit, if any."""
        # An argument that is invalid is an error here, not on the thread.
        make_objective(self._copy, input, target, self._options.get("loss"), input.sample_rate, starts=1)
        SearchSpace(self._copy, input.sample_rate)
        self._thread = threading.Thread(target=self._run, name="fxlab-learner", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the fit is running."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the fit; the module keeps the best values so far."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> Fit:
        """Wait until the fit has ended and return its result.

        Raises:
            ParameterError: It has not ended within `timeout` seconds.
            Exception: The error that ended the fit.
        """
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise ParameterError(f"learn: the fit has not ended within {timeout:g} s; wait longer, or call stop().")
        if self.error is not None:
            raise self.error
        assert self.result is not None
        return self.result

    def _run(self) -> None:
        self._history.hold()
        try:
            self.result = fit(
                self._copy, self._input, self._target, **{"progress": False, "on_step": self._on_step, **self._options}
            )
            if not self.taken_over and not self._was_changed():
                self._assign({path: _value(p) for path, p in _by_path(self._copy).items()})
        except Exception as error:  # `wait` raises it
            self.error = error
        finally:
            self._history.release()

    def _on_step(self, step: Step) -> None:
        if self._stop.is_set() or self._was_changed():
            raise KeyboardInterrupt
        if self._user_step is not None:
            self._user_step(step)
        now = time.monotonic()
        if step.number and step.values and now - self._last_update >= 1.0 / UPDATES_PER_SECOND:
            self._last_update = now
            self._assign(step.values)

    def _was_changed(self) -> bool:
        """Return whether a learned parameter of the panel's module has another value than the fit gave it."""
        for path, parameter in self._parameters.items():
            value = _value(parameter)
            if value.shape != self._assigned[path].shape or not torch.equal(value, self._assigned[path]):
                self.taken_over = path
                return True
        return False

    def _assign(self, values: Mapping[str, Tensor]) -> None:
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


def _by_path(module: Module) -> dict[str, LearnableParameter]:
    return {p[0]: p for p in learned_parameters(module)}


def _value(parameter: LearnableParameter) -> Tensor:
    _, owner, declaration = parameter
    return declaration.stored(owner).detach().clone()
