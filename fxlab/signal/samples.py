"""What may become the samples and the sample rate of a Signal, and what is said of the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeGuard

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import SignalError

_CHANNELS_EXPECTED = 64


def as_samples(samples: object) -> Tensor:
    """Return `samples` as a finite floating-point tensor of shape `(channels, time)`.

    Shape:
        `(channels, time)`, or `(time,)`, which becomes `(1, time)`.

    Raises:
        SignalError: a wrong type or shape, no samples, or samples that are NaN or infinite.

    >>> as_samples([0.0, 0.5, 1.0]).shape
    torch.Size([1, 3])
    """
    tensor = samples if isinstance(samples, Tensor) else _tensor_of(samples)
    shape = tuple(tensor.shape)
    _check_type(tensor)
    if tensor.ndim not in (1, 2):
        raise SignalError(
            f"samples of shape {shape} have {tensor.ndim} dimensions; a Signal has (channels, time), or "
            "(time,) for mono. Take one example of a batch (samples[0]), or call the module on the "
            "tensor itself with sample_rate=…, which takes (..., channels, time)."
        )
    if tensor.numel() == 0:
        raise SignalError(f"samples of shape {shape} are empty; a Signal has one sample or more.")
    if tensor.ndim == 1:
        tensor = tensor.unsqueeze(0)
    channels, frames = tensor.shape
    if channels > _CHANNELS_EXPECTED and frames < channels:
        raise SignalError(
            f"samples of shape {shape} would be {channels} channels of {frames} samples each, which looks "
            "like (time, channels). A Signal is (channels, time): pass samples.T."
        )
    _check_finite(tensor)
    return tensor


def as_sample_rate(sample_rate: object) -> int | float:
    """Return `sample_rate`, in Hz, as an `int` where it is whole, else as a `float`.

    Raises:
        SignalError: it is not a finite number above 0.

    >>> as_sample_rate(44_100.0)
    44100
    """
    if not is_number(sample_rate):
        raise SignalError(
            f"sample_rate = {sample_rate!r} is a {type(sample_rate).__name__}, not a number. "
            "Give the rate in Hz, such as 44100."
        )
    rate = float(sample_rate)
    if not math.isfinite(rate) or rate <= 0:
        raise SignalError(
            f"sample_rate = {sample_rate!r} is not a rate: it must be finite and above 0 Hz. "
            "Usual rates are 16000, 44100 and 48000."
        )
    return int(rate) if rate.is_integer() else rate


def is_number(value: object) -> TypeGuard[float]:
    """Say whether `value` is a real number, Python's or NumPy's, and no bool.

    >>> is_number(np.float32(0.5)), is_number(3), is_number(True), is_number("3")
    (True, True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def peak(samples: Tensor) -> float:
    """Return the largest magnitude in `samples`: NaN when there is one, else infinite when there is one.

    >>> peak(torch.tensor([[0.5, -0.75]]))
    0.75
    """
    # One pass with no temporary of the signal's size: a twentieth of what isfinite().all() costs.
    low, high = torch.aminmax(samples.detach())
    return float(torch.maximum(-low, high))


def _tensor_of(samples: object) -> Tensor:
    if isinstance(samples, Sequence) and any(isinstance(item, Tensor) for item in samples):
        raise SignalError(
            "samples is a list of tensors. Join them first: torch.stack(samples) for one tensor a channel, "
            "torch.cat(samples) for parts in time."
        )
    if samples is None or isinstance(samples, str | bytes | Real):
        raise SignalError(
            f"samples = {samples!r} is a {type(samples).__name__}. Give a tensor, array or list of floats of "
            "shape (channels, time) or (time,); fxlab.load(path) reads a file."
        )
    try:
        array = np.asarray(samples)
    except ValueError as error:
        raise SignalError(
            "samples is a list of lists whose lengths differ. All channels need the same number of samples."
        ) from error
    if array.dtype == object:
        raise SignalError(
            f"samples is a {type(samples).__name__} that NumPy cannot read as numbers. "
            "Give a tensor, array or list of floats."
        )
    plain = isinstance(samples, Sequence) and not any(isinstance(item, np.ndarray | np.generic) for item in samples)
    if array.size and array.dtype.kind == "f" and plain:
        # Python's floats have no type of their own.
        return torch.tensor(array, dtype=torch.get_default_dtype())
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        _refuse(str(array.dtype), array.dtype.kind)
    native: np.ndarray[Any, Any] = array.astype(array.dtype.newbyteorder("="), copy=False)
    if not native.flags.writeable or any(step < 0 for step in native.strides):
        native = native.copy()  # PyTorch shares no memory with these
    return torch.from_numpy(native)


def _check_type(tensor: Tensor) -> None:
    if tensor.layout != torch.strided:
        raise SignalError(f"samples is a {tensor.layout} tensor; a Signal is dense. Use samples.to_dense().")
    if tensor.device.type == "meta":
        raise SignalError("samples is a tensor on the meta device, which holds no values. Put it on a real one.")
    if tensor.is_floating_point() and tensor.element_size() < 2:
        raise SignalError(f"samples are {tensor.dtype}, too coarse to reckon with. Convert them to torch.float32.")
    if not tensor.is_floating_point():
        kind = "c" if tensor.is_complex() else "b" if tensor.dtype == torch.bool else "i"
        _refuse(str(tensor.dtype), kind)


def _refuse(dtype: str, kind: str) -> None:
    advice = {
        "c": "Take the part you mean: samples.real, samples.imag or abs(samples).",
        "b": "Convert them with 1.0 * samples.",
        "i": "Scale them to ±1 as floats: samples / 32768 for int16, samples / 2**31 for int32, "
        "(samples - 128) / 128 for uint8 audio; fxlab.load(path) does so by itself. "
        "In a list write 1.0, not 1.",
        "u": "Scale them to ±1 as floats: (samples - 128) / 128 for uint8 audio.",
        "f": "Convert them to float64.",
    }.get(kind, "Give numbers.")
    raise SignalError(f"samples are {dtype}; a Signal holds floats (float32 or float64). {advice}")


def _check_finite(tensor: Tensor) -> None:
    if math.isfinite(peak(tensor)):
        return
    wrong = (~torch.isfinite(tensor.detach())).nonzero()
    channel, frame = (int(place) for place in wrong[0])
    raise SignalError(
        f"{len(wrong)} of {tensor.numel()} samples are NaN or infinite, the first, "
        f"{tensor[channel, frame].item()}, in channel {channel} at sample {frame}. "
        "Find what made them, or replace them with torch.nan_to_num(samples)."
    )
