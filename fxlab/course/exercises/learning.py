"""Checks of notebook 16: filters that learn, and augmentation."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.course.answers import call, read_number, read_numbers, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(hint="The derivative of a square u² is 2u times the derivative of u. What is the derivative of g x − t?")
def gain_gradient(answer: object) -> str:
    """Check a function `gain_gradient(g, x, t)`: the derivative of the mean of (g x − t)² with respect to g.

    `g` is a float, `x` and `t` are tensors `(time,)`.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    x, t = _random(2, 50, seed=16)
    for g, size in ((0.5, 50), (-1.5, 20), (0.0, 7)):
        x, t = x[:size], t[:size]
        found = read_number(call(answer, g, x.clone(), t.clone()))
        # The loss is quadratic, so a central difference is exact.
        right = float(((g + 1) * x - t).square().mean() - ((g - 1) * x - t).square().mean()) / 2
        if math.isclose(found, right, rel_tol=1e-5, abs_tol=1e-7):
            continue
        mistakes = {
            right / 2: "half the derivative. Where is the 2 from the square?",
            right * size: "the sum over all samples instead of the mean.",
            -right: "right except for its sign.",
            float(2 * (g * x - t).mean()): "a derivative without the factor x.",
            float((g * x - t).square().mean()): "the loss itself.",
        }
        for wrong, says in mistakes.items():
            if math.isclose(found, wrong, rel_tol=1e-5):
                raise WrongAnswerError(f"for g = {g:g}, {found:.6g} is {says}")
        raise WrongAnswerError(f"for g = {g:g} and {size} samples, {found:.6g} is not the slope of the loss.")
    return "The gradient is equal to that of finite differences: twice the mean of error times input."


@exercise(hint="Follow the formulas in their order. k is 1 at the first gradient; m and v are kept from step to step.")
def adam(answer: object) -> str:
    """Check a function `adam(gradients, rate)` that returns the list of the changes that Adam makes to a parameter.

    `gradients` is a list of numbers, one for each step, and `rate` is the learning rate. The result has one number for
    each gradient, which is added to the parameter. The decay rates are 0.9 and 0.999, and 1e-8 is added to the root in
    the denominator.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for gradients, rate in (([2.0], 0.1), ([1.0, 1.0, -3.0, 0.5], 0.01), ([-1e-3, 4e-3, 5.0], 1.0)):
        found = read_numbers(call(answer, list(gradients), rate), len(gradients))
        right = _adam(gradients, rate)
        where = f"for the gradients {gradients}"
        if _are_close(found, right):
            continue
        if _are_close(found, [-step for step in right]):
            raise WrongAnswerError(f"{where} the steps have the wrong sign: they go uphill.")
        if _are_close(found, _adam(gradients, rate, corrected=False)):
            raise WrongAnswerError(f"{where} the divisions by 1 − 0.9ᵏ and 1 − 0.999ᵏ are missing.")
        if len(gradients) > 1 and _are_close(found, [sum(right[: k + 1]) for k in range(len(right))]):
            raise WrongAnswerError(f"{where} the result is the sum of the changes so far; each change is asked for.")
        place = next(
            k for k, pair in enumerate(zip(found, right, strict=True)) if not _are_close(*zip(pair, strict=True))
        )
        raise WrongAnswerError(f"{where} the change of step {place + 1} is wrong.")
    return "The steps are those of `torch.optim.Adam`, and the first one has the length of the rate."


@exercise(hint="First calculate the error with the old weights. It is one number, and the same for all weights.")
def lms(answer: object) -> str:
    """Check a function `lms(w, x, d, step)` that returns the weights after one step of the LMS algorithm.

    `w` are the weights before the step, which must not change, and `x` the last samples of the reference, newest first,
    both tensors `(taps,)`; `d` is the desired sample, a float, and `step` the step size.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for size, step in ((3, 0.1), (8, 0.01), (1, 0.5)):
        w, x = _random(2, size, seed=160 + size)
        given, d = w.clone(), 0.7
        found = read_tensor(call(answer, given, x.clone(), d, step), (size,))
        if not torch.equal(given, w):
            raise WrongAnswerError("the function changes its argument `w`; it has to return new weights.")
        error = d - w @ x
        if torch.allclose(found, w + step * error * x, rtol=1e-4, atol=1e-6):
            continue
        for wrong, says in (
            (w - step * error * x, "the weights move in the wrong direction."),
            (w + 2 * step * error * x, "the step is twice as long as asked for."),
            (step * error * x, "the result is the change of the weights; the new weights are asked for."),
            (w + step * error, "the factor x is missing: every weight moves by as much."),
            (w + step * d * x, "the error is the desired sample itself; the output of the filter is not subtracted."),
        ):
            if torch.allclose(found, wrong, rtol=1e-4, atol=1e-6):
                raise WrongAnswerError(f"for {size} weights {says}")
        raise WrongAnswerError(
            f"for {size} weights, weight {int((found - w - step * error * x).abs().argmax())} is wrong."
        )
    return "One step costs two multiplications for each weight."


@exercise(
    hint="What power must the noise have? A power is a mean of squares, so a factor of the samples counts squared."
)
def noise_at_snr(answer: object) -> str:
    """Check a function `add_noise(x, noise, snr_db)` that returns `x` plus noise at a signal-to-noise ratio in dB.

    `x` and `noise` are tensors `(time,)`; the function must scale the noise only.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    x, noise = _random(2, 400, seed=17)
    for snr_db, level, loudness in ((10.0, 0.3, 1.0), (0.0, 1.0, 0.2), (-6.0, 0.1, 2.0)):
        sound, hiss = level * x, loudness * noise
        added = read_tensor(call(answer, sound.clone(), hiss.clone(), snr_db), (len(x),)) - sound
        if not added.any():
            raise WrongAnswerError("the result has no noise in it.")
        if abs(float(added @ hiss / (added.norm() * hiss.norm()))) < 0.9999:
            raise WrongAnswerError("the result is not `x` plus a multiple of `noise`: is `x` itself scaled?")
        found = 20 * math.log10(float(sound.norm() / added.norm()))
        if abs(found - snr_db) <= 0.01:
            continue
        if snr_db and abs(found + snr_db) <= 0.01:
            raise WrongAnswerError(f"for {snr_db:g} dB the noise is louder by as much as it should be quieter.")
        if (snr_db and abs(found - snr_db / 2) <= 0.01) or (snr_db and abs(found - 2 * snr_db) <= 0.01):
            raise WrongAnswerError(f"for {snr_db:g} dB the ratio is {found:.1f} dB: 10 log₁₀ is for powers.")
        raise WrongAnswerError(f"for {snr_db:g} dB the ratio of the powers is {found:.2f} dB.")
    return "The ratio is right whatever the levels of both sounds are."


def _random(rows: int, size: int, seed: int) -> Tensor:
    return torch.randn(rows, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _adam(gradients: list[float], rate: float, *, corrected: bool = True) -> list[float]:
    """Return the changes that Adam makes (Kingma and Ba, 2015, algorithm 1), with bias correction if `corrected`."""
    m = v = 0.0
    changes = []
    for k, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        first, second = (1 - 0.9**k, 1 - 0.999**k) if corrected else (1.0, 1.0)
        changes.append(-rate * (m / first) / (math.sqrt(v / second) + 1e-8))
    return changes


def _are_close(found: object, right: object) -> bool:
    pairs = zip(found, right, strict=True)  # type: ignore[call-overload]
    return all(math.isclose(value, each, rel_tol=1e-4, abs_tol=1e-9) for value, each in pairs)
