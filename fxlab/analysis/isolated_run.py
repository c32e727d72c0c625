"""A module run on a test sound, on its own device and with nothing left over: neither in it nor in torch's chance."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.module import Module
from fxlab.module.parameters.continuous import Continuous


def undisturbed(device: torch.device) -> AbstractContextManager[None]:
    """Keep torch's random state, also that of `device`, as it is without the run."""
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])


def run(
    module: Module, samples: Tensor, rate: float, lead: tuple[int, ...], device: torch.device
) -> tuple[Tensor, int]:
    """Process in mono, or where that fails in stereo."""
    x = samples.to(device).expand(*(lead[:1] or ()), 1, -1)
    many = lead[1] if len(lead) > 1 else 1
    try:
        y, channels = module(x.expand(*x.shape[:-2], many, -1).clone(), sample_rate=rate), many
    except Exception:
        if many > 1:
            raise
        y, channels = module(x.expand(*x.shape[:-2], 2, -1).clone(), sample_rate=rate), 2
    if not isinstance(y, Tensor) or not y.is_floating_point() or y.ndim == 0 or y.shape[-1] == 0:
        found = f"shape {tuple(y.shape)}, {y.dtype}" if isinstance(y, Tensor) else type(y).__name__
        raise FxlabError(f"what comes out of it is no sound, but {found}.")
    return y, channels


def answer(module: Module, samples: Tensor, rate: float) -> Tensor:
    """What the first channel gives for `samples` `(time,)`: `(time,)`, or for a batch `(batch, time)`, in float64.

    Raises:
        FxlabError: What came out is no sound, or not finite.
    """
    subject, lead, device = unharmed(module), batch_of(module), device_of(module)
    with torch.no_grad(), undisturbed(device):
        try:
            y, _ = run(subject, samples, rate, lead, device)
        except RuntimeError:  # weights of single precision
            y, _ = run(subject, samples.float(), rate, lead, device)
    y = y[..., 0, :].double().cpu()
    if not bool(torch.isfinite(y).all()):
        raise SignalError(f"{type(module).__name__}: its output for the test sound is not finite.")
    return y


def unharmed(module: Module) -> Module:
    """The module, or a copy where a run could leave traces, as in the statistics of a network's normalisation."""
    if all(isinstance(part, Module) for part in module.modules()):
        return module
    try:
        return copy.deepcopy(module).eval()
    except Exception:
        return module


def batch_of(module: Module) -> tuple[int, ...]:
    """The dimensions in which its parameters differ: `()`, `(batch,)` or `(batch, channels)`."""
    shapes = [d.lead(d.stored(owner)) for _, owner, d in module.walk() if isinstance(d, Continuous)]
    lead = max(map(len, shapes), default=0)
    padded = [tuple(shape) + (1,) * (lead - len(shape)) for shape in shapes if len(shape)]
    return tuple(broadcast_shapes(*padded)) if padded else ()


def device_of(module: Module) -> torch.device:
    """Where the module's tensors lie; parameters left on the CPU go with any device."""
    tensors = [*module.parameters(), *module.buffers()]
    return next((t.device for t in tensors if t.device.type != "cpu"), torch.device("cpu"))


def check_module(caller: str, module: object) -> None:
    """Refuse what is no module."""
    if not isinstance(module, Module):
        raise ParameterError(f"{caller}: {module!r} is no Module; bring a callable in with fx.wrap(…).")
