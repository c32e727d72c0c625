"""Coordinates of the state in which a float32 product loses nothing that is heard.

Between a section that boosts and one that cuts, the state of a cascade may be many times what reaches the output, and
rounding it to float32 would be heard. In coordinates `U s` in which the output's energy is the state's length (the
output-normal form), a rounding error is as small beside the output as it is beside the state.
"""

from __future__ import annotations

import numpy as np

HORIZON = 1 << 15  # samples over which a state's output is weighed
FLOOR = 1e-5  # keeps the way back well conditioned


def output_normal(
    observe: np.ndarray, step: np.ndarray | None, least: float = FLOOR
) -> tuple[np.ndarray, np.ndarray] | None:
    """The matrix `U` and its inverse, `(..., n, n)`; None where the output of some state grows out of range.

    Args:
        observe: the output of a block from each state, `(..., length, n)`.
        step: the transition of the state over a block, `(..., n, n)`; None weighs the output of this block alone.
        least: the least weight of a combination of states, of that of a single one.
    """
    length, n = observe.shape[-2:]
    with np.errstate(all="ignore"):
        try:
            # U^T U is the observability Gramian; its root is grown itself, for squaring it would lose half the digits.
            root = _triangle(observe) if length > n else observe
            while step is not None and length < HORIZON:
                twice = step @ step
                later = np.concatenate([root, root @ step], -2)
                root = _triangle(np.concatenate([later, later @ twice], -2))
                step, length = twice @ twice, 4 * length
            size = np.sqrt((root**2).sum(-2, keepdims=True))
            size = np.where(size > 0, size, 1.0)
            floor = np.broadcast_to(least * np.eye(n), (*root.shape[:-2], n, n))
            root = _triangle(np.concatenate([root / size, floor], -2)) * size
            back = np.linalg.inv(root)
        except np.linalg.LinAlgError:
            return None
    return (root, back) if np.isfinite(root).all() and np.isfinite(back).all() else None


def _triangle(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.qr(rows, mode="r"))
