"""State coordinates in which float32 products have a small rounding error: the output-normal form.

Between a section that boosts and a section that cuts, the state of a cascade may be many times larger than what it
contributes to the output, and rounding it to float32 would cause a large error in the output. In the coordinates `U s`
of the output-normal form, the squared length of the state is the energy of the output that it causes. The error
relative to the output is then as small as the error relative to the state.

Source:
    C. T. Mullis, R. A. Roberts, "Synthesis of minimum roundoff noise fixed point digital filters", IEEE Transactions
    on Circuits and Systems 23 (1976).
"""

from __future__ import annotations

import numpy as np

HORIZON = 1 << 15  # samples over which the output of a state is summed
NEGLIGIBLE = 1e-20  # relative to the output before: later outputs below this do not change the sum of squares
MIN_WEIGHT = 1e-5  # keeps the inverse well conditioned


def output_normal_transform(
    observe: np.ndarray, step: np.ndarray | None, min_weight: float = MIN_WEIGHT
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the matrix `U` to output-normal coordinates and its inverse, each `(..., n, n)`.

    The result is None if a value overflows or a decomposition fails.

    Args:
        observe: The matrix from the state before a block to the output of the block, `(..., length, n)`.
        step: The transition of the state over a block, `(..., n, n)`; None means that only the output within this block
            is summed.
        min_weight: A lower bound for the singular values of `U`, after its columns are scaled to unit length.
    """
    length, n = observe.shape[-2:]
    with np.errstate(all="ignore"):
        try:
            # U^T U is the observability Gramian. U is computed directly, because squaring would lose half the digits.
            root = _triangular_factor(observe) if length > n else observe
            while step is not None and length < HORIZON:
                twice, after = step @ step, root @ step
                if abs(after).max() <= NEGLIGIBLE * abs(root).max():
                    break
                later = np.concatenate([root, after], -2)
                root = _triangular_factor(np.concatenate([later, later @ twice], -2))
                step, length = twice @ twice, 4 * length
            size = np.sqrt((root**2).sum(-2, keepdims=True))
            size = np.where(size > 0, size, 1.0)
            floor = np.broadcast_to(min_weight * np.eye(n), (*root.shape[:-2], n, n))
            root = _triangular_factor(np.concatenate([root / size, floor], -2)) * size
            inverse = np.linalg.inv(root)
        except np.linalg.LinAlgError:
            return None
    return (root, inverse) if np.isfinite(root).all() and np.isfinite(inverse).all() else None


def _triangular_factor(rows: np.ndarray) -> np.ndarray:
    """Return the factor R of the QR decomposition of `rows`, `(..., m, n)`."""
    return np.asarray(np.linalg.qr(rows, mode="r"))
