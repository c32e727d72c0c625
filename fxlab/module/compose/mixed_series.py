"""`MixedSeries`: stages in series, some of which may give or take features instead of sounds."""

from __future__ import annotations

from itertools import groupby
from typing import Any, overload

from torch import Tensor

from fxlab.module.checks import rate_of_signal
from fxlab.module.compose.section_series import SectionSeries
from fxlab.module.module import Module
from fxlab.signal import Signal


class MixedSeries(SectionSeries):
    """Stages in series: called on a Signal, each receives the object that the one before returned.

    A tensor runs through `forward` whatever it holds; features have axes, which only the stages themselves know.
    """

    @property
    def gives_sound(self) -> bool:  # type: ignore[override]
        """Whether the last stage gives a sound."""
        active = self._active_stages()
        return not active or active[-1][1].gives_sound

    @property
    def takes_sound(self) -> bool:  # type: ignore[override]
        """Whether the first stage takes a sound."""
        active = self._active_stages()
        return not active or active[0][1].takes_sound

    def check_input(self, x: Tensor) -> None:
        """Raise a `SignalError` unless `x` is audio, or a valid input of a first stage that processes features."""
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
        """Process a `Signal` or a feature, or a tensor at `sample_rate` in Hz."""
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
