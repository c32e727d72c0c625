"""One-pole smoothers and envelope followers with attack and release, differentiable and usable block by block."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.delay.delay_recurrence import delay_recurrence
from fxlab.engine.delay.row_arguments import broadcast_rows, initial_row_state
from fxlab.engine.envelope.detector import POLE_RANGE, Detector
from fxlab.engine.envelope.envelope_autograd import envelope_follower
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.errors import EngineError


def smoothing_pole(time_ms: float | Tensor, sample_rate: float) -> float | Tensor:
    """Return the pole of a one-pole smoother that covers 63 % (1 - 1/e) of a step in `time_ms` milliseconds.

    For a tensor, the result is a float64 tensor of the same shape, or float32 on a device without float64. A time of 0
    gives a pole of 0, with a derivative of 0. `sample_rate` is in Hz.

    Raises:
        EngineError: A time is negative, or the sample rate is not positive.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012.

    >>> round(smoothing_pole(10.0, 48_000), 6)
    0.997919
    """
    if not sample_rate > 0:
        raise EngineError(f"smoothing_pole: sample_rate is {sample_rate}; it must be above 0 Hz.")
    if isinstance(time_ms, Tensor):
        if any_true(time_ms < 0):
            raise EngineError(f"smoothing_pole: time_ms contains {time_ms.min().item():g} ms; it must be 0 ms or more.")
        # In float32 a pole near 1 would round to another time constant: at 192 kHz, 5 s to 5.14 s.
        thousandths = time_ms.to(widest_dtype(time_ms)) * sample_rate
        # Below a thousandth of a sample the pole is 0. The clamp makes its derivative at a time of 0 also 0, not NaN.
        return torch.exp(-1000.0 / thousandths.clamp(min=1.0))
    if not time_ms >= 0:
        raise EngineError(f"smoothing_pole: time_ms is {time_ms} ms; it must be 0 ms or more.")
    return math.exp(-1000.0 / (time_ms * sample_rate)) if time_ms > 0 else 0.0


def one_pole(x: Tensor, pole: float | Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return y[n] = pole y[n - 1] + (1 - pole) x[n], and the state, the last y.

    Shape:
        x and y: `(..., time)`, with the dtype of x. pole: a number, or a tensor that broadcasts with x's leading
        dimensions. state: `(..., 1)`, the output before the first sample; None means 0. The returned state is float64
        (float32 on MPS).

    Raises:
        EngineError: Shapes, dtypes or devices do not match.

    >>> y, state = one_pole(torch.ones(3), 0.5)
    >>> y
    tensor([0.5000, 0.7500, 0.8750])
    """
    signal, (a,) = broadcast_rows("one_pole", x, pole=pole)
    first = initial_row_state("one_pole", state, signal, 1)
    y, last = delay_recurrence((1 - a).to(signal.dtype) * signal, a, first, 1)
    return y.to(x.dtype), last


def branching_smoother(
    x: Tensor, attack_pole: float | Tensor, release_pole: float | Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the envelope of x, smoothed with the attack pole where it rises and the release pole elsewhere.

    y[n] = attack y[n - 1] + (1 - attack) x[n] where x[n] > y[n - 1], else release y[n - 1] + (1 - release) x[n]. Before
    it is rounded to the dtype of x, the result differs from that of a sample-by-sample loop in float64 by at most about
    1e-13 of the largest sample, or 1e-9 for float32 signals. Where x[n] equals y[n - 1], the gradient of the release
    branch is used. Returns y and the state, the last y.

    Shape:
        x and y: `(..., time)`, with the dtype of x. attack_pole and release_pole, 0 to 1: numbers, or tensors that
        broadcast with x's leading dimensions. state: `(..., 1)`, the envelope before the first sample; None means 0.
        The returned state is float64 (float32 on MPS).

    Raises:
        EngineError: A pole is not from 0 to 1, or shapes, dtypes or devices do not match.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012,
        the smooth branching peak detector.

    >>> y, state = branching_smoother(torch.tensor([1.0, 1.0, 0.0, 0.0]), 0.5, 0.9)
    >>> y
    tensor([0.5000, 0.7500, 0.6750, 0.6075])
    """
    caller = "branching_smoother"
    for name, pole in (("attack_pole", attack_pole), ("release_pole", release_pole)):
        _check_pole(caller, name, pole)
    signal, (attack, release) = broadcast_rows(caller, x, attack_pole=attack_pole, release_pole=release_pole)
    first = initial_row_state(caller, state, signal, 1)
    y, last = envelope_follower(signal, attack, release, first, Detector.BRANCHING)
    return y.to(x.dtype), last


def decoupled_smoother(
    x: Tensor,
    attack_pole: float | Tensor,
    release_pole: float | Tensor,
    state: Tensor | None = None,
    *,
    smooth: bool = True,
) -> tuple[Tensor, Tensor]:
    """Return the envelope of x: its peaks, which decay with the release pole, smoothed with the attack pole.

    p[n] = max(x[n], release p[n - 1] + (1 - release) x[n]) and y[n] = attack y[n - 1] + (1 - attack) p[n]; with
    `smooth=False` the peak decays to zero: p[n] = max(x[n], release p[n - 1]). Returns y and the state.

    Shape:
        As for `branching_smoother`, except that the state is `(..., 2)`: the last p and the last y.

    Raises:
        EngineError: A pole is not from 0 to 1, or shapes, dtypes or devices do not match.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012,
        the decoupled peak detectors, smooth and not smooth.

    >>> y, state = decoupled_smoother(torch.tensor([1.0, 0.0, 0.0]), 0.5, 0.5, smooth=False)
    >>> y
    tensor([0.5000, 0.5000, 0.3750])
    """
    caller = "decoupled_smoother"
    for name, pole in (("attack_pole", attack_pole), ("release_pole", release_pole)):
        _check_pole(caller, name, pole)
    signal, (attack, release) = broadcast_rows(caller, x, attack_pole=attack_pole, release_pole=release_pole)
    first = initial_row_state(caller, state, signal, 2)
    # The release pole is checked where the peaks are computed, and the attack pole only here.
    is_outside = ~((attack >= 0) & (attack <= 1))
    if any_true(is_outside):
        raise EngineError(f"{caller}: attack_pole contains {attack[is_outside][0].item():g}; {POLE_RANGE}")
    detector = Detector.BRANCHING if smooth else Detector.PEAK
    peaks, last_peak = envelope_follower(signal, torch.zeros_like(release), release, first[..., :1], detector)
    y, last = delay_recurrence((1 - attack).to(peaks.dtype) * peaks, attack, first[..., 1:], 1)
    return y.to(x.dtype), torch.cat([last_peak, last], -1)


def _check_pole(caller: str, name: str, pole: float | Tensor) -> None:
    """Raise an `EngineError` if the pole is a number that is not from 0 to 1."""
    if not isinstance(pole, Tensor) and not 0 <= pole <= 1:
        raise EngineError(f"{caller}: {name} is {pole}; {POLE_RANGE}")
