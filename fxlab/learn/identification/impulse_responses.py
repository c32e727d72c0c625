"""`prony` and `steiglitz_mcbride`: recursive filters from impulse responses."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine import lfilter
from fxlab.errors import ParameterError, SignalError
from fxlab.filters import TransferFunction
from fxlab.signal import Signal
from fxlab.signal.samples import is_integer


def prony(impulse_response: Signal | Tensor, zeros: int, poles: int) -> TransferFunction:
    """Return a filter with given numbers of zeros and poles whose impulse response is close to the given one.

    The first `zeros + 1` samples are met exactly; the denominator predicts the later ones with the smallest square
    error. The impulse response of a filter of these orders is met completely. The result may be unstable if noise is
    modeled.

    Args:
        impulse_response: One channel, `(time,)` or `(1, time)`, at least `zeros + poles + 1` samples.
        zeros: The order of the numerator.
        poles: The order of the denominator.

    Raises:
        ParameterError: An order is not a whole number of at least 0.
        SignalError: The impulse response has several channels, is too short, or has samples that are not finite.

    Source:
        T. W. Parks, C. S. Burrus, Digital Filter Design, 1987, sec. 7.5.

    >>> import torch
    >>> impulse = torch.zeros(1, 50, dtype=torch.float64)
    >>> impulse[0, 0] = 1.0
    >>> h = TransferFunction([1.0, 0.5], [1.0, -0.9, 0.5])(impulse, sample_rate=48_000)
    >>> prony(h, zeros=1, poles=2).a.round(decimals=6)
    tensor([ 1.0000, -0.9000,  0.5000], dtype=torch.float64)
    """
    h = _one_channel(impulse_response, zeros, poles, "prony")
    a = _predictor(h, zeros, poles)
    return TransferFunction(_convolved(a, h)[: zeros + 1], a)


def steiglitz_mcbride(
    impulse_response: Signal | Tensor, zeros: int, poles: int, iterations: int = 10
) -> TransferFunction:
    """Return a filter with given numbers of zeros and poles, and a small square error of its impulse response.

    The square error is the sum of the squared differences from the given impulse response, whereas `prony` minimizes
    the error of a prediction.

    The iteration begins with the denominator of `prony`. Each iteration filters a unit impulse and the given impulse
    response with the reciprocal of the last denominator, and finds the next denominator from both by least squares.
    Poles outside the unit circle are reflected into it, and then a numerator is fitted to the denominator. Of all these
    filters, the one with the smallest square error is returned.

    Args:
        impulse_response: One channel, `(time,)` or `(1, time)`, at least `zeros + poles + 1` samples.
        zeros: The order of the numerator.
        poles: The order of the denominator.
        iterations: The number of iterations; with 0, only the numerator is fitted.

    Raises:
        ParameterError: An order, or the number of iterations, is not a whole number of at least 0.
        SignalError: The impulse response has several channels, is too short, or has samples that are not finite.

    Source:
        K. Steiglitz, L. E. McBride, "A technique for the identification of linear systems", IEEE Transactions on
        Automatic Control 10(4), 1965.

    >>> import torch
    >>> h = 0.9 ** torch.arange(40.0, dtype=torch.float64) + 0.5 ** torch.arange(40.0, dtype=torch.float64)
    >>> steiglitz_mcbride(h, zeros=1, poles=2).a.round(decimals=5)
    tensor([ 1.0000, -1.4000,  0.4500], dtype=torch.float64)
    """
    _check_count("steiglitz_mcbride", "iterations", iterations)
    h = _one_channel(impulse_response, zeros, poles, "steiglitz_mcbride")
    impulse = torch.zeros_like(h)
    impulse[0] = 1.0
    a = stable(_predictor(h, zeros, poles))
    best, b_best, a_best = math.inf, h[: zeros + 1], a
    for _ in range(iterations + 1):
        b = _numerator(h, impulse, a, zeros)
        error = float((lfilter(impulse, b, a)[0] - h).square().sum())
        if error < best:
            best, b_best, a_best = error, b, a
        filtered_h, filtered_impulse = (lfilter(x, torch.ones_like(a[:1]), a)[0] for x in (h, impulse))
        columns = [-_delayed(filtered_h, k) for k in range(1, poles + 1)]
        columns += [_delayed(filtered_impulse, k) for k in range(zeros + 1)]
        solution = torch.linalg.lstsq(torch.stack(columns, -1), filtered_h[:, None], driver="gelsd").solution[:, 0]
        a = stable(torch.cat([torch.ones_like(a[:1]), solution[:poles]]))
    return TransferFunction(b_best, a_best)


def stable(a: Tensor) -> Tensor:
    """Return a polynomial with its roots outside the unit circle reflected into it.

    `a` has the coefficients, highest power first, and `a[0]` is 1, also in the result. On the circle, the magnitude of
    the polynomial changes by a constant factor only.
    """
    if len(a) < 2:
        return a
    companion = torch.diag(torch.ones(len(a) - 2, dtype=a.dtype), -1)
    companion[0] = -a[1:] / a[0]
    roots = torch.linalg.eigvals(companion)
    if not bool((roots.abs() > 1).any()):
        return a
    roots = torch.where(roots.abs() > 1, 1 / roots.conj(), roots)
    made = torch.ones(1, dtype=roots.dtype)
    for root in roots:
        made = torch.cat([made, made.new_zeros(1)]) - root * torch.cat([made.new_zeros(1), made])
    return made.real


def _one_channel(impulse_response: Signal | Tensor, zeros: int, poles: int, caller: str) -> Tensor:
    for name, order in (("zeros", zeros), ("poles", poles)):
        _check_count(caller, name, order)
    samples = impulse_response.samples if isinstance(impulse_response, Signal) else impulse_response
    h = samples.detach().cpu().to(torch.float64)
    if h.ndim > 1 and h.shape[:-1].numel() != 1:
        raise SignalError(f"{caller}: the impulse response has shape {tuple(h.shape)}; it must have one channel.")
    h = h.flatten()
    if not bool(h.isfinite().all()):
        raise SignalError(f"{caller}: the impulse response has samples that are not finite.")
    if len(h) < zeros + poles + 1:
        raise SignalError(
            f"{caller}: the impulse response has {len(h)} samples; {zeros} zeros and {poles} poles need at least "
            f"{zeros + poles + 1}."
        )
    return h


def _check_count(caller: str, name: str, count: int) -> None:
    if not is_integer(count) or count < 0:
        raise ParameterError(f"{caller}: {name} is {count!r}; it must be a whole number, at least 0.")


def _predictor(h: Tensor, zeros: int, poles: int) -> Tensor:
    """Return the denominator, `(poles + 1,)`, that predicts `h[zeros + 1:]` with the smallest square error."""
    columns = torch.stack([_delayed(h, k)[zeros + 1 :] for k in range(1, poles + 1)], -1) if poles else h[:0, None]
    if not poles:
        return torch.ones(1, dtype=h.dtype)
    solution = torch.linalg.lstsq(columns, -h[zeros + 1 :, None], driver="gelsd").solution[:, 0]
    return torch.cat([torch.ones(1, dtype=h.dtype), solution])


def _numerator(h: Tensor, impulse: Tensor, a: Tensor, zeros: int) -> Tensor:
    """Return the numerator with which the impulse response of the filter is closest to `h`, for the denominator `a`."""
    recursive, _ = lfilter(impulse, torch.ones_like(a[:1]), a)
    columns = torch.stack([_delayed(recursive, k) for k in range(zeros + 1)], -1)
    solution: Tensor = torch.linalg.lstsq(columns, h[:, None], driver="gelsd").solution[:, 0]
    return solution


def _delayed(x: Tensor, samples: int) -> Tensor:
    return torch.cat([x.new_zeros(samples), x])[: len(x)]


def _convolved(a: Tensor, h: Tensor) -> Tensor:
    """Return the first `len(h)` samples of the convolution of `a` and `h`."""
    y = torch.zeros_like(h)
    for k in range(len(a)):
        y = y + a[k] * _delayed(h, k)
    return y
