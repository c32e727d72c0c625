"""`lfilter`: filter a signal with a transfer function of any order."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.convolve import convolve
from fxlab.engine.recursion.filter_signal import filter_signal, register_realization
from fxlab.engine.recursion.initial_state import initial_state
from fxlab.engine.recursion.matrices.array_library import Array, array_namespace, constant_like
from fxlab.engine.recursion.matrices.exact_products import difference_of_products
from fxlab.engine.recursion.matrices.state_space import StateSpace, state_space, to_coupled, to_direct
from fxlab.engine.recursion.matrices.well_conditioned import well_conditioned_direct_form
from fxlab.engine.recursion.realization import Realization
from fxlab.engine.torch_support.known_values import to_numpy
from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import all_finite, check_matches_signal, check_signal
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import EngineError

MAX_RECURSIVE_ZEROS = 32  # a longer numerator is applied by convolution, because it would need too many states


def lfilter(x: Tensor, b: Tensor, a: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension with `(b[0] + b[1] z^-1 + ...) / (a[0] + a[1] z^-1 + ...)`.

    The order is arbitrary, and the result is differentiable with respect to all tensors. From the third order on, the
    poles are very sensitive to rounding of the coefficients: use `sosfilt` for cutoff frequencies far below the sample
    rate. Transforms of `torch.func` and forward-mode differentiation also lose digits at such orders: for a Butterworth
    low-pass at 0.075 times the sample rate, 6 of the 16 digits of float64 at order 6, and 13 at order 10.

    Shape:
        x: `(..., time)`, as in `sosfilt`.
        b: `(..., taps)`; a: `(..., poles + 1)`; leading dimensions broadcast with those of `x`.
        state: `(..., order)`, the delays of transposed direct form II, as in `zi` of `scipy.signal.lfilter`, where
            `order` is the larger of the lengths of `b` and `a` minus 1; None means zeros. See also `lfilter_zi` and
            `lfiltic`.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: A shape, dtype or device is wrong, an `a[0]` is 0, or a coefficient is not finite.

    >>> y, state = lfilter(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.5]), torch.tensor([1.0, -0.5]))
    >>> y
    tensor([0.5000, 0.2500, 0.1250])
    """
    check_signal("lfilter", x)
    for name, value in (("b", b), ("a", a)):
        if not isinstance(value, Tensor) or value.dim() == 0 or value.shape[-1] == 0:
            given = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise EngineError(f"lfilter: {name} is {given}; it must be a tensor (..., coefficients), one or more")
        check_matches_signal("lfilter", name, value, x)
    batch_shape = _broadcast_batch_shape(x, b, a)
    time, order = x.shape[-1], max(b.shape[-1], a.shape[-1]) - 1
    first = initial_state("lfilter", state, batch_shape, order, x, ", b and a")
    signal = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*batch_shape, time)
    if signal.numel() == 0:
        _normalize(_coefficient_table(b, a, order))
        return signal.to(x.dtype), first.clone()
    zeros, poles = b.shape[-1] - 1, a.shape[-1] - 1
    if order == 0 or zeros > max(poles, MAX_RECURSIVE_ZEROS):
        y, last = _filter_zeros_by_convolution(signal, b, a, first)
    elif order <= 2:
        # Filter as one section, whose state coordinates stay accurate at low cutoff frequencies.
        y, last = filter_signal(SINGLE_SECTION, signal, _coefficient_table(b, a, 2), pad(first, (0, 2 - order)))
        last = last[..., :order]
    else:
        y, last = filter_signal(DIRECT_FORM, signal, _coefficient_table(b, a, order), first)
    return y.to(x.dtype), last


def _filter_zeros_by_convolution(x: Tensor, b: Tensor, a: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Return the output and the state of `lfilter`, by convolution with `b`, then the recursion of `a`.

    The state of transposed direct form II is the part of the next outputs that is known already: the terms of past
    inputs in the convolution with `b`, minus the terms of past outputs in the convolution with `a`.
    """
    time, order = x.shape[-1], state.shape[-1]
    coefficients = _normalize(_coefficient_table(b, a, order))
    numerator, denominator = coefficients[..., 0, : b.shape[-1]], coefficients[..., 1, : a.shape[-1]]
    convolved = convolve(pad(x, (0, order)).to(numerator.device, torch.float64), numerator)
    recursion_input = convolved + pad(state, (0, time))
    if a.shape[-1] == 1:
        return recursion_input[..., :time].to(x.device, x.dtype), recursion_input[..., time:]
    one = torch.ones_like(denominator[..., :1])
    y, _ = lfilter(recursion_input[..., :time], one, denominator)
    last = recursion_input[..., time:] - convolve(pad(y, (0, order)), denominator)[..., time:]
    return y.to(x.device, x.dtype), last


def _direct_form_state_space(coefficients: Array) -> StateSpace:
    """Return the transposed direct form II of a table `(..., 2, order + 1)` of b and a, with `a[0] = 1`."""
    xp = array_namespace(coefficients)
    b, a = coefficients[..., 0, :], coefficients[..., 1, :]
    order = b.shape[-1] - 1
    shift = constant_like(np.eye(order, k=1), coefficients)
    first = constant_like(np.eye(1, order)[0], coefficients)
    A = shift - a[..., 1:, None] * first
    B = difference_of_products(b[..., 1:], a[..., 1:], b[..., :1] * xp.ones_like(a[..., 1:]))
    return StateSpace(A, B, first * xp.ones_like(a[..., 1:]), b[..., 0])


def _well_conditioned_state_space(coefficients: Array) -> tuple[StateSpace, tuple[Array, ...]]:
    """Return the direct form in well-conditioned coordinates, and the matrix to these coordinates and its inverse.

    The two matrices have no gradient. If PyTorch traces this code (`is_traced`), or if `well_conditioned_direct_form`
    returns None, the direct form is returned unchanged, with identity matrices.
    """
    space = _direct_form_state_space(coefficients)
    order = space.A.shape[-1]
    unchanged = space, (constant_like(np.eye(order), coefficients),) * 2
    if isinstance(coefficients, Tensor):
        if is_traced(coefficients):
            return unchanged
        values = to_numpy(coefficients)
    else:
        values = coefficients
    found = well_conditioned_direct_form(values)
    if found is None:
        return unchanged
    changed, transform, inverse = found
    if isinstance(coefficients, Tensor):
        transform, inverse = constant_like(transform, coefficients), constant_like(inverse, coefficients)
        rounded = StateSpace(
            transform @ space.A @ inverse,
            (transform @ space.B[..., None])[..., 0],
            (space.C[..., None, :] @ inverse)[..., 0, :],
            space.D,
        )
        # Use the accurate values, but the gradients of the float64 products, whose own values are less accurate.
        pairs = zip(changed, rounded, strict=True)
        changed = StateSpace(*(constant_like(value, part) + (part - part.detach()) for value, part in pairs))
    return changed, (transform, inverse)


def _apply_transform(state: Tensor, transform: Tensor, inverse: Tensor) -> Tensor:  # noqa: ARG001
    return (transform * state.unsqueeze(-2)).sum(-1)  # a product of all rows could round equal ones differently


def _apply_inverse(state: Tensor, transform: Tensor, inverse: Tensor) -> Tensor:  # noqa: ARG001
    return (inverse * state.unsqueeze(-2)).sum(-1)


def _coefficient_table(b: Tensor, a: Tensor, order: int) -> Tensor:
    """Return b and a as the rows of one table, `(..., 2, order + 1)`, in float64, padded with zeros."""
    batch_shape = broadcast_shapes(b.shape[:-1], a.shape[:-1])
    rows = (pad(part, (0, order + 1 - part.shape[-1])).expand(*batch_shape, order + 1) for part in (b, a))
    return torch.stack([row.to(float64_device(row.device), torch.float64) for row in rows], -2)


def _normalize(table: Array) -> Array:
    """Return the table of b and a, divided by `a[0]`.

    Raises:
        EngineError: An `a[0]` is 0, or a coefficient is not finite; values are not checked if PyTorch traces this code
            (`is_traced`).
    """
    if not isinstance(table, Tensor):
        return _normalize(torch.from_numpy(table.copy())).numpy()
    coefficients = table / table[..., 1:, :1]
    if not (is_traced(table) or all_finite(coefficients)):
        has_zero = bool((table[..., 1, 0] == 0).any())
        reason = "a[0] is 0" if has_zero else "a coefficient of b or a is not finite"
        raise EngineError(f"lfilter: {reason}; every coefficient must be finite and a[0] not 0")
    return coefficients


def _section_state_space(coefficients: Array) -> tuple[StateSpace, tuple[Array, ...]]:
    return state_space(coefficients.reshape(*coefficients.shape[:-2], 1, 6))


def _to_section_state(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    return to_coupled(state.unsqueeze(-2), sigma, beta)


def _from_section_state(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    return to_direct(state, sigma, beta).squeeze(-2)


SINGLE_SECTION = register_realization(
    Realization(
        "single_section", _normalize, _section_state_space, _to_section_state, _from_section_state, lambda *_: (2,)
    )
)
DIRECT_FORM = register_realization(
    Realization(
        "direct_form",
        _normalize,
        _well_conditioned_state_space,
        _apply_transform,
        _apply_inverse,
        lambda _, columns: (columns - 1,),
    )
)


def _broadcast_batch_shape(x: Tensor, b: Tensor, a: Tensor) -> torch.Size:
    try:
        return broadcast_shapes(x.shape[:-1], b.shape[:-1], a.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"lfilter: x of shape {tuple(x.shape)}, b of shape {tuple(b.shape)} and a of shape {tuple(a.shape)}: "
            "the dimensions before the last do not broadcast"
        ) from None
