"""`Search`: the record of the steps of a fit, and the best values so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.learn.objective import Objective
from fxlab.learn.search_space import SearchSpace
from fxlab.learn.stable_coefficients import StableCoefficients


class Step(NamedTuple):
    """The argument of `on_step`, which `fit` calls after every evaluation of the loss."""

    number: int
    """The number of the evaluation, from 0."""
    loss: float
    """The smallest finite loss so far whose values are kept, see `Search`; infinite if there is none."""
    values: dict[str, Tensor]
    """The values that gave this loss, by path; empty if there is none."""


class Found(NamedTuple):
    """The result of a search: the fields of `Fit` that have the same names."""

    loss: Tensor
    losses: Tensor
    parameters: dict[str, Tensor]
    start: int
    best: float


class Search:
    """The record of the steps of a fit, and the best values so far.

    The values of a filter with learned coefficients are kept only if it is stable, unless it is unstable with the first
    values. For a target curve, the values are always kept; poles outside the unit circle are reflected into it, which
    does not change the magnitude response.

    Args:
        objective: The function that is minimized.
        space: The learned parameters.
        starts: The number of starts.
        on_step: A function that is called with a `Step` after every evaluation of the loss.
    """

    def __init__(
        self, objective: Objective, space: SearchSpace, starts: int, on_step: Callable[[Step], object] | None
    ) -> None:
        self.objective, self.space, self.starts, self.on_step = objective, space, starts, on_step
        self.best_loss, self.best_start = math.inf, 0
        self.best_values: dict[str, Tensor] = {}
        self.count = 0
        """The number of evaluations so far."""
        self._losses: list[list[Tensor]] = []
        self._history: list[list[dict[str, Tensor]]] = []
        self._coefficients = StableCoefficients(space.parameters)
        self._begin_unstable = False

    @property
    def last_loss(self) -> Tensor:
        """The losses of the last evaluation, one for each start that was evaluated."""
        return self._losses[-1][-1]

    @property
    def last_values(self) -> dict[str, Tensor]:
        """The values of the last evaluation by path."""
        return self._history[-1][-1]

    def begin(self) -> None:
        """Begin the record of the steps from one start, or from all starts at once."""
        self._losses.append([])
        self._history.append([])

    def evaluate(self, positions: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of each start at `positions`, and the values of the parameters there.

        Positions and values are dictionaries by path; see `SearchSpace`.
        """
        values = self.space.values(positions)
        return self.objective(values), values

    def record(self, losses: Tensor, values: dict[str, Tensor]) -> None:
        """Record the losses of one start, or of all, and their `values` by path.

        The best values are kept, and `on_step` is called.
        """
        losses = losses.detach().to("cpu", torch.float64)
        values = {path: value.detach().clone() for path, value in values.items()}
        finite = torch.where(losses.isfinite() & self._are_kept(values, len(losses)), losses, torch.inf)
        self._losses[-1].append(losses)
        self._history[-1].append(values)
        self.count += 1
        start = int(finite.argmin())
        if float(finite[start]) < self.best_loss:
            self.best_loss, self.best_start = float(finite[start]), start if len(losses) > 1 else len(self._losses) - 1
            best = {p: v if len(losses) == 1 else v[start] for p, v in values.items()}
            self.best_values = self._coefficients.reflect(best) if self.objective.kind == "response" else best
        if self.on_step is not None:
            self.on_step(Step(self.count - 1, self.best_loss, self.best_values))

    def _are_kept(self, values: dict[str, Tensor], starts: int) -> Tensor:
        """Return for each start whether its values may be the result, a bool tensor `(starts,)`; see `Search`.

        If the first values of the first start are unstable, those and all later values may be the result.
        """
        if not self._coefficients or self.objective.kind == "response" or self._begin_unstable:
            return torch.ones(starts, dtype=torch.bool)
        stable = self._coefficients.are_stable(values, starts)
        if not self.count and not bool(stable[0]):
            self._begin_unstable = True  # the present values are the first start, and the caller has chosen them
            return torch.ones_like(stable)
        return stable

    def finish(self) -> Found:
        """Write the best values, if there are any, into the module, and return the result."""
        if self.best_values:
            self.space.assign(self.best_values)
        best = self.best_loss if self.best_values else math.nan
        if not any(self._losses):
            nothing = torch.empty(0, self.starts, dtype=torch.float64)
            return Found(nothing[:, 0], nothing, {}, 0, best)
        if len(self._losses[0][0]) > 1:  # all starts were one batch
            losses, history = torch.stack(self._losses[0]), self._history[0]
            history = [{path: value[self.best_start] for path, value in values.items()} for values in history]
        else:
            tracks = [torch.cat(track) for track in self._losses if track]
            losses = torch.nn.utils.rnn.pad_sequence(tracks, padding_value=math.nan)
            losses = torch.nn.functional.pad(losses, (0, self.starts - len(tracks)), value=math.nan)
            history = self._history[self.best_start]
        parameters = {path: torch.stack([values[path] for values in history]) for path in self.space.parameters}
        return Found(losses[: len(history), self.best_start], losses, parameters, self.best_start, best)
