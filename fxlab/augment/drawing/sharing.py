"""The groups that share a draw: the batch, each example or each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module import Choice, Param

if TYPE_CHECKING:
    from fxlab.augment.drawing.random_source import RandomNumbers

MODES = ("per_batch", "per_example", "per_channel")


class Probability(Param):
    """The declaration of the probability `p` with which an augmentation is applied."""

    def __init__(self, default: float) -> None:
        super().__init__(default, low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc="Probability that it is applied.")

    @property
    def label(self) -> str:
        """The name of the parameter in the panel."""
        return "Probability"


class SharingMode(Choice):
    """The declaration of `p_mode`, the group that shares the decision whether an augmentation is applied.

    None stands for the group of `mode`.
    """

    @property
    def label(self) -> str:
        """The name of the parameter in the panel."""
        return "Applied (p_mode)"

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> str:
        """Return the name of the mode, `"same as mode"` for None; see `Choice.validate`."""
        return super().validate("same as mode" if value is None else value, owner, sample_rate)


def units_of(mode: str, rows: int, channels: int) -> int:
    """Return the number of units with a draw each: 1, `rows` or `rows · channels`.

    The units are the batch, the examples or the channels of all examples if `mode` is `"per_batch"`, `"per_example"` or
    `"per_channel"`. `rows` is the number of examples.
    """
    return {"per_batch": 1, "per_example": rows, "per_channel": rows * channels}[mode]


def decide(p: Tensor | float, numbers: RandomNumbers, shared: tuple[str, int, int], owner: str) -> Tensor:
    """Draw for each unit of a batch whether it is augmented; return a boolean tensor `(units,)`.

    Args:
        p: The probability, a single one or one for each unit; it counts as 1 if `numbers.always` is True.
        numbers: The random numbers to use.
        shared: The mode, the number of examples and the number of channels, from which `units_of` returns the number
            of units.
        owner: The name in the error message.

    Raises:
        ParameterError: `p` is neither one number nor `(units,)`.
    """
    units = units_of(*shared)
    if numbers.always or isinstance(p, float):
        return torch.from_numpy(numbers.array(units) < (1.0 if numbers.always else p))
    chance = p.detach().cpu()
    if chance.ndim and tuple(chance.shape) not in ((1,), (units,)):
        raise ParameterError(
            f"{owner}: p has the shape {tuple(chance.shape)}, and this input needs {units} decisions ({shared[0]}). "
            "Give one probability, or one for each of them."
        )
    return numbers.uniform(units) < chance


def per_row(value: Tensor, examples: int, rows: int) -> Tensor:
    """Return the values of examples, each repeated for all channels of the example if the rows are channels.

    If there is one value for each row already, or one for several examples, `value` is returned unchanged.

    Args:
        value: The values for the batch, for each example, or for each row, `(units, …)`.
        examples: The number of examples.
        rows: The number of rows: the examples, or all their channels.
    """
    return value.repeat_interleave(rows // examples, 0) if len(value) == examples != rows else value
