"""`read_tensor`: a tensor that a student's function has returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from fxlab.course.answers.kind import describe_kind
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.signal import Signal


def read_tensor(answer: Any, shape: Sequence[int] | None = None) -> Tensor:
    """Return the answer as a float64 tensor on the CPU, without gradients.

    Args:
        answer: A tensor, a NumPy array, or a number or list of numbers: the result of a student's function.
        shape: The shape that it must have, or None for any shape.

    Raises:
        WrongAnswerError: The answer is anything else, has another shape, or has values that are complex or not finite.

    >>> read_tensor([1.0, 2.0], (2,))
    tensor([1., 2.], dtype=torch.float64)
    >>> read_tensor(torch.zeros(3), (2,))
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: the result has the shape (3,); (2,) is asked for.
    """
    if answer is None or isinstance(answer, str | bytes | bool | Signal | dict | set):
        raise WrongAnswerError(f"{describe_kind(answer)} A tensor is asked for.")
    try:
        found = torch.as_tensor(answer).detach().cpu()
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise WrongAnswerError(f"{describe_kind(answer)} A tensor is asked for.") from None
    if found.is_complex():
        raise WrongAnswerError("the result is complex: its absolute value is asked for, or one of its parts.")
    if shape is not None and tuple(found.shape) != tuple(shape):
        raise WrongAnswerError(f"the result has the shape {tuple(found.shape)}; {tuple(shape)} is asked for.")
    if not found.isfinite().all():
        raise WrongAnswerError("the result has values that are infinite or not a number.")
    return found.double()
