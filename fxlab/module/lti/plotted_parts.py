"""`PlottedParts`: the parts of a module whose responses are plotted as well, such as stages, branches or bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from fxlab.module.lti.linear_analysis import LinearAnalysis


class PlottedParts:
    """The base class of `LinearAnalysis` with the parts that a plot draws; by default there are none."""

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        """Return the complex response at frequencies in Hz, `(..., frequencies)`.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def _numbered_parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        """Return the parts that a plot draws, each with the number of its color; none by default."""
        return []

    def _part_labels(self, rate: float) -> list[str]:
        """Return the label of each part; by default the name of its class."""
        return [type(part).__name__ for _, part in self._numbered_parts(rate)]

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        """Return the color numbers and the complex responses `(..., frequencies)` of the parts at `grid` in Hz."""
        parts = self._numbered_parts(rate)
        return [number for number, _ in parts], [part.response(grid, rate) for _, part in parts]

    def _response_and_parts(self, grid: Tensor, rate: float) -> tuple[Tensor, list[int], Sequence[Tensor]]:
        """Return the response of the module at `grid` in Hz, and the color numbers and responses of its parts."""
        return self._response(grid, rate), *self._part_responses(grid, rate)
