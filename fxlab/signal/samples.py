"""Validation and conversion of samples, sample rates, numbers and seeds; and the peak of samples."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import ParameterError, SignalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_SEED, MAX_SEED = -(2**63), 2**64 - 1  # the seeds of a `torch.Generator`
_PLAUSIBLE_CHANNELS = 64  # with more channels than this and fewer frames, the axes are probably swapped


def as_samples(samples: object, *, is_channels_first: bool = False) -> Tensor:
    """Return `samples` as a finite floating-point tensor of shape `(channels, time)`.

    The result shares the memory of a tensor or array, unless PyTorch cannot share that of the array.

    Shape:
        `samples`: `(channels, time)`, or `(time,)`, which becomes `(1, time)`.

    Args:
        samples: A tensor, an array or a list of floats.
        is_channels_first: Whether it is certain that two axes are channels and time in this order. Otherwise more than
            64 channels with fewer samples than there are channels are refused.

    Raises:
        SignalError: The samples have the wrong type or shape, are empty, or contain NaN or infinite values.

    >>> as_samples([0.0, 0.5, 1.0]).shape
    torch.Size([1, 3])
    """
    tensor = samples if isinstance(samples, Tensor) else _to_tensor(samples)
    shape = tuple(tensor.shape)
    _check_type(tensor)
    if tensor.ndim not in (1, 2):
        raise SignalError(
            f"samples of shape {shape} have {tensor.ndim} dimensions; a Signal has (channels, time), or "
            "(time,) for mono. Take one example of a batch (samples[0]), or call the module on the "
            "tensor itself with sample_rate=…, which takes (..., channels, time)."
        )
    if tensor.numel() == 0:
        raise SignalError(f"samples of shape {shape} are empty; a Signal has at least one sample.")
    if tensor.ndim == 1:
        tensor = tensor.unsqueeze(0)
    channels, frames = tensor.shape
    if not is_channels_first and channels > _PLAUSIBLE_CHANNELS and frames < channels:
        raise SignalError(
            f"samples of shape {shape} would be {channels} channels of {frames} samples each, which looks "
            "like (time, channels). A Signal is (channels, time): pass samples.T. A sound that does have so many "
            f"channels needs at least {channels} samples here: append zeros."
        )
    _check_finite(tensor)
    return tensor


def as_sample_rate(sample_rate: object) -> int | float:
    """Return `sample_rate`, in Hz, as an `int` if it is a whole number, otherwise as a `float`.

    Raises:
        SignalError: The rate is not a finite number above 0.

    >>> as_sample_rate(44_100.0)
    44100
    """
    if not is_number(sample_rate):
        raise SignalError(
            f"sample_rate = {sample_rate!r} is a {type(sample_rate).__name__}, not a number. "
            "Pass the rate in Hz, such as 44100."
        )
    try:
        rate = float(sample_rate)
    except OverflowError:  # a whole number that no float can hold
        rate = math.inf
    if not math.isfinite(rate) or rate <= 0:
        raise SignalError(
            f"sample_rate = {sample_rate!r} is not a sample rate: it must be finite and above 0 Hz. "
            "Common rates are 16000, 44100 and 48000."
        )
    return int(rate) if rate.is_integer() else rate


def is_number(value: object) -> TypeGuard[float]:
    """Return whether `value` is a real number of Python or NumPy, but not a `bool`.

    >>> is_number(np.float32(0.5)), is_number(3), is_number(True), is_number("3")
    (True, True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether `value` is an `int`, but not a `bool`.

    >>> is_integer(3), is_integer(3.0), is_integer(True)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def check_seed(owner: str, seed: object) -> int:
    """Return `seed` as an `int`, or raise a `ParameterError` that names `owner` if PyTorch has no such seed.

    >>> check_seed("noise", 3)
    3
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not MIN_SEED <= int(seed) <= MAX_SEED:
        raise ParameterError(f"{owner}: seed = {seed!r} is not allowed. Choose a whole number from -2^63 to 2^64 - 1.")
    return int(seed)


def peak(samples: Tensor | NDArray[Any]) -> float:
    """Return the largest magnitude in `samples`: NaN if one is NaN, otherwise infinity if one is infinite.

    >>> peak(torch.tensor([[0.5, -0.75]])), peak(np.array([[0.25, 0.125]]))
    (0.75, 0.25)
    """
    if isinstance(samples, np.ndarray):
        return float(np.maximum(-samples.min(), samples.max())) + 0.0
    # aminmax needs one pass and no temporary tensor, and takes a twentieth of the time of isfinite().all().
    low, high = torch.aminmax(samples.detach())
    return float(torch.maximum(-low, high)) + 0.0  # not −0 for silence


def to_numpy(samples: Tensor, *, shared: bool = False) -> NDArray[Any]:
    """Return `samples` as a NumPy array, without gradient; bfloat16 is converted to float32.

    With `shared`, the array uses the memory of the tensor if possible; otherwise it is a copy.
    """
    samples = samples.detach().cpu()
    if samples.dtype == torch.bfloat16:  # NumPy has no such type
        samples = samples.float()
    array: NDArray[Any] = samples.resolve_neg().numpy()
    return array if shared else array.copy()


def deep_copied(samples: Tensor, memo: dict[int, Any]) -> Tensor:
    """Return a deep copy of the samples of a Signal; `memo` is that of `copy.deepcopy`.

    Raises:
        SignalError: The samples are computed from other tensors with gradients, which a copy could not keep.
    """
    if not samples.is_leaf:
        raise SignalError(
            f"the samples of shape {tuple(samples.shape)} are computed from other tensors, with gradients, so the "
            "Signal cannot be copied. Copy Signal(signal.samples.detach(), signal.sample_rate)."
        )
    copied: Tensor = copy.deepcopy(samples, memo)
    return copied


def describe(samples: Tensor, sample_rate: float) -> str:
    """Return the one-line `repr` of a Signal with these samples, of shape `(channels, time)`.

    >>> describe(torch.ones(2, 8000), 8000)
    'Signal(2 channels, 1 s at 8000 Hz, peak 0.0 dBFS)'
    """
    channels, frames = samples.shape
    level = 20 * math.log10(peak(samples) or 1e-99)
    words = (
        f"{channels} channel{'s' * (channels != 1)}",
        f"{frames / sample_rate:.4g} s at {sample_rate} Hz",
        f"peak {round(level, 1) + 0.0:.1f} dBFS" if level > -1000 else "silent",
        *([] if samples.dtype == torch.float32 else [str(samples.dtype).removeprefix("torch.")]),
        *([] if samples.device.type == "cpu" else [str(samples.device)]),
    )
    return f"Signal({', '.join(words)})"


def _to_tensor(samples: object) -> Tensor:
    if isinstance(samples, Sequence) and any(isinstance(item, Tensor) for item in samples):
        raise SignalError(
            "samples is a list of tensors. Join them first: torch.stack(samples) if each is a channel, "
            "torch.cat(samples) if they follow one another in time."
        )
    if samples is None or isinstance(samples, str | bytes | Real):
        raise SignalError(
            f"samples = {samples!r} is a {type(samples).__name__}. Pass a tensor, array or list of floats of "
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
            "Pass a tensor, array or list of floats."
        )
    plain = isinstance(samples, Sequence) and not any(isinstance(item, np.ndarray | np.generic) for item in samples)
    if array.size and array.dtype.kind == "f" and plain:
        # Python floats imply no precision, so they get PyTorch's default dtype.
        return torch.tensor(array, dtype=torch.get_default_dtype())
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        _raise_wrong_dtype(str(array.dtype), array.dtype.kind)
    native: np.ndarray[Any, Any] = array.astype(array.dtype.newbyteorder("="), copy=False)
    if not native.flags.writeable or any(step < 0 for step in native.strides):
        native = native.copy()  # PyTorch cannot share read-only memory or arrays with negative strides
    return torch.from_numpy(native)


def _check_type(tensor: Tensor) -> None:
    if tensor.layout != torch.strided:
        raise SignalError(f"samples is a {tensor.layout} tensor; a Signal is dense. Use samples.to_dense().")
    if tensor.device.type == "meta":
        raise SignalError("samples is a tensor on the meta device, which holds no values. Create it on a real device.")
    if tensor.is_floating_point() and tensor.element_size() < 2:
        raise SignalError(f"samples are {tensor.dtype}, which is too coarse for audio. Convert them to torch.float32.")
    if not tensor.is_floating_point():
        kind = "c" if tensor.is_complex() else "b" if tensor.dtype == torch.bool else "i"
        _raise_wrong_dtype(str(tensor.dtype), kind)


def _raise_wrong_dtype(dtype: str, kind: str) -> None:
    advice = {
        "c": "Pass the part you need: samples.real, samples.imag or abs(samples).",
        "b": "Convert them with 1.0 * samples.",
        "i": "Scale them to ±1 as floats: samples / 32768 for int16, samples / 2**31 for int32, "
        "(samples - 128) / 128 for uint8 audio; fxlab.load(path) does so automatically. "
        "In a list, write 1.0, not 1.",
        "u": "Scale them to ±1 as floats: (samples - 128) / 128 for uint8 audio.",
        "f": "Convert them to float64.",
    }.get(kind, "Pass numbers.")
    raise SignalError(f"samples are {dtype}; a Signal holds floats (float32 or float64). {advice}")


def _check_finite(tensor: Tensor) -> None:
    if math.isfinite(peak(tensor)):
        return
    invalid = (~torch.isfinite(tensor.detach())).nonzero()
    channel, frame = (int(index) for index in invalid[0])
    raise SignalError(
        f"{len(invalid)} of {tensor.numel()} samples are NaN or infinite, the first, "
        f"{tensor[channel, frame].item()}, in channel {channel} at sample {frame}. "
        "Find the operation that produced them, or replace them with torch.nan_to_num(samples)."
    )
