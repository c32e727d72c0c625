"""`Param`: the declaration of a continuous parameter with one number per module, example or channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true, scalar_value
from fxlab.errors import ParameterError
from fxlab.module.parameters.active_values import active_values
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.moving_value import MovingValue, note_parameter, rebuild_control
from fxlab.module.parameters.observers import notify_changed
from fxlab.signal.samples import is_number

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


class Param(Continuous):
    """The declaration of a continuous parameter of a `Module`.

    `low..high` is the range of its slider; random values, as for augmentation, can be drawn from it too. The *valid*
    range is declared separately: `above` and `below` are its open ends, `at_least` and `at_most` its closed ends;
    `below="nyquist"` means half the sample rate and is checked when the rate is known. An end that is None does not
    limit the range, but on a logarithmic scale without `at_least`, `above` is 0 by default.

    A value is a number, a 0-d tensor, a tensor of shape `(batch,)` or `(batch, channels)` that corresponds to the
    leading dimensions of the input, or a control, such as an `LFO`. Outside a call, the attribute is the control, a
    `float` for a plain scalar, or otherwise the tensor, such as one with a shape or a gradient. Inside `forward` it is
    a tensor that broadcasts against the input.

    Args:
        default: The value if none is given, in `unit`.
        low: The lowest position of the slider.
        high: The highest position of the slider.
        unit: The unit, such as `"Hz"`, `"dB"` or `"ms"`; empty for a pure number.
        scale: The slider's taper: `"linear"`, or `"log"` for values that are perceived as ratios.
        doc: One sentence for the API table and the slider's hint.
        role: The quantity that a handle in a plot sets: `"frequency"`, `"gain"`, `"q"` or `"mix"`; None for no handle.
        above: The lower end of the valid range, which is itself not valid.
        below: The upper end of the valid range, which is itself not valid; `"nyquist"` is half the sample rate.
        at_least: The lowest valid value.
        at_most: The highest valid value.
        only: The name of a `Choice`, and its options for which the parameter has an effect, such as `("kind",
            ("bandpass", "bandstop"))`. For other options the parameter is not shown, and not checked in a call.
        advice: One sentence that is added to the error about a value that is not valid.

    Raises:
        ParameterError: The arguments are invalid or contradict each other.

    >>> cutoff = Param(1000.0, low=20.0, high=20_000.0, unit="Hz", scale="log", below="nyquist")
    >>> round(cutoff.to_slider(632.4555), 4), round(cutoff.from_slider(0.5), 3)
    (0.5, 632.456)
    """

    kind = "number"

    def as_default(self, value: Any) -> float:
        """Return the number as a `float`, or raise a `ParameterError` if it is not a number."""
        if not is_number(value):
            raise ParameterError(f"Param: the default must be a number, not {value!r}.")
        return float(value)

    # -- reading and writing on a module ------------------------------------------------------------------------

    def stored(self, module: ParameterOwner) -> Tensor:
        """Return the tensor that `module` stores; for a control, its value at time 0, without gradient."""
        control: object = module._modules.get(self.name) if module._modules else None
        if isinstance(control, MovingValue):
            return control.first_value(self.scale).detach()
        return super().stored(module)

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        active = active_values(module)
        if active is not None:
            return active[self.name]
        control: object = module._modules.get(self.name)
        if isinstance(control, MovingValue):
            note_parameter(control, self)
            return control
        value = self.stored(module)
        if value.ndim == 0 and not value.requires_grad and not isinstance(value, torch.nn.Parameter):
            number = scalar_value(value)
            return value if number is None else number
        return value

    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and store it.

        For a control, also store its value at time 0, for `state_dict`.

        Raises:
            ParameterError: The value is invalid, or is a control that this parameter does not accept.
            SignalError: The control follows a signal whose sample rate is not that of the module.
        """
        if not isinstance(value, MovingValue):
            super().store(module, value)
            return
        owner = type(module).__name__
        module.accept_control(self.name, value)
        self.check_control(value, owner, module.sample_rate)
        module._buffers[self.name] = value.first_value(self.scale).detach().clone()
        module._modules[self.name] = value  # type: ignore[assignment]
        module._parameters.pop(self.name, None)
        note_parameter(value, self)
        notify_changed(module)

    def check_control(self, control: MovingValue, owner: str, sample_rate: float | None = None) -> None:
        """Raise an error if the control may take an invalid value, or cannot run at `sample_rate` in Hz.

        Raises:
            ParameterError: The limits of the control are not valid values, its parameters do not broadcast, or it is
                not valid at this rate.
            SignalError: The control follows a signal with a different sample rate.
        """
        if sample_rate is not None:
            control.check(sample_rate)
        control.batch_shape()
        low, high = (limit.detach() for limit in control.limits())
        outside = any(self._first_invalid(limit, sample_rate) is not None for limit in (low, high))
        has_zero = self.scale == "log" and any_true(low <= 0)
        if not (outside or has_zero):
            return
        lowest, highest = self.format(float(low.min())), self.format(float(high.max()))
        if outside:
            advice = f"it must stay {self.allowed(sample_rate)}. Narrow its range."
        else:
            advice = "it moves on a logarithmic scale, which has no zero. Give it a range above 0."
        raise ParameterError(f"{self._full_name(owner)} = {control!r} moves between {lowest} and {highest}; {advice}")

    def source(self, value: Any) -> str:
        """Return `value` as Python source, as in the `repr` of a module."""
        return repr(value) if isinstance(value, MovingValue) else super().source(value)

    def encode(self, value: Any) -> Any:
        """Return a control as `{"control": {"type": …, "params": …}}`, and other values as `Continuous.encode` does."""
        return {"control": value.describe()} if isinstance(value, MovingValue) else super().encode(value)

    def decode(self, value: Any, owner: str) -> Any:
        """Return the value or the control that `encode` encoded; see `Continuous.decode`."""
        if isinstance(value, dict) and "control" in value:
            return rebuild_control(value["control"])
        return super().decode(value, owner)

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
