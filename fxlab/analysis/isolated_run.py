"""Functions for a run of a module on a test signal that changes neither the module nor PyTorch's random state."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.module import Module
from fxlab.module.parameters.continuous import Continuous
from fxlab.signal import Signal


@contextmanager
def preserve_random_state(device: torch.device) -> Iterator[None]:
    """Return a context manager that restores PyTorch's random state on the CPU, and on a CUDA or MPS `device`."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        if device.type != "mps":
            yield
            return
        state = torch.mps.get_rng_state()  # fork_rng would give it the number of a device, which it does not accept
        try:
            yield
        finally:
            torch.mps.set_rng_state(state)


def run(
    module: Module, samples: Tensor, rate: float, lead: tuple[int, ...], device: torch.device
) -> tuple[Tensor, int]:
    """Return the output of `module` for a test signal, and the number of channels of this signal.

    If the batch shape of the parameters has several channels, the signal has as many. Otherwise it is mono, or stereo
    if the module raises an error for a mono signal.

    Args:
        module: The module to run.
        samples: The signal, `(time,)`, which is the same in all examples and channels.
        rate: The sample rate in Hz.
        lead: The batch shape of the parameters; see `batch_shape`.
        device: The device on which the module runs.

    Raises:
        FxlabError: The output is not a tensor of audio samples.
    """
    x = samples.to(device).expand(*(lead[:1] or ()), 1, -1)
    input_channels = lead[1] if len(lead) > 1 else 1
    try:
        y, channels = module(x.expand(*x.shape[:-2], input_channels, -1).clone(), sample_rate=rate), input_channels
    except Exception:
        if input_channels > 1:
            raise
        y, channels = module(x.expand(*x.shape[:-2], 2, -1).clone(), sample_rate=rate), 2
    if not isinstance(y, Tensor) or not y.is_floating_point() or y.ndim < 2 or y.shape[-1] == 0:
        found = f"shape {tuple(y.shape)}, {y.dtype}" if isinstance(y, Tensor) else type(y).__name__
        raise FxlabError(
            f"{type(module).__name__}: its output is not audio but {found}; it must be (..., channels, time), in "
            "floating point."
        )
    return y, channels


def first_channel_output(module: Module, samples: Tensor, rate: float) -> Tensor:
    """Return the first output channel of `module` for the input `samples` in all channels, in float64 on the CPU.

    `rate` is the sample rate in Hz. If the module does not accept float64, it runs in float32.

    Shape:
        samples: `(time,)`. Returns `(time,)`, or `(batch, time)` for a batch.

    Raises:
        FxlabError: The output is not audio.
        SignalError: The output is not finite, or has another sample rate than the input.
    """
    output_rate = module.output_rate(rate)
    if output_rate != rate:
        raise SignalError(
            f"{type(module).__name__}: its output has a sample rate of {output_rate:g} Hz for an input at {rate:g} Hz; "
            "only a module that keeps the sample rate can be measured. Measure the stages before or after it."
        )
    subject, lead, device = without_side_effects(module), batch_shape(module), device_of(module)
    with torch.no_grad(), preserve_random_state(device):
        try:
            y, _ = run(subject, samples, rate, lead, device)
        except RuntimeError:  # A network with float32 weights does not accept float64.
            y, _ = run(subject, samples.float(), rate, lead, device)
    y = y[..., 0, :].double().cpu()
    if not bool(torch.isfinite(y).all()):
        raise SignalError(f"{type(module).__name__}: its output for the test signal is not finite.")
    return y


def without_side_effects(module: Module) -> Module:
    """Return the module, or a copy in evaluation mode if a part of it is not an fxlab module.

    A run may change the state of such a part, for example the statistics of batch normalization. A module that cannot
    be copied is returned itself.
    """
    if all(isinstance(part, Module) for part in module.modules()):
        return module
    try:
        return copy.deepcopy(module).eval()
    except Exception:
        return module


def batch_shape(module: Module) -> tuple[int, ...]:
    """Return the common batch shape of the parameters: `()`, `(batch,)` or `(batch, channels)`."""
    shapes = [d.lead(d.stored(owner)) for _, owner, d in module.walk() if isinstance(d, Continuous)]
    lead = max(map(len, shapes), default=0)
    padded = [tuple(shape) + (1,) * (lead - len(shape)) for shape in shapes if len(shape)]
    return tuple(broadcast_shapes(*padded)) if padded else ()


def device_of(module: Module) -> torch.device:
    """Return the device of the first of the module's tensors that is not on the CPU, or the CPU if all are."""
    tensors = [*module.parameters(), *module.buffers()]
    return next((t.device for t in tensors if t.device.type != "cpu"), torch.device("cpu"))


def check_module(caller: str, module: object) -> None:
    """Raise a `ParameterError` that names the function `caller` if `module` is not a `Module`."""
    if isinstance(module, Signal):
        raise ParameterError(
            f"{caller} measures a module; {module!r} is a Signal. Measure a recorded tone with fx.measure_tone(signal)."
        )
    if not isinstance(module, Module):
        raise ParameterError(f"{caller}: {module!r} is not a Module; wrap a callable with fx.wrap(…).")
