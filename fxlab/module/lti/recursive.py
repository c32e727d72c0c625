"""`Recursive`: the base class of filters of second-order sections."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar

from torch import Tensor

from fxlab.engine import frequency_response, group_delay, roots, sosfilt, sosfilt_zi
from fxlab.engine.recursion.prepared_sections import PreparedSections
from fxlab.module.block_state import BlockState, kind_of
from fxlab.module.checks import StateFits, check_batch_shapes, stale_state
from fxlab.module.lti.cascades import align_design, existing_roots
from fxlab.module.lti.conditioning import CoefficientError, section_error
from fxlab.module.lti.filter_steps import filter_steps
from fxlab.module.lti.kept_sections import kept_sections
from fxlab.module.lti.lti import LTI
from fxlab.module.module import Module
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.clock import start_sample
from fxlab.module.parameters.design_cache import cached_design, checked_design
from fxlab.module.parameters.design_inputs import torch_environment
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.moving_values import MovingValues, moving_values
from fxlab.module.stateful import StatefulModule

OVERRIDDEN = frozenset({"forward", "forward_block", "_sos", "check_input"})
"""Methods that a user may replace on an instance; the sections of such an instance are not run directly."""


class Recursive(StatefulModule, LTI):
    """The base class of filters designed as second-order sections; a subclass defines `design(self, sample_rate)`.

    In `design` every continuous parameter is a float64 (or complex128) tensor. The result has shape
    `(..., sections, 6)`, where the leading dimensions are the batch dimensions of the parameters. Gradients pass
    through the PyTorch operations in `design`.

    >>> import torch
    >>> from fxlab.module.parameters.param import Param
    >>> class Smooth(Recursive):
    ...     pole = Param(0.9, low=0.0, high=0.999, above=-1.0, below=1.0)
    ...     def design(self, sample_rate):
    ...         zero, one = torch.zeros_like(self.pole), torch.ones_like(self.pole)
    ...         return torch.stack([1 - self.pole, zero, zero, one, -self.pole, zero], -1).unsqueeze(-2)
    >>> Smooth(pole=0.5)(torch.ones(1, 3), sample_rate=8000)
    tensor([[0.5000, 0.7500, 0.8750]])
    """

    clicks_at_jumps: ClassVar[bool] = True
    """Whether the output clicks where a parameter jumps, because the state depends on the coefficients.

    The click can be far louder than the input: at 48 kHz, a tone of 100 Hz at full scale reaches up to 30 dB above full
    scale in a `LowPass` whose cutoff jumps from 4 kHz to 60 Hz, and full scale in a `StateVariable`.
    """

    def accept_control(self, name: str, control: MovingValue) -> None:
        """Raise a `ParameterError` if the parameter `name` cannot move; warn if jumps of `control` cause clicks."""
        super().accept_control(name, control)
        if self.clicks_at_jumps and control.jumps:
            warnings.warn(
                f"{self._name()}: {name} = {control!r} jumps, and at each jump the output of this filter clicks, "
                "far above the level of the input if the jump is wide, because its state depends on the coefficients. "
                "Use fx.StateVariable, or a control without jumps.",
                stacklevel=4,
            )

    @abstractmethod
    def design(self, sample_rate: float) -> Tensor:
        """Return the sections `(..., sections, 6)` for the current values of the parameters.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, `(..., sections, 2)`, as in `sosfilt`."""
        moving = moving_values(self)
        if moving is not None:
            return self._filter_moving(x, moving, state, sample_rate)
        return self._filter(x, align_design(self, self._sos(sample_rate), x), state)

    def _filter(self, x: Tensor, sos: Tensor, state: Any) -> tuple[Tensor, Any]:
        self._check_state(state, sos)
        return sosfilt(x, sos, state)

    def _check_state(self, state: Any, sos: Tensor) -> None:
        if state is not None and state.shape[-2] != sos.shape[-2]:
            change = f"the number of its sections changed from {state.shape[-2]} to {sos.shape[-2]}"
            raise stale_state(self._name(), change)

    def settled_state(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        return x[..., None] * sosfilt_zi(align_design(self, self._sos(sample_rate), x))

    def _filter_moving(
        self, x: Tensor, moving: MovingValues, state: Tensor | None, rate: float
    ) -> tuple[Tensor, Tensor | None]:
        """Return the output for the next block, with a design for every step of `moving`, and the state after it.

        A `state` of None means zeros.
        """
        values = moving.design_values()

        def design(steps: slice) -> Tensor:
            now = {name: v[..., steps] if name in moving.controls else v for name, v in values.items()}
            with use_values(self, now):
                return self.design(rate)

        return filter_steps(x, design, moving, state)

    def _run_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        before = BlockState(start=start_sample(rate)) if state is None else state
        kept = self._kept_sections(x, rate)
        with StateFits(self._name, state):
            if kept is not None:
                self._check_state(before.block, kept.sos)
                y, after = kept(x, before.block)
            elif self._only_runs_sections():
                # Nothing reads the values of the parameters, if the design is kept.
                (sos,) = checked_sections([self], x, rate)
                y, after = self._filter(x, align_design(self, sos, x), before.block)
            else:
                return super()._run_block(x, state, rate)
        return y, BlockState(after, kind_of(x), before.start + x.shape[-1])

    def _run_finite_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any] | None:
        kept = self._kept_sections(x, rate)
        if kept is None:
            return None
        before = BlockState(start=start_sample(rate)) if state is None else state
        self._check_state(before.block, kept.sos)
        found = kept.filter_finite(x, before.block)
        return None if found is None else (found[0], BlockState(found[1], kind_of(x), before.start + x.shape[-1]))

    def _kept_sections(self, x: Tensor, rate: float) -> PreparedSections | None:
        return kept_sections(self, (self,), x, rate, itemgetter(0))

    def _only_runs_sections(self) -> bool:
        """Return whether a call does nothing but run constant sections.

        A call may do more if the filter has controls or hooks, or overrides a method that processes the signal.
        """
        cls, inside = type(self), self.__dict__
        return (
            cls.forward is Recursive.forward
            and cls.forward_block is Recursive.forward_block
            and cls._sos is Recursive._sos
            and cls.__call__ is Module.__call__
            and cls.check_input is Module.check_input
            and not self.controls()
            and not (inside.keys() & OVERRIDDEN)
            and not (inside["_forward_hooks"] or inside["_forward_pre_hooks"])
            and not (inside["_backward_hooks"] or inside["_backward_pre_hooks"])
        )

    # -- analysis -----------------------------------------------------------------------------------------------

    def _sos(self, rate: float) -> Tensor:
        return cached_design(self, rate, partial(self._run_design, rate))

    def _run_design(self, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.design(rate)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        return frequency_response(self._sos(rate), frequencies, rate)

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        return group_delay(self._sos(rate), frequencies, rate)

    def _exact_response(self, frequencies: Tensor, rate: float) -> Tensor | None:
        """Return the response `(..., frequencies)` before the sections are rounded, or None if it is not known."""
        return None

    def _coefficient_error(self, rate: float) -> CoefficientError | None:
        """Return the error of the rounded sections if it exceeds `LIMIT_DB`, else None; see `section_error`."""
        return section_error(self._sos(rate), rate, lambda frequencies: self._exact_response(frequencies, rate))

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        zeros, poles = roots(self._sos(rate))
        return existing_roots(zeros), existing_roots(poles)


def checked_sections(stages: Sequence[Recursive], x: Tensor, rate: float) -> list[Tensor]:
    """Return the sections `(..., sections, 6)` of each stage, after a check of its values and of their batch shapes.

    Raises:
        ParameterError: A value is invalid, or its shape does not align with that of `x`.
    """
    environment, designs = torch_environment(), []
    for stage in stages:
        kept = checked_design(stage, rate, environment) if type(stage).check is Module.check else None
        if kept is None:
            stage.check(rate)
        if kept is None or kept[1].has_batch:
            check_batch_shapes(stage.values(), x, stage._name(), stage.ranks)
        designs.append(stage._sos(rate) if kept is None else kept[0])
    return designs
