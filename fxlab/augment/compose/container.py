"""`Container`: the base class of augmentations that apply other augmentations and modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.applied_rows import AppliedRows, Indices
from fxlab.augment.drawing.batch import ANY, SOUNDS, SPECTROGRAMS, Batch
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.replayable import declared_parameters
from fxlab.augment.drawing.sharing import Probability, units_of
from fxlab.errors import ParameterError
from fxlab.module import Module, wrap
from fxlab.module.serialization import Build, describe_parameters, listed_entries

NOT_USED = -1
"""The entry of a plan for a step at which no transform runs; see `Container.draw_plan`."""


class Container(Augmentation):
    """An augmentation that draws which of its transforms run and in which order.

    There is one such plan for the batch, for each example or for each channel, depending on `mode`. A transform runs
    once for all rows that need it at the same step.

    Args:
        transforms: A list of augmentations, modules, or functions of a tensor.
        args: The parameters by position.
        seed: See `Augmentation`.
        kwargs: The parameters by name.

    Raises:
        ParameterError: `transforms` is not a list, or contains an object that is not callable.
    """

    p = Probability(1.0)

    def __init__(self, transforms: Iterable[Any], *args: Any, seed: int | None = None, **kwargs: Any) -> None:
        listed = self._listed(transforms)
        super().__init__(*args, seed=seed, **kwargs)
        for index, transform in enumerate(listed):
            self.add_module(str(index), transform if isinstance(transform, Module) else wrap(transform))

    @classmethod
    def _listed(cls, transforms: Any) -> list[Any]:
        """Return `transforms` as a list; raise a `ParameterError` for a module, a string or what is not iterable."""
        if isinstance(transforms, (str, Module)) or not isinstance(transforms, Iterable):
            raise ParameterError(f"{cls.__name__} takes a list of augmentations or modules, not {transforms!r}.")
        return list(transforms)

    @property
    def transforms(self) -> list[Module]:
        """The augmentations and modules of the constructor's list, in its order; functions are wrapped in modules."""
        return [part for name, part in self._modules.items() if isinstance(part, Module) and name.isdigit()]

    def __len__(self) -> int:
        return len(self.transforms)

    def __getitem__(self, index: int) -> Module:
        return self.transforms[index]

    def __iter__(self) -> Iterator[Module]:
        return iter(self.transforms)

    @property
    def takes(self) -> str:  # type: ignore[override]
        """The kind of input of the first transform for which it is not `ANY`; `ANY` if there is no such transform."""
        for part in self:
            if not isinstance(part, Augmentation):
                return SOUNDS if part.takes_sound else SPECTROGRAMS
            if part.takes != ANY:
                return part.takes
        return ANY

    @property
    def takes_sound(self) -> bool:  # type: ignore[override]
        """Whether the input may be a sound; if False, it is a spectrogram."""
        return self.takes != SPECTROGRAMS

    @property
    def gives_sound(self) -> bool:  # type: ignore[override]
        """Whether the output of the last transform other than an `Identity` is a sound; True if there is none."""
        parts = [part for part in self if not (isinstance(part, Augmentation) and part.takes == ANY)]
        return not parts or parts[-1].gives_sound

    def draw_plan(self, units: int, numbers: RandomNumbers) -> Tensor:
        """Draw the plan: the index of the transform that runs at each step, `(units, steps)`; −1 stands for none.

        A plan that is the same for all units may be `(1, steps)`.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @property
    def writes_rows(self) -> bool:
        """Always False: a container selects the rows for each of its transforms."""
        return False

    def run(
        self, batch: Batch, numbers: RandomNumbers | None, draw: Draw | None, members: Indices | None = None
    ) -> Batch:
        """Augment a batch, record the draw, and return the augmented batch; see `Augmentation.run`."""
        try:
            return super().run(batch, numbers, draw, members)
        finally:
            self.__dict__.pop("_numbers", None)

    def _draw_all(self, batch: Batch, numbers: RandomNumbers, rows: int) -> Draw:
        self.__dict__["_numbers"] = numbers
        draw = super()._draw_all(batch, numbers, rows)
        draw.plan = self.draw_plan(units_of(self.mode, rows, batch.x.shape[1]), numbers)
        return draw

    def change(self, batch: Batch, draw: Draw, rows: AppliedRows) -> Batch:
        """Return the rows of `batch` after the transforms of their plans; for arguments see `Augmentation.change`."""
        numbers: RandomNumbers | None = self.__dict__.get("_numbers")
        assert draw.plan is not None
        plan = np.broadcast_to(rows.values(draw.plan).tolist(), (len(batch.x), draw.plan.shape[1]))
        parts = self.transforms
        for step, column in enumerate(plan.T):
            for index in sorted(set(column.tolist()) - {NOT_USED}):
                members = np.flatnonzero(column == index)
                batch = self._run_part((step, index, parts[index]), batch, draw, numbers, members)
        return batch.written(self._name()).checked(self._name())

    def check_draw(self, draw: Draw) -> None:
        """Raise a `ParameterError` if the draw or its plan is invalid, or its parts are not those of the plan."""
        super().check_draw(draw)
        if not bool(draw.applied.any()):
            return
        plan = draw.plan
        steps = self.draw_plan(1, RandomNumbers((0,))).shape[1]
        if plan is None or plan.shape[1] != steps:
            raise self._wrong_draw(f"its plan must have {steps} steps")
        if not bool(((plan >= NOT_USED) & (plan < len(self))).all()):
            raise self._wrong_draw(f"its plan names parts that are not among the {len(self)} of this one")
        units = max(len(plan), len(draw.applied))
        if units % len(plan) or units % len(draw.applied):
            raise self._wrong_draw(f"it has {len(plan)} plans, and says of {len(draw.applied)} whether it was applied")
        applied = draw.applied.repeat_interleave(units // len(draw.applied))
        used = plan.repeat_interleave(units // len(plan), 0)[applied]
        pairs = {(step, index) for step, column in enumerate(used.unbind(1)) for index in column.tolist()}
        parts = {f"{step}.{i}": self[i] for step, i in pairs if i != NOT_USED}
        augmentations = {key: part for key, part in parts.items() if isinstance(part, Augmentation)}
        if set(augmentations) != set(draw.parts):
            raise self._wrong_draw(f"it has the parts {sorted(draw.parts)}, and its plan has {sorted(augmentations)}")
        for key, part in augmentations.items():
            part.check_draw(draw.parts[key])

    def _run_part(
        self, place: tuple[int, int, Module], batch: Batch, draw: Draw, numbers: RandomNumbers | None, members: Indices
    ) -> Batch:
        """Return the batch in which a transform has processed the rows `members`.

        `place` is the step of the plan, the index of the transform, and the transform. With `numbers`, the draw of an
        augmentation is recorded in `draw`; without them, the draw that is recorded there is applied.
        """
        step, index, module = place
        every = len(members) == len(batch.x)
        # A subclass may read the samples, which are not written before the pass runs.
        declares = isinstance(module, Augmentation) and "edits_in_place" in vars(type(module))
        if declares and module.edits_in_place and batch.may_share_pass:
            batch = batch.with_pass()
        else:
            batch = batch.written(self._name())
        if not every and not (isinstance(module, Augmentation) and module.writes_rows):
            batch = batch.checked(self._name())
            part = batch.select(members)
            part = self._run_part(place, part, draw, numbers, np.arange(len(members)))
            return batch.replace_rows(members, part, f"{self._name()}: {module._name()}")
        if not isinstance(module, Augmentation):
            y = module(batch.x, batch.rate)  # which checks the samples
            return batch._replace(x=y, rate=module.output_rate(batch.rate), is_own=False, is_checked=True)
        if not module.checks_rows:
            batch = batch.checked(self._name())
        child = None if numbers is None else numbers.child(step, index)
        key = f"{step}.{index}"
        done = module.run(batch, child, draw.parts.get(key) if numbers is None else None, None if every else members)
        if numbers is not None:
            is_skipped = not module.training and not numbers.auditioned
            assert module._draw is not None or is_skipped
            draw.parts[key] = Draw.not_applied() if is_skipped or module._draw is None else module._draw
        return done

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Raise a `NotImplementedError`: containers override `change`, so this method is not called."""
        raise NotImplementedError

    def _describe(self) -> dict[str, Any]:
        own = dict(describe_parameters(self).items())
        stages = [stage._describe() for stage in self]
        return {**own, "stages": stages, "random": self.get_extra_state()}

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        stages = [build(stage) for stage in listed_entries(description, "stages")]
        made = cls(stages, **declared_parameters(cls, description))
        if "random" in description:
            made.set_extra_state(description["random"])
        return made

    def _arguments(self) -> list[str]:
        return [f"[{', '.join(map(repr, self))}]", *super()._arguments()]
