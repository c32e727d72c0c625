"""`Param`: one line that declares a continuous parameter, and everything that follows from it."""

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

    `low..high` is the range of its slider, the range an augmentation draws from and the range that `fit` starts in.
    What is *invalid* is said apart: `above` and `below` are the open ends of the valid range, `at_least` and
    `at_most` the closed ones; `below="nyquist"` means half the sample rate, checked when the rate is known. On a
    `log` scale zero is out of reach, so `above=0` goes without saying.

    A value is a number, a 0-d tensor, or a tensor of shape `(batch,)` or `(batch, channels)` that varies over the
    leading dimensions of the input. Read from outside, a plain scalar is a `float`, anything with a shape or a
    gradient the tensor itself. Read inside `forward` it is a tensor that broadcasts against the input.

    Args:
        default: The value when none is given, in `unit`.
        low: The lowest position of the slider.
        high: The highest position of the slider.
        unit: What the number counts: `"Hz"`, `"dB"`, `"ms"`, or nothing for a pure number.
        scale: The slider's taper: `"linear"`, or `"log"` for what is heard in ratios.
        doc: One sentence for the API table and the slider's hint.
        role: What a handle in a plot may do with it: `"frequency"`, `"gain"`, `"q"`, `"mix"`.
        only: A `Choice` and those of its names for which the parameter means something; else it is not shown and may
            hold any value: `("kind", ("bandpass", "bandstop"))`.

    Raises:
        ParameterError: The declaration contradicts itself.

    >>> cutoff = Param(1000.0, low=20.0, high=20_000.0, unit="Hz", scale="log", below="nyquist")
    >>> round(cutoff.to_slider(632.4555), 4), round(cutoff.from_slider(0.5), 3)
    (0.5, 632.456)
    """

    kind = "number"

    def as_default(self, value: Any) -> float:
        """The number as a `float`."""
        if not is_number(value):
            raise ParameterError(f"Param: the default must be a number, not {value!r}.")
        return float(value)

    # -- reading and writing on a module ------------------------------------------------------------------------

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        frame = active_values(module)
        if frame is not None:
            return frame[self.name]
        value = self.stored(module)
        if value.ndim == 0 and not value.requires_grad and not isinstance(value, torch.nn.Parameter):
            number = scalar_value(value)
            return value if number is None else number
        return value

    # -- what is valid ------------------------------------------------------------------------------------------

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor, or raise a `ParameterError` that says what is allowed."""
        tensor = self.tensor(value, owner)
        if tensor.ndim > 2:
            raise ParameterError(
                f"{self._whose(owner)} has shape {tuple(tensor.shape)}; allowed are a scalar, (batch,) or "
                "(batch, channels). Reshape it."
            )
        if tensor.numel() == 0:
            raise ParameterError(f"{self._whose(owner)} is an empty tensor; give at least one value.")
        self.check(tensor, owner, sample_rate)
        return tensor
