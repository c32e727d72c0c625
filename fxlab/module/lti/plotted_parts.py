"""`PlottedParts`: the parts whose responses a plot draws too, such as stages, branches or bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from fxlab.module.lti.linear_analysis import LinearAnalysis


class PlottedParts:
    """The parts of a `LinearAnalysis`; by default it has none."""

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        """Return the complex response `(..., frequencies)`.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def _numbered_parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        """Return the parts that a plot draws, each with its color number."""
        return []

    def _part_labels(self, rate: float) -> list[str]:
        """Return a label for each part."""
        return [type(part).__name__ for _, part in self._numbered_parts(rate)]

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        """Return the number and the response of each part."""
        parts = self._numbered_parts(rate)
        return [number for number, _ in parts], [part.response(grid, rate) for _, part in parts]

    def _response_and_parts(self, grid: Tensor, rate: float) -> tuple[Tensor, list[int], Sequence[Tensor]]:
        """Return the response of the module, and the numbers and responses of its parts."""
        return self._response(grid, rate), *self._part_responses(grid, rate)
