"""`Param`: the declaration of a continuous parameter with one number per module, example or channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.errors import ParameterError
from fxlab.module.parameters.active_values import active_values
from fxlab.module.parameters.continuous import Continuous
from fxlab.signal.samples import is_number

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


class Param(Continuous):
    """Declare a continuous parameter of a `Module`.

    `low..high` is the range of its slider; random values, as for augmentation, can be drawn from it too. The *valid*
    range is declared separately: `above` and `below` are its open ends, `at_least` and `at_most` its closed ones;
    `below="nyquist"` means half the sample rate and is checked when the rate is known. On a `log` scale, which has no
    zero, `above=0` is the default.

    A value is a number, a 0-d tensor, or a tensor of shape `(batch,)` or `(batch, channels)` that corresponds to the
    leading dimensions of the input. Outside a call, a plain scalar reads as a `float`, and a value with a shape or a
    gradient as the tensor itself. Inside `forward` it reads as a tensor that broadcasts against the input.

    Args:
        default: The value when none is given, in `unit`.
        low: The lowest position of the slider.
        high: The highest position of the slider.
        unit: `"Hz"`, `"dB"`, `"ms"`, or an empty string for a pure number.
        scale: The slider's taper: `"linear"`, or `"log"` for values that are perceived as ratios.
        doc: One sentence for the API table and the slider's hint.
        role: How a handle in a plot controls it: `"frequency"`, `"gain"`, `"q"`, `"mix"`.
        only: The name of a `Choice`, and its options for which the parameter has an effect, such as `("kind",
            ("bandpass", "bandstop"))`. For other options the parameter is neither checked nor shown.

    Raises:
        ParameterError: The arguments are invalid or contradict each other.

    >>> cutoff = Param(1000.0, low=20.0, high=20_000.0, unit="Hz", scale="log", below="nyquist")
    >>> round(cutoff.to_slider(632.4555), 4), round(cutoff.from_slider(0.5), 3)
    (0.5, 632.456)
    """

    kind = "number"

    def as_default(self, value: Any) -> float:
        """Return the number as a `float`."""
        if not is_number(value):
            raise ParameterError(f"Param: the default must be a number, not {value!r}.")
        return float(value)

    # -- reading and writing on a module ------------------------------------------------------------------------

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        active = active_values(module)
        if active is not None:
            return active[self.name]
        value = self.stored(module)
        if value.ndim == 0 and not value.requires_grad and not isinstance(value, torch.nn.Parameter):
            number = scalar_value(value)
            return value if number is None else number
        return value

    # -- validation ---------------------------------------------------------------------------------------------

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor, or raise a `ParameterError` that states the allowed values."""
        tensor = self.tensor(value, owner)
        if tensor.ndim > 2:
            raise ParameterError(
                f"{self._full_name(owner)} has shape {tuple(tensor.shape)}; it must be a scalar, (batch,) or "
                "(batch, channels). Reshape it."
            )
        if tensor.numel() == 0:
            raise ParameterError(f"{self._full_name(owner)} is an empty tensor; give at least one value.")
        self.check(tensor, owner, sample_rate)
        return tensor
