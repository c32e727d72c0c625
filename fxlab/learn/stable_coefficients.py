"""Stability of recursive coefficients that are learned as arrays, such as those of `SOS` and `TransferFunction`."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from fxlab.filters import SOS, TransferFunction
from fxlab.module.parameters.learnable import LearnableParameter

LIMIT = 1.0 - 1e-9
"""The largest radius to which a pole on or outside the unit circle is reflected."""


class StableCoefficients:
    """The learned arrays that contain denominators, whose poles a fit may move out of the unit circle.

    Unlike parameters with sliders, these arrays have no limits.

    Args:
        parameters: The learned parameters by path.
    """

    def __init__(self, parameters: Mapping[str, LearnableParameter]) -> None:
        self._first_columns = {path: _first_column(p) for path, p in parameters.items() if _first_column(p) is not None}
        self._ranks = {path: parameters[path][1].ranks[parameters[path][2].name] for path in self._first_columns}

    def __bool__(self) -> bool:
        return bool(self._first_columns)

    def are_stable(self, values: Mapping[str, Tensor], starts: int) -> Tensor:
        """Return for each start whether all poles are inside the unit circle, `(starts,)`; `values` are by path."""
        stable = torch.ones(starts, dtype=torch.bool)
        for path in self._first_columns:
            value = self._denominator(path, values[path])
            inside = (poles(value).abs() < 1.0).all(-1).cpu()
            stable &= inside.reshape(starts, -1).all(-1) if starts > 1 else inside.all()
        return stable

    def reflect(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return `values`, by path, with all poles on or outside the unit circle moved inside; see `reflected`."""
        found = dict(values)
        for path, column in self._first_columns.items():
            assert column is not None
            denominator = reflected(self._denominator(path, found[path]))
            found[path] = torch.cat([found[path][..., :column], denominator.to(found[path])], -1)
        return found

    def _denominator(self, path: str, value: Tensor) -> Tensor:
        return value.detach()[..., self._first_columns[path] :].double()


def poles(a: Tensor) -> Tensor:
    """Return the roots `(..., order)` of denominators `(..., order + 1)`, complex; `a[..., 0]` must not be 0."""
    order = a.shape[-1] - 1
    companion = a.new_zeros(*a.shape[:-1], order, order)
    if order > 1:
        companion[..., 1:, :-1] = torch.eye(order - 1, dtype=a.dtype, device=a.device)
    if order:
        companion[..., 0, :] = -a[..., 1:] / a[..., :1]
    roots: Tensor = torch.linalg.eigvals(companion)
    return roots


def reflected(a: Tensor) -> Tensor:
    """Return denominators `(..., order + 1)` with every pole on or outside the unit circle reflected into it.

    The radius of the image is multiplied by `LIMIT`, and the first coefficient is scaled, so that the magnitude
    response stays the same, except very close to the frequency of a pole on the circle.

    >>> reflected(torch.tensor([1.0, -2.0], dtype=torch.float64)).round(decimals=3)  # |1 - 2 z| = |2 - z| for |z| = 1
    tensor([ 2., -1.], dtype=torch.float64)
    """
    roots = poles(a)
    outside = roots.abs() >= 1.0
    if not bool(outside.any()):
        return a
    inside = torch.where(outside, LIMIT * roots / roots.abs().square().clamp(min=1.0), roots)
    gain = torch.where(outside, roots.abs(), 1.0).prod(-1, keepdim=True)
    made = (a[..., :1] * gain).to(roots.dtype)
    for k in range(roots.shape[-1]):
        zero = made.new_zeros(*made.shape[:-1], 1)
        made = torch.cat([made, zero], -1) - inside[..., k : k + 1] * torch.cat([zero, made], -1)
    return torch.where(outside.any(-1, keepdim=True), made.real, a)


def _first_column(parameter: LearnableParameter) -> int | None:
    """Return the index in the last dimension of an array at which a denominator begins, or None if there is none."""
    _, owner, declaration = parameter
    if isinstance(owner, SOS) and declaration.name == "rows":
        return 3
    return 0 if isinstance(owner, TransferFunction) and declaration.name == "a" else None
