"""The devices on which a panel can run."""

from __future__ import annotations

import torch

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.signal import Signal


def available_devices() -> list[str]:
    """Return the names of the devices that PyTorch can use on this machine: the CPU, and CUDA and MPS devices."""
    names = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    return names


def choose_device(module: Module, signal: Signal, device: str | torch.device | None) -> str:
    """Return the name of the device on which a panel runs: `device`, if it is not None.

    If `device` is None, the panel runs on the accelerator that stores tensors of the module, or if there is none, on
    the device of the signal. Of several accelerators, the first by name is used. `"cuda"` means `"cuda:0"`.

    Raises:
        ParameterError: `device` is not a device that is available on this machine.
    """
    if device is not None:
        available = available_devices()
        try:
            name = str(torch.device(device))
        except (RuntimeError, TypeError):
            name = ""
        name = f"{name}:0" if name == "cuda" else name
        if name not in available:
            raise ParameterError(f"Panel: device is {str(device)!r}; available here: {', '.join(available)}.")
        return name
    tensors = [*module.parameters(), *module.buffers()]
    accelerators = {str(tensor.device) for tensor in tensors} - {"cpu"}
    return min(accelerators) if accelerators else str(signal.samples.device)
