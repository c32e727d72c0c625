"""One-pole smoothers and envelope followers with an attack and a release: exact, streaming, differentiable."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.delay.recurrence import recurring
from fxlab.engine.delay.rows import first_state, rows
from fxlab.engine.envelope.follower_autograd import following
from fxlab.engine.envelope.switching import ALLOWED, Law
from fxlab.errors import EngineError


def smoothing_pole(time_ms: float | Tensor, sample_rate: float) -> float | Tensor:
    """Give the pole of a one-pole smoother that covers 63 % (1 - 1/e) of a step in `time_ms`.

    Raises:
        EngineError: a negative time or a sample rate that is not positive.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012.

    >>> round(smoothing_pole(10.0, 48_000), 6)
    0.997919
    """
    if not sample_rate > 0:
        raise EngineError(f"smoothing_pole: sample_rate is {sample_rate}; it must be above 0 Hz.")
    if isinstance(time_ms, Tensor):
        if bool((time_ms < 0).any()):
            raise EngineError(f"smoothing_pole: time_ms holds {time_ms.min().item():g} ms; it must be 0 ms or more.")
        return torch.exp(-1000.0 / (time_ms * sample_rate))
    if not time_ms >= 0:
        raise EngineError(f"smoothing_pole: time_ms is {time_ms} ms; it must be 0 ms or more.")
    return math.exp(-1000.0 / (time_ms * sample_rate)) if time_ms > 0 else 0.0


def one_pole(x: Tensor, pole: float | Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Smooth by one pole, y[n] = pole y[n - 1] + (1 - pole) x[n]; also gives the state to go on from.

    Shape:
        x and y: `(..., time)`. pole: a number or a tensor that broadcasts to x's leading dimensions. state: `(..., 1)`.

    Raises:
        EngineError: shapes, types or devices that do not fit together.

    >>> y, state = one_pole(torch.ones(3), 0.5)
    >>> y
    tensor([0.5000, 0.7500, 0.8750])
    """
    work, (a,) = rows("one_pole", x, pole=pole)
    first = first_state("one_pole", state, work, 1)
    y, last = recurring((1 - a).to(work.dtype) * work, a, first, 1)
    return y.to(x.dtype), last


def branching_smoother(
    x: Tensor, attack_pole: float | Tensor, release_pole: float | Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Follow x by the attack where it is above the envelope and by the release elsewhere.

    y[n] = attack y[n - 1] + (1 - attack) x[n] where x[n] > y[n - 1], else release y[n - 1] + (1 - release) x[n]. The
    result is that of the sample-by-sample loop to the rounding of float64, of a float32 signal too. Where x and y
    tie, the gradient is the release's.

    Shape:
        x and y: `(..., time)`. attack_pole and release_pole, 0 to 1: numbers, or tensors that broadcast to x's
        leading dimensions. state: `(..., 1)`, the last envelope; None is 0.

    Raises:
        EngineError: a pole outside 0 to 1, or shapes, types or devices that do not fit together.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012,
        the smooth branching peak detector.

    >>> y, state = branching_smoother(torch.tensor([1.0, 1.0, 0.0, 0.0]), 0.5, 0.9)
    >>> y
    tensor([0.5000, 0.7500, 0.6750, 0.6075])
    """
    return _follow("branching_smoother", x, (attack_pole, release_pole), state, Law.SMOOTH)


def decoupled_smoother(
    x: Tensor,
    attack_pole: float | Tensor,
    release_pole: float | Tensor,
    state: Tensor | None = None,
    *,
    smooth: bool = True,
) -> tuple[Tensor, Tensor]:
    """Hold peaks by the release, then smooth what was held by the attack: no switching in the second step.

    p[n] = max(x[n], release p[n - 1] + (1 - release) x[n]) and y[n] = attack y[n - 1] + (1 - attack) p[n]; with
    `smooth=False` the peak falls to zero: p[n] = max(x[n], release p[n - 1]).

    Shape:
        As for `branching_smoother`, save that the state is `(..., 2)`: the last p and the last y.

    Raises:
        EngineError: a pole outside 0 to 1, or shapes, types or devices that do not fit together.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012,
        "decoupled" peak detectors, smooth and not.

    >>> y, state = decoupled_smoother(torch.tensor([1.0, 0.0, 0.0]), 0.5, 0.5, smooth=False)
    >>> y
    tensor([0.5000, 0.5000, 0.3750])
    """
    caller = "decoupled_smoother"
    if not isinstance(attack_pole, Tensor) and not 0 <= attack_pole <= 1:
        raise EngineError(f"{caller}: attack_pole is {attack_pole}; {ALLOWED}")
    work, (attack, release) = rows(caller, x, attack_pole=attack_pole, release_pole=release_pole)
    first = first_state(caller, state, work, 2)
    law = Law.SMOOTH if smooth else Law.PEAK
    held, peak = following(work, torch.zeros_like(release), release, first[..., :1], law)
    y, last = recurring((1 - attack).to(held.dtype) * held, attack, first[..., 1:], 1)
    return y.to(x.dtype), torch.cat([peak, last], -1)


def _follow(
    caller: str, x: Tensor, poles: tuple[float | Tensor, float | Tensor], state: Tensor | None, law: Law
) -> tuple[Tensor, Tensor]:
    for name, pole in zip(("attack_pole", "release_pole"), poles, strict=True):
        if not isinstance(pole, Tensor) and not 0 <= pole <= 1:
            raise EngineError(f"{caller}: {name} is {pole}; {ALLOWED}")
    work, (attack, release) = rows(caller, x, attack_pole=poles[0], release_pole=poles[1])
    first = first_state(caller, state, work, 1)
    y, last = following(work, attack, release, first, law)
    return y.to(x.dtype), last
