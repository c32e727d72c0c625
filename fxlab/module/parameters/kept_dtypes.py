"""The conversion of a module, such as `.half()`, in which its parameters change their device and keep their dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

Conversion = Callable[[Tensor], Tensor]


def values_before(module: ParameterOwner) -> dict[str, Tensor]:
    """Return the values of the parameters by name, for `restore_dtypes` after a conversion."""
    # torch replaces `.data` of an `nn.Parameter` in place, so `.data` is kept here, not the object.
    return {n: v.data if isinstance(v, nn.Parameter) else v for n, v in module.values().items()}


def keep_complex(module: ParameterOwner, conversion: Conversion) -> Conversion:
    """Return `conversion`, changed for the complex parameters of a module: they change only their device."""
    complex_ids = {id(value) for value in module.values().values() if value.is_complex()}

    def apply(value: Tensor) -> Tensor:
        # A conversion to a real dtype would drop the imaginary part.
        if id(value) in complex_ids:
            return value.to(conversion(torch.empty(0, device=value.device)).device)
        return conversion(value)

    return apply if complex_ids else conversion


def restore_dtypes(module: ParameterOwner, previous: dict[str, Tensor]) -> None:
    """Give the parameters of a converted module their `previous` values again, on the new device, if a dtype changed.

    On an MPS device, which has no float64, the new dtype is kept.
    """
    for name, before in previous.items():
        after = module.values()[name]
        if after.dtype != before.dtype and after.device.type != "mps":
            if isinstance(after, nn.Parameter):
                after.data = before.to(after.device)
            else:
                module._buffers[name] = before.to(after.device)
