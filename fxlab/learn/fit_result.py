"""`Fit`: the result of `fit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from fxlab import hooks
from fxlab.learn.objective import Target
from fxlab.module import Module
from fxlab.module.parameters.learnable import LearnableParameter, learned_parameters


@dataclass(frozen=True, eq=False)
class Fit:
    """The result of `fit`: the module with the best values, and the losses and values at each evaluation.

    In a notebook it is shown as a card with the loss and the parameters over the steps, and, if the module has a
    frequency response, the magnitude responses before and after the fit.
    """

    module: Module
    """The module that was given to `fit`, with the best values."""
    before: Module
    """A copy of the module with the values before the fit."""
    target: Target
    """The target of `fit`."""
    sample_rate: float
    """The sample rate in Hz of the input, or of the response that was compared with a curve."""
    loss: Tensor
    """The loss of the best start at each evaluation, `(steps + 1,)`. With `"lbfgs"`, a step of the optimizer may
    evaluate the loss several times."""
    losses: Tensor
    """The losses of all starts, `(evaluations, starts)`, with as many rows as the start with the most evaluations; NaN
    after the last evaluation of the others."""
    parameters: dict[str, Tensor]
    """The values of the best start by path, `(steps + 1, …)`, at the same evaluations as `loss`."""
    start: int
    """The number of the best start; 0 is the start from the values before the fit."""
    best: float
    """The loss of the values that `module` has: the smallest finite one whose values are kept, or NaN if there is none.
    Values of an unstable filter may be excluded, so `loss` may contain smaller ones."""
    stopped: str
    """The reason why the fit ended."""
    miss: str
    """The remaining difference from the target, as text."""

    @property
    def steps(self) -> int:
        """The number of evaluations of the best start after the first: `len(loss) - 1`, and at least 0."""
        return max(len(self.loss) - 1, 0)

    def learned(self) -> list[LearnableParameter]:
        """Return the path, the owner and the declaration of each learned parameter of the module."""
        return learned_parameters(self.module)

    def __repr__(self) -> str:
        if not len(self.loss):
            return f"Fit without a step ({self.stopped})"
        lines = [f"Fit after {self.steps} steps ({self.stopped}): {self.miss}"]
        for path, _, declaration in self.learned():
            values = self.parameters[path]
            if values.ndim == 1:
                first, last = declaration.format(float(values[0])), declaration.format(self._value(path))
                lines.append(f"  {path}: {first} → {last}")
            else:
                lines.append(f"  {path}: {values[0].numel()} values")
        return "\n".join(lines)

    def _value(self, path: str) -> float:
        value = next(d.stored(owner) for name, owner, d in self.learned() if name == path)
        return float(value.detach())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("fit_bundle")(self, include=include, exclude=exclude)
