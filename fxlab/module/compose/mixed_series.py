"""`MixedSeries`: stages in series, some of which may return or expect features instead of sounds."""

from __future__ import annotations

from itertools import groupby
from typing import Any, overload

from torch import Tensor

from fxlab.module.checks import rate_of_signal
from fxlab.module.compose.section_series import SectionSeries
from fxlab.module.module import Module
from fxlab.signal import Signal


class MixedSeries(SectionSeries):
    """Stages in series, which may pass a `Feature` to each other.

    In a call on a `Signal` or a `Feature`, a stage that expects a feature gets a `Feature`: the input, or what the
    stage before it returned. A call on a tensor passes tensors from stage to stage, without the axes of features.
    """

    @property
    def gives_sound(self) -> bool:  # type: ignore[override]
        """Whether the last active stage returns a sound; True without active stages."""
        active = self._active_stages()
        return not active or active[-1][1].gives_sound

    @property
    def takes_sound(self) -> bool:  # type: ignore[override]
        """Whether the first active stage expects a sound; True without active stages."""
        active = self._active_stages()
        return not active or active[0][1].takes_sound

    def check_input(self, x: Tensor) -> None:
        """Raise a `SignalError` unless `x` is a valid input of the first active stage.

        It must be the values of a feature if that stage expects one, and audio otherwise.
        """
        stages = self._stages_in_use()
        if stages and not stages[0].takes_sound:
            stages[0].check_input(x)
        else:
            super().check_input(x)

    @overload  # type: ignore[override]
    def __call__(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    @overload
    def __call__(self, x: Any, sample_rate: None = None) -> Any: ...
    def __call__(self, x: Any, sample_rate: float | None = None) -> Any:
        """Return the output of the stages for a `Signal`, a `Feature`, or a tensor with `sample_rate` in Hz."""
        if isinstance(x, Tensor):
            return super().__call__(x, sample_rate)
        active = [stage for _, stage in self._active_stages()]
        if all(_is_effect(stage) for stage in active):
            return super().__call__(x, sample_rate)
        if isinstance(x, Signal):
            rate_of_signal(x, sample_rate, self._name())
        for is_effect, stages in groupby(active, _is_effect):
            # Neighboring effects stay a chain, in which sections run together.
            for piece in [_chain_of(list(stages))] if is_effect else stages:
                x = piece(x)
        return x


def _is_effect(stage: Module) -> bool:
    return stage.gives_sound and stage.takes_sound


def _chain_of(stages: list[Module]) -> Module:
    from fxlab.module.compose.chain import Chain

    return stages[0] if len(stages) == 1 else Chain(*stages)
