"""`Axis`: the numbers along one axis of a feature, with their quantity and unit."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from fxlab.errors import ParameterError

SCALES = ("linear", "log", "mel")


@dataclass(frozen=True, eq=False)
class Axis:
    """The numbers along one axis of a feature.

    Args:
        quantity: The quantity, such as `"Frequency"`.
        unit: Its unit, such as `"Hz"`; empty for pure numbers.
        values: The position of each row or frame in this unit, `(rows,)` or `(frames,)`, increasing.
        scale: How the axis is best drawn: `"linear"`, `"log"` or `"mel"`. Rows that are evenly spaced on this scale
            have the same height.
        labels: The names of the rows, such as those of the pitch classes; empty if they have none.

    Raises:
        ParameterError: The scale is unknown, or the numbers of labels and values differ.

    >>> import torch
    >>> Axis("Frequency", "Hz", torch.tensor([0.0, 4000.0])).title
    'Frequency [Hz]'
    """

    quantity: str
    unit: str
    values: Tensor
    scale: str = "linear"
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ParameterError(f"Axis: scale is {self.scale!r}; it must be one of {', '.join(map(repr, SCALES))}.")
        if self.labels and len(self.labels) != len(self.values):
            raise ParameterError(f"Axis: {len(self.labels)} labels for {len(self.values)} values; give one for each.")

    @property
    def title(self) -> str:
        """The quantity with its unit, as the label of an axis."""
        return f"{self.quantity} [{self.unit}]" if self.unit else self.quantity

    def __len__(self) -> int:
        return len(self.values)
