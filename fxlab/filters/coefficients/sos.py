"""A filter by its second-order sections."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Recursive


class SOS(Recursive):
    """Filter by second-order sections as they are, rows of `b0 b1 b2 a0 a1 a2`, as SciPy's designs give them.

    The numbers stand for themselves: at another sample rate the same filter has its corners elsewhere. An unstable
    filter is run as it is.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: No `(..., sections, 6)`, an `a0` of 0, or a number that is not finite.

    >>> half = SOS([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]])
    >>> half(torch.tensor([[1.0, 1.0, 0.0]]), sample_rate=8000)
    tensor([[0.5000, 1.0000, 0.5000]])
    """

    rows = ArrayParam(
        [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]],
        shape=("sections", 6),
        keyword="sos",
        doc="Rows of b0 b1 b2 a0 a1 a2, one a section.",
    )

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid."""
        super().check(sample_rate)
        leading = self.values()["rows"].detach()[..., 3]
        if not any_true(leading == 0):
            return
        section = int((leading == 0).nonzero()[0, -1])
        raise ParameterError(
            f"SOS: a0 of section {section} is 0, so there is no next output; it must be another number, as a rule 1."
        )

    def design(self, sample_rate: float) -> Tensor:
        """The sections, with `a0 = 1`."""
        rows: Tensor = self.rows
        return torch.cat([rows[..., :3], rows[..., 3:]], -1) / rows[..., 3:4]
