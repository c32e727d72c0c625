"""Limits for the number of taps of a filter, and the largest number in a batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import unwrap_transforms
from fxlab.errors import ParameterError
from fxlab.module.checks import not_recordable

MAX_TAPS = 1 << 20  # taps: 22 seconds at 48 kHz
MAX_SOLVED_TAPS = 4001  # for designs that solve equations for the taps


FIXED_TAPS = "Record fx.FIR(module.impulse_response(sample_rate)) instead, whose taps are constants."
"""Advice in the error that `max_count` raises while a graph is being recorded."""


def check_solvable(module: Any, moving_limit: int) -> None:
    """Raise a `ParameterError` if `module` has too many taps for `method="equiripple"`.

    The limit is `MAX_SOLVED_TAPS`, or `moving_limit` if a parameter of `module` moves.
    """
    if module.taps > MAX_SOLVED_TAPS:
        raise ParameterError(
            f"{type(module).__name__}: taps is {module.taps}; with method='equiripple' it must be at most "
            f"{MAX_SOLVED_TAPS}. Use fewer taps, or method='window'."
        )
    check_movable(module, moving_limit)


def check_movable(module: Any, limit: int) -> None:
    """Raise a `ParameterError` if a parameter of `module` moves and `module` has more than `limit` taps."""
    if module.taps > limit and (controls := module.controls()):
        name, control = next(iter(controls.items()))
        raise ParameterError(
            f"{type(module).__name__}: {name} is {control!r}, and a design with {module.taps} taps takes too long "
            f"to be repeated; use at most {limit} taps, or WindowedSinc."
        )


def max_count(
    counts: Tensor,
    owner: str,
    advice: str = FIXED_TAPS,
    reason: str = "its length in samples depends on the values of its parameters",
) -> int:
    """Return the largest of `counts`, also inside `torch.func` transforms.

    Raises:
        FxlabError: The values are unknown because a graph is being recorded. The message names the module `owner` and
            contains `reason` and `advice`.
    """
    if torch.compiler.is_compiling():
        raise not_recordable(owner, reason, advice)
    return int(unwrap_transforms(counts).detach().max())
