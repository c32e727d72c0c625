"""What a module asks for before it runs: a sound, a sample rate, and values that fit the sound."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal


def positive_rate(sample_rate: Any, owner: str) -> float:
    """Return `sample_rate` in Hz, or raise a `SignalError`."""
    try:
        rate = float(sample_rate)
    except (TypeError, ValueError):
        rate = math.nan
    if isinstance(sample_rate, (bool, str)) or not (math.isfinite(rate) and rate > 0):
        raise SignalError(f"{owner}: sample_rate is {sample_rate!r}; it must be a number of Hz above 0, such as 44100.")
    return rate


def known_rate(module: nn.Module, owner: str) -> float:
    """The sample rate that `module`, or what it is made of, was constructed with."""
    known = (m.__dict__.get("sample_rate") for m in module.modules())
    rates = {positive_rate(rate, owner) for rate in known if rate is not None}
    if len(rates) == 1:
        return rates.pop()
    if rates:
        listed = ", ".join(f"{rate:g}" for rate in sorted(rates))
        raise SignalError(f"{owner}: its parts were made for different sample rates ({listed} Hz); give sample_rate=….")
    raise SignalError(
        f"{owner} needs a sample rate: call it on a Signal, or as module(x, sample_rate=44100), "
        f"or construct it as {owner}(…, sample_rate=44100)."
    )


def audio_tensor(x: Any, owner: str) -> None:
    """Raise a `SignalError` unless `x` is a floating-point tensor with a time axis and finite samples.

    Samples on a GPU are not looked at: that would make every call wait for the device.
    """
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
        raise SignalError(f"{owner}: a single number is no sound; the shape must be (time,) or (..., channels, time).")
    if x.device.type != "cpu" or torch.compiler.is_compiling():
        return
    total = scalar_value(x.detach().sum())  # one pass, and no array of booleans
    if total is None or math.isfinite(total):
        return
    bad = int((~torch.isfinite(x.detach())).sum())
    if bad:
        raise SignalError(
            f"{owner}: {bad} of {x.numel()} samples are NaN or infinite; mend them first, for example with "
            "torch.nan_to_num."
        )


def stale_state(owner: str, change: str) -> SignalError:
    """Return the error for a state that no longer fits because of `change`, such as "its order changed from 2 to 4"."""
    return SignalError(
        f"{owner}: between two blocks of a stream {change}, so the state does not fit; start a new stream."
    )


def line_up(values: dict[str, Tensor], x: Tensor, owner: str, ranks: dict[str, int]) -> None:
    """Raise a `ParameterError` where a value has a shape that does not line up with the front of `x`.

    Of an array, which has `ranks[name]` dimensions of its own, it is those in front of them that do.
    """
    lead = x.shape[:-1]
    for name, value in values.items():
        batch = value.shape[: value.ndim - ranks[name]] if name in ranks else value.shape
        aligned = zip(batch, lead, strict=False)
        if len(batch) > len(lead) or any(a != b and 1 not in (a, b) for a, b in aligned):
            if name in ranks:
                raise ParameterError(
                    f"{owner}: {name} has shape {tuple(value.shape)}, whose {tuple(batch)} in front does not line up "
                    f"with the dimensions {tuple(lead)} in front of time of the input {tuple(x.shape)}. Reshape one "
                    "of the two."
                )
            raise ParameterError(
                f"{owner}: {name} has shape {tuple(value.shape)}, which does not line up with the dimensions "
                f"{tuple(lead)} in front of time of the input {tuple(x.shape)}; allowed are a scalar, (batch,) or "
                "(batch, channels) of those. Reshape one of the two."
            )
