"""`read_signal`: a Signal that a student has given as an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from fxlab.course.answers.kind import describe_kind
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.signal import Signal


def read_signal(answer: Any, *, sample_rate: float | None = None, duration: float | None = None) -> Signal:
    """Return the answer, which must be a `Signal`.

    Args:
        answer: The answer of the student.
        sample_rate: The sample rate that it must have, in Hz, or None for any.
        duration: The length that it must have, in seconds, with a tolerance of one sample, or None for any.

    Raises:
        WrongAnswerError: The answer is not a Signal, or has another sample rate or length.

    >>> read_signal([0.0, 1.0])  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: the answer is a list of 2. A Signal is asked for: fx.Signal(samples,
    sample_rate).
    """
    if not isinstance(answer, Signal):
        is_array = isinstance(answer, Tensor | np.ndarray | list | tuple)
        how = ": fx.Signal(samples, sample_rate)" if is_array else ""
        raise WrongAnswerError(f"{describe_kind(answer)} A Signal is asked for{how}.")
    if sample_rate is not None and answer.sample_rate != sample_rate:
        raise WrongAnswerError(
            f"the signal is sampled at {answer.sample_rate:g} Hz; a sample rate of {sample_rate:g} Hz is asked for."
        )
    if duration is not None and abs(answer.frames - duration * answer.sample_rate) > 1:
        raise WrongAnswerError(f"the signal is {answer.duration:.4g} s long; {duration:.4g} s are asked for.")
    return answer
