"""`PreparedSections`: `sosfilt` with constant sections, for the blocks of a stream."""

from __future__ import annotations

from math import isfinite

from torch import Tensor

from fxlab.engine.recursion.rows.short_signals import ShortCoefficients
from fxlab.engine.recursion.sosfilt import SECTIONS, sosfilt
from fxlab.engine.torch_support.tensor_checks import may_use_numpy


class PreparedSections:
    """`sosfilt` with constant sections, prepared so that calls with short blocks take less time.

    Args:
        sos: The sections `(..., sections, 6)`, which must not be modified afterwards.

    Raises:
        EngineError: A call is made with sections or arguments that are not valid; see `sosfilt`.

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

    def filter_finite(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor] | None:
        """Return `sosfilt(x, sos, state)`, or None if the result does not show that `x` and the state are finite.

        The result is also None for signals without samples, and for signals that NumPy cannot read, such as those with
        gradients.
        """
        # A NaN or an infinite sample makes the state after it NaN or infinite, in the matrix products of every method.
        # So a test of the last state replaces a pass over the samples.
        found = None if self._short is None else self._short.filter(x, state)
        if found is not None:
            return found
        if not may_use_numpy(x) or x.dim() == 0 or x.numel() == 0:
            return None
        y, last = sosfilt(x, self.sos, state)
        return (y, last) if last.numel() and isfinite(last.sum()) else None
