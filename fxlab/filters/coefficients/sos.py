"""`SOS`: a filter defined by its second-order sections."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Recursive


class SOS(Recursive):
    """A filter defined by its second-order sections, rows of `b0 b1 b2 a0 a1 a2`, as SciPy's designs return them.

    The coefficients are the same at every sample rate, so the corner frequencies are proportional to it. An unstable
    filter is computed without a warning.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The shape is not `(..., sections, 6)` with at least one section and at most two batch
            dimensions, an `a0` is 0, or a value is not a finite real number.

    >>> half = SOS([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]])
    >>> half(torch.tensor([[1.0, 1.0, 0.0]]), sample_rate=8000)
    tensor([[0.5000, 1.0000, 0.5000]])
    """

    rows = ArrayParam(
        [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]],
        shape=("sections", 6),
        keyword="sos",
        doc="Rows of b0 b1 b2 a0 a1 a2, one per section.",
    )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or an `a0` is 0."""
        super()._check(sample_rate)
        leading = self.values()["rows"].detach()[..., 3]
        if not any_true(leading == 0):
            return
        section = int((leading == 0).nonzero()[0, -1])
        raise ParameterError(
            f"SOS: a0 of section {section} is 0, so the recursion cannot be solved for y[n]; it must not be 0, and is "
            "usually 1."
        )

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections `(..., sections, 6)`, each divided by its `a0`."""
        rows: Tensor = self.rows
        return torch.cat([rows[..., :3], rows[..., 3:]], -1) / rows[..., 3:4]
