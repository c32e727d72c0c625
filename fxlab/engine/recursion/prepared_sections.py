"""`PreparedSections`: `sosfilt` with sections that do not change, for the blocks of a stream."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.recursion.rows.short_signals import ShortCoefficients
from fxlab.engine.recursion.sosfilt import SECTIONS, sosfilt


class PreparedSections:
    """`sosfilt` with given sections: what depends on them alone is computed once, which counts in short calls.

    Args:
        sos: The sections `(..., sections, 6)`, which must not be modified afterwards.

    >>> import torch
    >>> one_pole = PreparedSections(torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]], dtype=torch.float64))
    >>> y, state = one_pole(torch.tensor([1.0, 0.0]))
    >>> one_pole(torch.tensor([0.0, 0.0]), state)[0]
    tensor([0.1250, 0.0625])
    """

    def __init__(self, sos: Tensor) -> None:
        self.sos = sos
        self._short = ShortCoefficients.of(SECTIONS, sos)

    def __call__(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return `sosfilt(x, sos, state)`."""
        found = None if self._short is None else self._short.filter(x, state)
        return sosfilt(x, self.sos, state) if found is None else found
