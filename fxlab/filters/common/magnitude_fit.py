"""`fit_magnitude`: digital sections with the magnitude response of an analog filter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from fxlab.engine import zpk_to_sos
from fxlab.errors import EngineError

Array = NDArray[np.float64]

FREE_ZEROS = 6
"""The number of zeros that are fitted."""
TOP = 0.45
"""The fraction of the sample rate up to which the magnitude is fitted."""
REWEIGHTINGS = 30
"""The number of iterations of Lawson's algorithm."""


def fit_magnitude(
    magnitude: Callable[[Array], Array], poles: NDArray[np.complex128], zeros_at_zero: int, sample_rate: float
) -> torch.Tensor:
    """Return digital sections, `(sections, 6)`, whose magnitude response approximates `magnitude`.

    The poles and the zeros at 0 Hz are those of the analog filter, mapped from s to `exp(s / sample_rate)`; unlike the
    bilinear transform, this does not compress the frequency axis towards half the sample rate. `FREE_ZEROS` more zeros,
    inside the unit circle, are fitted: their squared magnitude response is a polynomial in the cosine of the angular
    frequency, whose coefficients are found by least squares for the relative error up to `TOP`, reweighted iteratively
    to reduce the largest error. The magnitude is matched at 1 kHz, or at a quarter of the sample rate if that is lower.

    Args:
        magnitude: A function that returns the magnitude response at an array of frequencies in Hz. It must be above 0
            except at 0 Hz.
        poles: The poles of the analog filter in rad/s.
        zeros_at_zero: The number of zeros of the analog filter at 0 Hz.
        sample_rate: The sample rate in Hz.

    Raises:
        EngineError: The fitted squared magnitude is not positive at all frequencies, so that no filter has it.

    Source:
        M. Vicanek, Matched Second Order Digital Filters, 2016, extended to more zeros; J. R. Rice and K. H. Usow, "The
        Lawson algorithm and extensions", Mathematics of Computation 22, 1968, for the weights.

    >>> def low_pass(hertz):
    ...     return 1 / np.hypot(1, hertz / 5000)
    >>> sos = fit_magnitude(low_pass, np.array([-2 * np.pi * 5000 + 0j]), 0, 44_100.0)
    >>> from fxlab.engine import frequency_response
    >>> level = frequency_response(sos, torch.tensor([5000.0, 15_000.0]), 44_100.0).abs()
    >>> [round(value, 2) for value in level.tolist()], round(float(low_pass(15_000.0)), 2)
    ([0.71, 0.32], 0.32)
    """
    roots = np.exp(poles / sample_rate)
    w = 2 * np.pi * np.concatenate([np.geomspace(5e-4, 0.016, 60), np.linspace(0.016, TOP, 300)])
    free = (2 * np.sin(w / 2)) ** (2 * zeros_at_zero) / np.abs(_product(roots, w)) ** 2
    basis = (
        np.cos(np.outer(w, np.arange(FREE_ZEROS + 1))) * (free / magnitude(w * sample_rate / (2 * np.pi)) ** 2)[:, None]
    )
    weights = np.ones_like(w)
    for _ in range(REWEIGHTINGS):
        coefficients = np.linalg.lstsq(basis * np.sqrt(weights)[:, None], np.sqrt(weights), rcond=None)[0]
        error = np.abs(basis @ coefficients - 1)
        weights *= error / error.max() + 1e-3
        weights /= weights.max()
    zeros = np.concatenate([_spectral_factor(coefficients), np.ones(zeros_at_zero)])
    reference = min(1000.0, sample_rate / 4)
    at_reference = np.array([2 * np.pi * reference / sample_rate])
    level = np.abs(_product(zeros, at_reference) / _product(roots, at_reference))[0]
    gain = float(magnitude(np.array([reference]))[0] / level)
    missing = np.zeros(max(0, len(zeros) - len(roots)))
    return zpk_to_sos(
        torch.from_numpy(zeros.astype(np.complex128)),
        torch.from_numpy(np.concatenate([roots, missing]).astype(np.complex128)),
        torch.tensor(gain, dtype=torch.float64),
    )


def _product(roots: NDArray[np.complex128], w: Array) -> NDArray[np.complex128]:
    """Return the product of `1 - root / z` over all roots, at the angular frequencies `w` in radians per sample."""
    found: NDArray[np.complex128] = (1 - roots[:, None] * np.exp(-1j * w)).prod(0)
    return found


def _spectral_factor(coefficients: Array) -> NDArray[np.complex128]:
    """Return the zeros inside the unit circle of the filter with a given squared magnitude response.

    `coefficients` are those of the Chebyshev series of the squared magnitude in the cosine of the angular frequency.

    Raises:
        EngineError: The squared magnitude is not positive at all frequencies.
    """
    cosines = chebyshev.chebroots(coefficients).astype(np.complex128)
    offset = np.sqrt(cosines - 1) * np.sqrt(cosines + 1)
    zeros: NDArray[np.complex128] = np.where(np.abs(cosines - offset) < 1, cosines - offset, cosines + offset)
    if not (np.abs(zeros) < 1).all():
        raise EngineError("fit_magnitude: the fitted squared magnitude is not positive; use fewer free zeros.")
    return zeros
