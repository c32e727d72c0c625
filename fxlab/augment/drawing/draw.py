"""`Draw`: the record of the values that one call drew; `Drawn`: these values for the rows of an augmentation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.augment.drawing.row_pass import RowPass
from fxlab.augment.drawing.sharing import units_of
from fxlab.engine.torch_support.buffer_pool import allocate, allocate_like
from fxlab.engine.torch_support.tracing import needs_derivative, outside_of_transforms
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import ParameterError
from fxlab.signal.samples import is_integer, is_number

NOISE_BLOCK = 1 << 18
"""The number of samples of noise that are drawn from one seed, so that threads can share the work."""
SEED_STEP = 1 << 16
"""The difference between the seeds of successive blocks; the streams of `Drawn.noise` have smaller numbers."""


@dataclass
class Draw:
    """The values that an augmentation drew in one call, with which an input of equal shape can be augmented again.

    A unit is the batch, an example or a channel: for `applied` depending on `p_mode`, for `values` and `plan` depending
    on `mode`.

    Args:
        applied: Whether the augmentation is applied to each unit, `(units,)`.
        values: The drawn numbers by name, each `(units, …)`.
        seed: The seed of the noise.
        rate: The sample rate of the output in Hz; None if the augmentation was not applied to any unit.
        parts: For a container, the draws of its augmentations by `"step.index"`: the step of the plan at which an
            augmentation runs, and its index in the container.
        plan: For a container, the index of the transform that runs at each step, `(units, steps)`; −1 stands for none.
    """

    applied: Tensor
    values: dict[str, Tensor] = field(default_factory=dict)
    seed: int = 0
    rate: float | None = None
    parts: dict[str, Draw] = field(default_factory=dict)
    plan: Tensor | None = None

    @staticmethod
    def not_applied() -> Draw:
        """Return the draw of an augmentation that changed nothing."""
        return Draw(torch.zeros(1, dtype=torch.bool))

    def to_dict(self) -> dict[str, Any]:
        """Return the draw as a dictionary that JSON can represent, without entries that have their default value."""
        found: dict[str, Any] = {"applied": self.applied.tolist()}
        if self.values:
            found["values"] = {name: value.detach().tolist() for name, value in self.values.items()}
        if self.seed:
            found["seed"] = self.seed
        if self.rate is not None:
            found["rate"] = self.rate
        if self.plan is not None:
            found["plan"] = self.plan.tolist()
        if self.parts:
            found["parts"] = {name: part.to_dict() for name, part in self.parts.items()}
        return found

    @staticmethod
    def from_dict(description: Any) -> Draw:
        """Return the draw that `to_dict` described.

        Raises:
            ParameterError: `description` is not what `to_dict` returns, or a number in it is not finite.

        >>> Draw.from_dict({"applied": [True, False], "values": {"gain_db": [3.0, -6.0]}}).values["gain_db"].tolist()
        [3.0, -6.0]
        """
        try:
            plan = description.get("plan")
            return Draw(
                _flags(description["applied"]),
                {str(name): _numbers(value) for name, value in description.get("values", {}).items()},
                _seed(description.get("seed", 0)),
                _rate(description.get("rate")),
                {str(name): Draw.from_dict(part) for name, part in description.get("parts", {}).items()},
                None if plan is None else _indices(plan),
            )
        except ParameterError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError):
            raise ParameterError(
                f"replay takes the dictionary that last_draw returned, with 'applied', not {description!r}."
            ) from None


def _numbers(value: Any) -> Tensor:
    numbers = torch.from_numpy(np.asarray(value))  # in float64, where `torch.tensor` would round to float32
    if not numbers.ndim or not len(numbers) or not bool(numbers.isfinite().all()):
        raise ValueError
    return numbers


def _flags(value: Any) -> Tensor:
    flags = torch.tensor(value)
    if flags.ndim != 1 or not len(flags) or flags.is_floating_point():
        raise ValueError
    return flags.bool()


def _indices(value: Any) -> Tensor:
    indices = torch.tensor(value)
    if indices.ndim != 2 or not len(indices) or (indices.numel() and indices.dtype != torch.int64):
        raise ValueError
    return indices.long()


def _seed(value: Any) -> int:
    if not is_integer(value) or not 0 <= value < 2**63:
        raise ValueError
    return value


def _rate(value: Any) -> float | None:
    if value is not None and not (is_number(value) and 0 < value < math.inf):
        raise ValueError
    return value


class Drawn(Mapping[str, Tensor]):
    """The drawn values for the rows that an augmentation changes.

    `drawn["gain_db"]`, a number for each row, broadcasts against `(rows, channels, time)` and is on the rows' device.
    `drawn.row_values("gain_db")` is on the CPU, and has one value for each row, or a single one for all. Numbers from a
    `Range` are drawn in float64, and indices in int64.

    Args:
        values: The values by name, each `(rows, …)`, or `(…)` if all rows share them.
        seed: The seed of the noise.
        device: The device of the rows.
        may_overwrite: Whether the output may be written into the input.
        is_checked: Whether the samples of the rows need no further check for NaN and infinity.
        rows: The indices of the rows to change if the input has other rows too, which `RowArrays` copies; None for all.
    """

    def __init__(
        self,
        values: dict[str, Tensor],
        seed: int,
        device: torch.device,
        *,
        may_overwrite: bool = False,
        is_checked: bool = True,
        rows: list[int] | None = None,
    ) -> None:
        self._values, self.seed, self.device, self.rows = values, seed, device, rows
        self.row_pass: RowPass | None = None
        """The pass to which `RowArrays` adds its change, and which runs later; None for one that runs at once."""
        self._may_overwrite, self.is_checked = may_overwrite, is_checked
        self._output: Tensor | None = None

    def row_values(self, name: str) -> Tensor:
        """Return the values called `name` on the CPU, `(rows, …)`, or `(…)` if all rows share them."""
        return self._values[name]

    def __getitem__(self, name: str) -> Tensor:
        value = self._values[name].to(self.device)
        return value.reshape(value.shape[0], 1, 1, *value.shape[1:]) if value.ndim else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def output(self, x: Tensor, *, in_place: bool = True, length: int | None = None) -> Tensor | None:
        """Return a tensor for the argument `out` of the operation that computes the augmented `x`.

        The result is None if a derivative may be requested; the operation then makes a new tensor. If `length` is
        given, the result is a new tensor of `length` samples. Otherwise it has the shape of `x`, and with `in_place` it
        may be `x` itself, whose samples the operation then overwrites.
        """
        if needs_derivative(x, *self._values.values()):
            return None
        if length is None:
            self._output = x if in_place and self._may_overwrite else allocate_like(x)
        else:
            self._output = allocate((*x.shape[:-1], length), x.dtype, x.device)
        return self._output

    def is_output(self, y: Tensor) -> bool:
        """Return whether `y` is the output of the shared pass, or without one the last result of `output`."""
        return y is (self._output if self.row_pass is None else self.row_pass.y)

    def noise(self, shape: tuple[int, ...], dtype: torch.dtype = torch.float32, stream: int = 0) -> Tensor:
        """Return white Gaussian noise of variance 1, which depends only on the seed of the draw and the arguments.

        The noises of different streams, whole numbers from 0 to `SEED_STEP` − 1, are independent. The noise is drawn
        on the CPU, so that it is the same on every device, in blocks that have a seed each.
        """
        total = math.prod(shape)
        made = allocate((total,), dtype, torch.device("cpu"))

        def fill(block: int) -> None:
            generator = torch.Generator().manual_seed((self.seed + stream + SEED_STEP * block) % 2**63)
            made[block * NOISE_BLOCK : (block + 1) * NOISE_BLOCK].normal_(generator=generator)

        with outside_of_transforms():
            run_parts(fill, range(-(-total // NOISE_BLOCK)), max_workers())
        return made.reshape(shape).to(self.device)


def check_fits(values: Iterable[tuple[str, Tensor]], rows: int, channels: int, owner: str) -> None:
    """Raise a `ParameterError` if frozen values are not for `rows` examples with `channels` channels each.

    Each entry of `values` is the mode by which the values are shared, and the values `(units, …)`; a single unit fits
    any input. `owner` is the name in the message.
    """
    for mode, value in values:
        units = units_of(mode, rows, channels)
        if len(value) not in (1, units):
            raise ParameterError(
                f"{owner}: the frozen draw has {len(value)} values ({mode}), and this input of {rows} examples with "
                f"{channels} channels needs {units}. Call unfreeze_parameters(), or pass an input of the same shape."
            )
