"""Checks of the audio, the sample rate and the shapes of the parameters before a module runs.

The argument `owner` is the name of the module for the error message.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.engine.torch_support.state_shape import StateShapeError
from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.tracing import as_constant, is_recorded
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.signal import Signal

PART = 1 << 20  # the number of samples that a thread sums at a time

# -- the sample rate --------------------------------------------------------------------------------------------------


def validate_rate(sample_rate: Any, owner: str) -> float:
    """Return `sample_rate` in Hz as a float, or raise a `SignalError` if it is not a finite number above 0."""
    sample_rate = as_constant(sample_rate)
    try:
        rate = float(sample_rate)
    except (TypeError, ValueError, OverflowError):
        rate = math.nan
    if isinstance(sample_rate, (bool, str)) or not (math.isfinite(rate) and rate > 0):
        raise SignalError(f"{owner}: sample_rate is {sample_rate!r}; it must be a number of Hz above 0, such as 44100.")
    return rate


def rate_of_parts(module: nn.Module, owner: str) -> float:
    """Return the sample rate in Hz that `module` or its parts have as their attribute `sample_rate`.

    Raises:
        SignalError: None of them has a sample rate, one is not a finite number above 0, or they differ.
    """
    given = (part.__dict__.get("sample_rate") for part in module.modules())
    rates = {validate_rate(rate, owner) for rate in given if rate is not None}
    if not rates:
        raise SignalError(
            f"{owner} needs a sample rate: call it on a Signal, or as module(x, sample_rate=44100), "
            f"or construct it as {owner}(…, sample_rate=44100)."
        )
    if len(rates) > 1:
        raise different_rates(owner, "its parts", rates)
    return rates.pop()


def rate_of_signal(signal: Signal, sample_rate: Any, owner: str) -> float:
    """Return the sample rate of `signal` in Hz; raise a `SignalError` if `sample_rate` is not None and different."""
    if sample_rate is not None and sample_rate != signal.sample_rate:
        raise SignalError(
            f"{owner}: the signal runs at {signal.sample_rate:g} Hz, but sample_rate={sample_rate!r} was given; leave "
            "it out."
        )
    return signal.sample_rate


def different_rates(owner: str, parts: str, rates: Iterable[float]) -> SignalError:
    """Return the error for `parts`, such as "its parts", that were constructed with different sample rates in Hz."""
    listed = ", ".join(f"{rate:g}" for rate in sorted(rates))
    return SignalError(f"{owner}: {parts} were made for different sample rates ({listed} Hz); give sample_rate=….")


# -- recorded graphs --------------------------------------------------------------------------------------------------


def not_recordable(owner: str, reason: str, advice: str) -> FxlabError:
    """Return the error for a module that PyTorch cannot record as part of a graph.

    `reason` says why, and `advice` is a sentence about what to do instead.
    """
    return FxlabError(
        f"{owner} cannot be part of a graph that PyTorch records (torch.compile, torch.export): {reason}. {advice}"
    )


# -- audio and state --------------------------------------------------------------------------------------------------


def check_audio(x: Any, owner: str) -> None:
    """Raise a `SignalError` unless `x` is a floating-point tensor with a time axis and finite samples.

    The samples are checked only on the CPU, because on a GPU every call would have to wait for the device. They are not
    checked in a recorded graph or under `torch.vmap`, where their values are not known.
    """
    check_audio_type(x, owner)
    check_finite(x, owner)


def check_audio_type(x: Any, owner: str) -> None:
    """Raise a `SignalError` unless `x` is a floating-point tensor with a time axis; its samples are not checked."""
    if isinstance(x, Signal):
        raise SignalError(f"{owner}: a stream takes tensors; write stream(signal.samples).")
    if not isinstance(x, Tensor):
        raise SignalError(
            f"{owner} processes a Signal or a tensor, not {type(x).__name__}; write Signal(samples, sample_rate)."
        )
    if not x.is_floating_point():
        scale = "" if x.is_complex() or x.dtype == torch.bool else " 16-bit samples become floats by x / 32768."
        raise SignalError(f"{owner}: the samples are {x.dtype}; they must be float32 or float64.{scale}")
    if x.ndim == 0:
        raise SignalError(f"{owner}: a single number is not audio; the shape must be (time,) or (..., channels, time).")


def check_finite(x: Tensor, owner: str) -> None:
    """Raise a `SignalError` if a sample is NaN or infinite; `check_audio` says when samples are not checked."""
    if not x.is_cpu or is_recorded():
        return
    samples = x.detach() if x.requires_grad else x
    total = _sum_of_samples(samples)
    if total is None or math.isfinite(total):
        return
    bad = int((~torch.isfinite(x.detach())).sum())  # 0 if the sum of finite samples overflowed
    if bad:
        raise SignalError(
            f"{owner}: {bad} of {x.numel()} samples are NaN or infinite; replace them first, for example with "
            "torch.nan_to_num."
        )


def _sum_of_samples(samples: Tensor) -> float | None:
    """Return the sum of the samples, which is not finite if a sample is not; None under `torch.vmap`."""
    # A sum needs one pass and no array of booleans. PyTorch's own threads are not used: after the sum they would spin
    # on their cores for some milliseconds, in which the threads of a filter wait.
    if samples.numel() > PART and samples.is_contiguous() and may_use_numpy(samples):
        flat = samples.view(-1)
        parts = [flat[start : start + PART] for start in range(0, len(flat), PART)]
        return sum(run_parts(lambda part: part.sum().item(), parts, max_workers()))
    with SingleThread():
        return scalar_value(samples.sum())


def check_side_rate(owner: str, name: str, side: Signal, rate: float) -> None:
    """Raise a `SignalError` unless `side`, called `name`, such as "the side chain", has the rate `rate` in Hz."""
    if side.sample_rate != rate:
        raise SignalError(
            f"{owner}: {name} runs at {side.sample_rate:g} Hz and the input at {rate:g} Hz; resample one of them."
        )


def check_side_length(owner: str, name: str, side: Signal, samples: int) -> None:
    """Raise a `SignalError` unless `side`, called `name`, such as "the side chain", has at least `samples` samples."""
    available = side.samples.shape[-1]
    if available < samples:
        raise SignalError(
            f"{owner}: {name} has {available} samples and the input at least {samples}; it must be at least as long. "
            "Extend it, for example with silence."
        )


def stale_state(owner: str, change: str) -> SignalError:
    """Return the error for a state that no longer fits because of `change`, such as "its order changed from 2 to 4"."""
    return SignalError(
        f"{owner}: between two blocks of a stream {change}, so the state does not fit; start a new stream."
    )


def stale_shape(owner: str, before: tuple[int, ...], needed: tuple[int, ...]) -> SignalError:
    """Return the error of `stale_state` for a state whose shape `before` is not the one that is `needed` now."""
    return stale_state(owner, f"the shape of its state changed from {before} to {needed}")


class StateFits:
    """A context manager that converts a `StateShapeError` of the engine to a `SignalError` that names the module.

    Args:
        owner: A function that returns the name of the module for the message.
        state: The state before the block. If it is None, errors are not converted, since no state can then be stale.
    """

    def __init__(self, owner: Callable[[], str], state: Any) -> None:
        self._owner, self._state = owner, state

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, StateShapeError) and self._state is not None:
            raise stale_shape(self._owner(), error.found, error.needed) from error


def expand_state(owner: str, state: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return `state` expanded to `shape`, or raise the error of `stale_state` if it cannot be expanded."""
    try:
        return state.expand(shape)
    except RuntimeError:
        raise stale_shape(owner, tuple(state.shape), tuple(shape)) from None


# -- parameters -------------------------------------------------------------------------------------------------------


def check_batch_shapes(values: dict[str, Tensor], x: Tensor, owner: str, ranks: dict[str, int]) -> None:
    """Raise a `ParameterError` if the shape of a value does not align with the dimensions of `x` before time.

    All dimensions of a value are batch dimensions, except the last `ranks[name]` of an array. They align if `x` has at
    least as many dimensions before time, and each is equal to the dimension of `x` with the same index, or one of the
    two is 1.
    """
    leading = x.shape[:-1]
    for name, value in values.items():
        batch = value.shape[: value.ndim - ranks[name]] if name in ranks else value.shape
        pairs = zip(batch, leading, strict=False)
        if len(batch) <= len(leading) and all(a == b or 1 in (a, b) for a, b in pairs):
            continue
        shape = f"{owner}: {name} has shape {tuple(value.shape)}"
        expected = f"the dimensions {tuple(leading)} before time of the input {tuple(x.shape)}"
        if name in ranks:
            raise ParameterError(
                f"{shape}, whose batch dimensions {tuple(batch)} do not align with {expected}. Reshape one of the two."
            )
        raise ParameterError(
            f"{shape}, which does not align with {expected}; it must be a scalar, (batch,) or (batch, channels) of "
            "those. Reshape one of the two."
        )
