"""`RandomParameters`: a module that draws the values of its parameters from declared ranges."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Draw, check_fits
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Options, Range
from fxlab.augment.drawing.replayable import Replayable
from fxlab.augment.drawing.sharing import MODES, Probability, SharingMode, decide, units_of
from fxlab.augment.drawing.value_checks import check_shapes, check_value
from fxlab.module import Choice
from fxlab.module.parameters.constructor import constructor_signature
from fxlab.module.parameters.design_inputs import torch_environment
from fxlab.signal import Signal


class RandomParameters(Replayable):
    """The base class of modules that draw values from declared ranges, and are applied with the probability `p`.

    Args:
        args: The declared parameters by position.
        seed: A whole number of at least 0; None for one from the operating system.
        kwargs: The declared parameters by name, and `sample_rate`.
    """

    ranges: ClassVar[dict[str, Range | Options]] = {}
    """The declared ranges and options, by name."""
    shares: ClassVar[tuple[str, ...]] = ()
    """The names of the numbers from 0 to 1 that are drawn without a declared range, such as the place of a cut."""

    p = Probability(0.5)
    mode = Choice("per_example", MODES, doc="Group that shares the drawn values.")
    p_mode = SharingMode("same as mode", ("same as mode", *MODES), doc="Group that shares the decision to apply it.")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        shared = ("p", "mode", "p_mode")
        own = {n: d for n, d in cls.declarations.items() if n not in shared}
        cls.declarations = own | {n: cls.declarations[n] for n in shared}
        cls.ranges = {n: d for n, d in own.items() if isinstance(d, (Range, Options))}
        cls.__signature__ = constructor_signature(cls)  # type: ignore[attr-defined]

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid at this sample rate in Hz.

        The check may be skipped if the values equal those of the last passed check.
        """
        inside = self.__dict__
        stored = [inside["_buffers"].get(name) for name in self.continuous]
        may_change = bool(inside["_parameters"]) or not self.declarations.keys().isdisjoint(inside["_modules"])
        may_change |= type(self)._check is not RandomParameters._check
        if may_change or not all(map(_is_on_cpu, stored)) or torch_environment() is None:
            super().check(sample_rate)
            return
        values = (sample_rate, dict(inside["_discrete"]), [value.tolist() for value in stored if value is not None])
        if values != inside["_checked_values"]:
            super().check(sample_rate)
            inside["_checked_values"] = values

    def _draw_all(self, batch: Batch, numbers: RandomNumbers, rows: int) -> Draw:
        channels = batch.x.shape[1]
        applied = decide(self.p, numbers, (self._sharing(), rows, channels), self._name())
        return Draw(applied, self.draw(units_of(self.mode, rows, channels), batch, numbers), numbers.integer())

    def draw(self, units: int, batch: Batch, numbers: RandomNumbers) -> dict[str, Tensor]:
        """Return new values by name, each `(units, …)`.

        By default, these are a number from each declared `Range`, and an index for each declared `Options`.

        Args:
            units: The number of units, each with values of its own: 1 for the batch, or the number of examples or
                of the channels of all examples, depending on `mode`.
            batch: The input, on whose shape, sample rate or samples the draws of some subclasses depend.
            numbers: The random numbers to use.
        """
        return {name: declaration.draw(self, numbers, units) for name, declaration in self.ranges.items()}

    def _sharing(self) -> str:
        mode: str = self.mode if self.p_mode == "same as mode" else self.p_mode
        return mode

    def _check_fits(self, draw: Draw, rows: int, channels: int) -> None:
        values = [(self._sharing(), draw.applied), *((self.mode, value) for value in draw.values.values())]
        check_fits(values, rows, channels, self._name())

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if a draw to be replayed does not belong to this augmentation."""
        if not draw.values and not bool(draw.applied.any()):
            return
        example = self.draw(1, Batch(torch.zeros(1, 1, 64), 44_100.0), RandomNumbers((0,)))
        check_shapes(draw.values, example, self._wrong_draw)
        for name, declaration in self.ranges.items():
            if isinstance(declaration, Options):
                self._check_indices(draw, name, len(getattr(self, name)))
        self._check_bounds(draw, None)

    def _check_bounds(self, draw: Draw, sample_rate: float | None) -> None:
        """Raise a `ParameterError` if a value of a replayed draw is not one that the parameter may have."""
        declared: dict[str, Any] = dict.fromkeys(self.shares) | self.ranges
        for name in draw.values.keys() & declared.keys():
            check_value(name, draw.values[name], declared[name], (self._name(), sample_rate), self._wrong_draw)

    def panel(self, signal: Signal, **options: Any) -> Any:
        """Return a panel of the drawn values, with the sliders of the ranges, a button that draws again, and the sound.

        See `fxlab.Panel` for the options.
        """
        return hooks.resolve("panel")(hooks.resolve("audition")(self), signal, **options)


def _is_on_cpu(value: Tensor | None) -> bool:
    return value is not None and value.is_cpu and value.layout is torch.strided
