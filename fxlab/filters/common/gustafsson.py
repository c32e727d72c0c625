"""`filter_by_gustafsson`: forward-backward filtering with the initial states of Gustafsson's method."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine import sosfilt
from fxlab.engine.torch_support.known_values import numpy_values

MOST_STATES, MOST_STATES_OF_FIR = 128, 32
UNDETERMINED = 1e-12
"""Initial states whose response has the norm 1 are set to 0 if they change the difference between forward-backward and
backward-forward filtering by less than this. They are undetermined, as with the taps 1, 0, …, 0, 0.5."""


def filter_by_gustafsson(x: Tensor, sos: Tensor, memory: int | None = None) -> Tensor:
    """Return `x`, filtered forwards and backwards with the initial states of Gustafsson's method.

    Nothing is assumed about the signal beyond its ends. The state before the forward pass and the state before the
    backward pass are those for which forward-backward and backward-forward filtering differ least, by least squares.

    Shape:
        x: `(..., time)`, float64. sos: `(..., sections, 6)`, whose batch is that of `x` or broadcasts to it.

    Args:
        x: The signal.
        sos: The sections.
        memory: The length of the impulse response in samples, SciPy's `irlen`. A signal more than twice as long is
            corrected only this far from its ends. By default the complete signal is corrected.

    Source:
        F. Gustafsson, "Determining the initial states in forward-backward filtering", IEEE Transactions on Signal
        Processing 44, 1996.

    >>> smooth = torch.tensor([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    >>> filter_by_gustafsson(torch.ones(5, dtype=torch.float64), smooth).round(decimals=12)
    tensor([1., 1., 1., 1., 1.], dtype=torch.float64)
    """
    time = x.shape[-1]
    length = time if memory is None or time <= 2 * memory else memory
    free = _free_responses(sos, length)
    after_free = _forward(free.flip(-1), sos.unsqueeze(-3))
    y = _backward(_forward(x, sos), sos)
    difference = _forward(_backward(x, sos), sos) - y
    # Rows are the samples, columns the states: those of the forward pass, then those of the backward pass.
    begin, end = after_free.flip(-1).mT, free.flip(-1).mT
    forward_error, backward_error = begin - free.mT, end - after_free.mT
    if length == time:
        error = torch.cat([forward_error, backward_error], -1)
        return y + _combine(torch.cat([begin, end], -1), error, difference)
    first = _combine(begin, forward_error, difference[..., :length])
    last = _combine(end, backward_error, difference[..., -length:])
    return torch.cat([y[..., :length] + first, y[..., length:-length], y[..., -length:] + last], -1)


def most_states(sos: Tensor) -> int:
    """Return the largest number of states for which Gustafsson's method is accurate; it is lower for FIR filters."""
    # The sections of an FIR filter with more taps have responses that cancel, so that their rounding errors exceed
    # `UNDETERMINED`.
    values = numpy_values(sos)
    is_finite = values is not None and not values[..., 4:].any()
    return MOST_STATES_OF_FIR if is_finite else MOST_STATES


def _combine(effect: Tensor, error: Tensor, difference: Tensor) -> Tensor:
    """Return `effect @ states` for the states for which `error @ states` is nearest to `difference`.

    Shape:
        effect, error: `(..., time, states)`. difference and result: `(..., time)`.
    """
    states = torch.linalg.pinv(error, atol=UNDETERMINED, rtol=UNDETERMINED) @ difference.unsqueeze(-1)
    combined: Tensor = (effect @ states).squeeze(-1)
    return combined


def _free_responses(sos: Tensor, length: int) -> Tensor:
    """Return the responses of the filter to `length` zeros for several initial states.

    The initial states are chosen such that the responses are orthogonal, with norm 1 unless they are negligible. The
    choice carries no gradient.

    Shape:
        sos: `(..., sections, 6)`. Returns `(..., states, length)`.
    """
    # The responses to unit states of sections with low corners are almost equal. The result of the method does not
    # depend on the basis.
    unit = _reachable_states(sos)
    batch = sos.shape[:-2]
    values = numpy_values(sos)
    if values is not None and not values[..., 4:].any():
        # Without poles, the responses are any samples in the first `states` places.
        return torch.eye(len(unit), length, dtype=torch.float64, device=sos.device).expand(*batch, -1, -1)
    silence = torch.zeros(*batch, len(unit), length, dtype=torch.float64, device=sos.device)
    responses = sosfilt(silence, sos.unsqueeze(-3), unit.expand(*batch, *unit.shape))[0]
    with torch.no_grad():
        left, sizes, _ = torch.linalg.svd(responses, full_matrices=False)
        smallest = sizes[..., :1] * (length * torch.finfo(torch.float64).eps)
        basis = left.mT / torch.maximum(sizes, smallest)[..., None]
    orthonormal: Tensor = basis @ responses
    return orthonormal


def _reachable_states(sos: Tensor) -> Tensor:
    """Return unit states `(states, sections, 2)`.

    States that no input reaches, as in first-order sections, are left out if the values of the coefficients are
    available.
    """
    sections = sos.shape[-2]
    unit = torch.eye(2 * sections, dtype=torch.float64, device=sos.device).reshape(-1, sections, 2)
    values = numpy_values(sos)
    if values is None:
        return unit
    rows = values.reshape(-1, sections, 6)
    second = (rows[..., [2, 5]] != 0).any((0, 2))
    first = second | (rows[..., [1, 4]] != 0).any((0, 2))
    return unit[torch.from_numpy(np.stack([first, second], -1).ravel()).to(sos.device)]


def _forward(x: Tensor, sos: Tensor) -> Tensor:
    return sosfilt(x, sos)[0]


def _backward(x: Tensor, sos: Tensor) -> Tensor:
    return _forward(x.flip(-1), sos).flip(-1)
