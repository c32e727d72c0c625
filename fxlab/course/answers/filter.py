"""`read_filter`, `response_db`, `check_filter`: a filter that a student has given as an answer, and its response."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from fxlab.course.answers.kind import describe_kind
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.module import Module

RATES = (8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
"""Sample rates at which a filter may have been designed by mistake."""


def read_filter(answer: Any, *, sample_rate: float) -> Module:
    """Return the answer, which must be a module with a frequency response at `sample_rate`.

    Raises:
        WrongAnswerError: The answer is not a module, has no frequency response, or was set to another sample rate.

    >>> import fxlab as fx
    >>> read_filter(fx.LowPass(1000.0, sample_rate=48_000), sample_rate=44_100)
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: the filter was made with sample_rate=48000; here it is 44100 Hz.
    """
    if not isinstance(answer, Module):
        is_array = isinstance(answer, Tensor | list | tuple) or hasattr(answer, "__array_interface__")
        how = "; for coefficients write fx.TransferFunction(b, a), fx.FIR(taps) or fx.SOS(sos)" if is_array else ""
        raise WrongAnswerError(f"{describe_kind(answer)} A filter is asked for{how}.")
    if not getattr(answer, "has_response", False):
        raise WrongAnswerError(f"{answer!r} has no frequency response: it is not linear, or it changes over time.")
    own = answer.sample_rate
    if own is not None and own != sample_rate:
        raise WrongAnswerError(f"the filter was made with sample_rate={own:g}; here it is {sample_rate:g} Hz.")
    return answer


def response_db(module: Module, frequencies: Sequence[float] | Tensor, sample_rate: float) -> Tensor:
    """Return the gain of a filter in dB at `frequencies` in Hz, at least −300 dB, as a float64 tensor.

    >>> import fxlab as fx
    >>> response_db(fx.LowPass(1000.0), [1000.0], 44_100).round(decimals=2).tolist()
    [-3.01]
    """
    response = module.response(torch.as_tensor(frequencies, dtype=torch.float64), sample_rate)  # type: ignore[operator]
    gain: Tensor = 20 * response.abs().double().clamp(min=1e-15).log10()
    return gain


def rate_at_which(is_right: Callable[[float], bool], *, sample_rate: float) -> float | None:
    """Return the lowest of `RATES` other than `sample_rate` at which a filter is right, or None if there is none.

    At another sample rate, a filter of fixed coefficients (taps, sections, poles) has its corners at other frequencies.

    Args:
        is_right: A function that returns whether the filter is right at a sample rate in Hz. A `ValueError` that it
            raises counts as False.
        sample_rate: The sample rate of the exercise in Hz.

    >>> rate_at_which(lambda rate: rate == 48_000, sample_rate=44_100)
    48000
    """
    for rate in RATES:
        try:
            if rate != sample_rate and is_right(rate):
                return rate
        except ValueError:  # such as a cutoff above half this sample rate
            continue
    return None


def check_filter(module: Module, find_fault: Callable[[Module, float], str], *, sample_rate: float) -> None:
    """Raise a `WrongAnswerError` with the text that `find_fault(module, sample_rate)` returns, unless it is empty.

    If a filter of fixed coefficients (taps, sections, poles) has no fault at another usual sample rate, the message
    names that rate.

    >>> import fxlab as fx
    >>> edge = lambda module, rate: "the edge is wrong." if response_db(module, [1000.0], rate) > -3 else ""
    >>> check_filter(fx.SOS(fx.LowPass(1000.0).sos(44_100)), edge, sample_rate=16_000)
    >>> check_filter(fx.SOS(fx.LowPass(1000.0).sos(44_100)), edge, sample_rate=48_000)
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: the edge is wrong. At a sample rate of 8000 Hz it would be right.
    """
    fault = find_fault(module, sample_rate)
    if not fault:
        return
    other = None
    if _has_fixed_coefficients(module, sample_rate):
        other = rate_at_which(lambda rate: not find_fault(module, rate), sample_rate=sample_rate)
    raise WrongAnswerError(f"{fault} At a sample rate of {other:g} Hz it would be right." if other else fault)


def _has_fixed_coefficients(module: Module, rate: float) -> bool:
    """Return whether a filter seems to have the same coefficients at all sample rates.

    The responses at the rates `rate` and `1.25 * rate` are compared at three fractions of the rate.
    """
    fractions = torch.tensor([0.02, 0.1, 0.3], dtype=torch.float64)
    one, other = (module.response(each * fractions, each) for each in (rate, 1.25 * rate))  # type: ignore[operator]
    return torch.allclose(one, other, rtol=1e-6, atol=1e-9)
