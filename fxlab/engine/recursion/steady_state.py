"""Initial states of recursions: the steady state for a constant input, or the state after given inputs and outputs.

`sosfilt_zi`, `lfilter_zi` and `lfiltic` have the names and results of SciPy's functions. The result of each function is
a `state` for `sosfilt`, `lfilter` or `ssfilt`. All functions are differentiable.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.recursion.section_arguments import normalize_sections
from fxlab.engine.recursion.system_arguments import split_system
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

EPSILON = 2.0**-52  # a sum of coefficients that is smaller, relative to their magnitudes, counts as 0

_UNBOUNDED = (
    "a pole at z = 1 (0 Hz), so its output for a constant input grows without bound, and there is no steady state; "
    "start from zeros, or move the pole inside the unit circle"
)


def sosfilt_zi(sos: Tensor) -> Tensor:
    """Return the steady state of `sosfilt` for a constant input of 1, as `scipy.signal.sosfilt_zi` does.

    `sosfilt(x, sos, x[..., :1, None] * sosfilt_zi(sos))` starts as if the input had been equal to its first sample at
    all times before. The steady state exists for unstable filters too, although they do not converge to it.

    Shape:
        sos: `(..., sections, 6)`. Returns `(..., sections, 2)`, float64.

    Raises:
        EngineError: The shape is wrong, an `a0` is 0, a coefficient is not finite, or a section whose input is not 0 in
            the steady state has a pole at z = 1, even if its own zero cancels the pole.

    >>> one_pole = torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]])
    >>> from fxlab.engine import sosfilt
    >>> y, _ = sosfilt(torch.tensor([3.0, 3.0, 3.0]), one_pole, 3 * sosfilt_zi(one_pole))
    >>> y
    tensor([3., 3., 3.])
    """
    b0, b1, b2, _, a1, a2 = normalize_sections("sosfilt_zi", sos).unbind(-1)
    # In this order the denominator is summed without rounding for poles near z = 1, where it nearly cancels.
    numerator, denominator = (b0 + b1) + b2, (1 + a1) + a2
    is_pole = denominator.detach().abs() <= EPSILON
    gain = torch.where(is_pole, 0.0, numerator / torch.where(is_pole, 1.0, denominator))
    products = torch.cumprod(torch.cat([torch.ones_like(gain[..., :1]), gain], -1), -1)
    level, after = products[..., :-1], products[..., 1:]  # of the constant before and after each section
    grows = is_pole & (level.detach() != 0)
    if any_true(grows):
        section = int(torch.nonzero(grows)[0, -1])
        raise EngineError(f"sosfilt_zi: section {section} has {_UNBOUNDED}")
    return torch.stack([after - b0 * level, b2 * level - a2 * after], -1)


def lfilter_zi(b: Tensor, a: Tensor) -> Tensor:
    """Return the steady state of `lfilter` for a constant input of 1, as `scipy.signal.lfilter_zi` does.

    `lfilter(x, b, a, x[..., :1] * lfilter_zi(b, a))` starts as if the input had been equal to its first sample at all
    times before. If a zero cancels a pole at z = 1, the output may be any constant in the steady state, and the result
    is the state with an output of 0.

    Shape:
        b: `(..., taps)`; a: `(..., poles + 1)`. Returns `(..., order)`, float64, where `order` is the larger of the two
        lengths minus 1.

    Raises:
        EngineError: A shape is wrong, an `a[0]` is 0, a coefficient is not finite, or there is a pole at z = 1 that no
            zero cancels.

    >>> b, a = torch.tensor([0.5]), torch.tensor([1.0, -0.5])
    >>> lfilter_zi(b, a)
    tensor([0.5000], dtype=torch.float64)
    """
    b, a = _normalized("lfilter_zi", b, a)
    numerator, denominator = b.sum(-1, keepdim=True), a.sum(-1, keepdim=True)
    is_pole, is_zero = (
        total.detach().abs() <= EPSILON * c.detach().abs().sum(-1, keepdim=True)
        for total, c in ((denominator, a), (numerator, b))
    )
    if any_true(is_pole & ~is_zero):
        raise EngineError(f"lfilter_zi: the filter has {_UNBOUNDED}")
    gain = torch.where(is_pole, 0.0, numerator / torch.where(is_pole, 1.0, denominator))
    # Each delay holds the sum of the terms that are still to be added to the output.
    terms = (b - gain * a)[..., 1:]
    return terms.flip(-1).cumsum(-1).flip(-1)


def lfiltic(b: Tensor, a: Tensor, y: Tensor, x: Tensor | None = None) -> Tensor:
    """Return the state of `lfilter` after given outputs `y` and inputs `x`, as `scipy.signal.lfiltic` does.

    Shape:
        b: `(..., taps)`; a: `(..., poles + 1)`; y, x: `(..., samples)`, the latest sample first. Missing samples, and
        all inputs if `x` is None, are 0; samples after the first `order` have no effect. Leading dimensions broadcast.
        Returns `(..., order)`, float64, where `order` is the larger of the lengths of b and a minus 1.

    Raises:
        EngineError: A shape is wrong, a tensor is complex, an `a[0]` is 0, or a coefficient is not finite.

    >>> b, a = torch.tensor([1.0]), torch.tensor([1.0, -0.5])
    >>> from fxlab.engine import lfilter
    >>> y, _ = lfilter(torch.zeros(3), b, a, lfiltic(b, a, y=torch.tensor([8.0])))
    >>> y
    tensor([4., 2., 1.])
    """
    b, a = _normalized("lfiltic", b, a)
    order = b.shape[-1] - 1
    index = torch.arange(order, device=b.device)
    state = torch.zeros(order, dtype=torch.float64, device=b.device)
    for name, samples, coefficients in (("y", y, -a), ("x", x, b)):
        if name == "x" and samples is None:
            break
        if not isinstance(samples, Tensor) or samples.ndim == 0 or samples.is_complex():
            given = f"of shape {tuple(samples.shape)}" if isinstance(samples, Tensor) else type(samples).__name__
            raise EngineError(f"lfiltic: {name} is {given}; it must be a tensor of real numbers (..., samples)")
        recent = samples[..., :order].to(b.device, torch.float64)
        recent = pad(recent, (0, order - recent.shape[-1]))
        # The sample k steps back adds coefficient k + m + 1 to the output m samples ahead.
        weights = pad(coefficients, (0, order))[..., index[:, None] + index + 1]
        try:
            state = state + (weights @ recent.unsqueeze(-1)).squeeze(-1)
        except RuntimeError:
            raise EngineError(
                f"lfiltic: {name} of shape {tuple(samples.shape)} does not broadcast with the other arguments in its "
                f"dimensions before the last, which are {tuple(b.shape[:-1])} in b and a"
            ) from None
    return state


def ssfilt_zi(system: Tensor) -> Tensor:
    """Return the steady state of `ssfilt` for a constant input of 1: the solution of `s = A s + B`.

    Shape:
        system: `(..., n + 1, n + 1)`, the block matrix `[[A, B], [C, D]]`. Returns `(..., n)`, float64.

    Raises:
        EngineError: The shape is wrong, or `I - A` is singular: there is a pole at z = 1.

    >>> leak = torch.tensor([[0.5, 1.0], [1.0, 0.0]])
    >>> ssfilt_zi(leak)
    tensor([2.], dtype=torch.float64)
    """
    if (
        not isinstance(system, Tensor)
        or system.ndim < 2
        or system.shape[-1] != system.shape[-2]
        or system.shape[-1] < 2
    ):
        given = f"of shape {tuple(system.shape)}" if isinstance(system, Tensor) else type(system).__name__
        raise EngineError(f"ssfilt_zi: system is {given}; it must be a tensor (..., n + 1, n + 1)")
    A, B, _, _ = split_system(system.to(float64_device(system.device), torch.float64))
    identity = torch.eye(A.shape[-1], dtype=A.dtype, device=A.device)
    state: Tensor
    state, failed = torch.linalg.solve_ex(identity - A, B)
    if any_true(failed != 0):
        raise EngineError(f"ssfilt_zi: the system has {_UNBOUNDED}")
    return state


def _normalized(caller: str, b: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
    """Return b and a in float64, of the same length and with `a[0] = 1`.

    Raises:
        EngineError: b or a is not a real tensor `(..., coefficients)`, their leading dimensions do not broadcast,
            `a[0]` is 0, or a quotient by `a[0]` is not finite.
    """
    for name, value in (("b", b), ("a", a)):
        if not isinstance(value, Tensor) or value.ndim == 0 or value.shape[-1] == 0 or value.is_complex():
            given = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise EngineError(f"{caller}: {name} is {given}; it must be a real tensor (..., coefficients), one or more")
    try:
        broadcast_shapes(b.shape[:-1], a.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"{caller}: b of shape {tuple(b.shape)} and a of shape {tuple(a.shape)}: the dimensions before the last do "
            "not broadcast"
        ) from None
    length = max(b.shape[-1], a.shape[-1])
    device = float64_device(a.device)
    b, a = (pad(c.to(device, torch.float64), (0, length - c.shape[-1])) for c in (b, a))
    first = a[..., :1]
    if any_true(~torch.isfinite(b / first)) or any_true(~torch.isfinite(a / first)):
        reason = "a[0] is 0" if any_true(first == 0) else "a coefficient of b or a is not finite"
        raise EngineError(f"{caller}: {reason}; every coefficient must be finite and a[0] not 0")
    return b / first, a / first
