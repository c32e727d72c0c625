"""`Continuous`: the base class of parameters that are tensors of a module, with a valid range and a slider."""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true, scalar_value
from fxlab.engine.torch_support.tracing import as_constant, is_recorded, is_transformed
from fxlab.errors import ParameterError
from fxlab.module.parameters.encoding import decode_value, encode_value
from fxlab.module.parameters.observers import notify_changed
from fxlab.module.parameters.parameter_declaration import Only, ParameterDeclaration
from fxlab.signal.samples import is_number

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

Scale = Literal["linear", "log"]
Bound = float | Literal["nyquist"] | None
ROLES = ("frequency", "gain", "q", "mix", "pole", "zero", None)


class Continuous(ParameterDeclaration):
    """The base class of parameters that a module stores as a tensor: `Param` for a number, `ArrayParam` for an array.

    `low..high` is the range of its slider. The *valid* range is declared separately: `above` and `below` are its open
    ends, `at_least` and `at_most` its closed ends; `below="nyquist"` means half the sample rate.
    """

    def __init__(
        self,
        default: Any,
        *,
        low: float,
        high: float,
        unit: str = "",
        scale: Scale = "linear",
        doc: str = "",
        above: float | None = None,
        below: Bound = None,
        at_least: float | None = None,
        at_most: float | None = None,
        role: str | None = None,
        only: Only | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(self.as_default(default), unit=unit, doc=doc, role=role, only=only)
        if scale not in ("linear", "log"):
            raise ParameterError(f"{type(self).__name__}: scale {scale!r} is unknown; use 'linear' or 'log'.")
        if not (is_number(low) and is_number(high) and math.isfinite(low) and math.isfinite(high) and low < high):
            raise ParameterError(f"{type(self).__name__}: low={low!r} must be finite and below high={high!r}.")
        for name, bound in (("above", above), ("below", below), ("at_least", at_least), ("at_most", at_most)):
            if not (bound is None or is_number(bound) or (name == "below" and bound == "nyquist")):
                nyquist = ", 'nyquist'" if name == "below" else ""
                raise ParameterError(
                    f"{type(self).__name__}: {name} is {bound!r}; it must be a number{nyquist} or None."
                )
        if role not in ROLES:
            raise ParameterError(
                f"{type(self).__name__}: role {role!r} is unknown; use {', '.join(map(repr, ROLES[:-1]))} or None."
            )
        if scale == "log" and low <= 0:
            raise ParameterError(
                f"{type(self).__name__}: a log scale needs low above 0, not {low!r}; use scale='linear'."
            )
        self.low, self.high = float(low), float(high)
        self.scale: Scale = scale
        self.above = 0.0 if above is None and at_least is None and scale == "log" else above
        self.below, self.at_least, self.at_most = below, at_least, at_most
        self.advice = advice

    def as_default(self, value: Any) -> Any:
        """Return the default value in the form in which the declaration stores it; here, unchanged."""
        return value

    # -- on a module --------------------------------------------------------------------------------------------

    def stored(self, module: ParameterOwner) -> Tensor:
        """Return the tensor that `module` stores for this parameter, an `nn.Parameter` or a buffer."""
        learned = module._parameters.get(self.name)
        value: Tensor | None = learned if learned is not None else module._buffers[self.name]
        assert value is not None
        return value

    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and store it: an `nn.Parameter` as a parameter of the module, anything else as a buffer.

        A tensor that becomes a buffer is copied unless it requires a gradient. A control that was the value before is
        removed.

        Raises:
            ParameterError: The value is invalid.
        """
        tensor = self.validate(value, type(module).__name__)
        # The new value is stored before the old one is removed, because another thread may be reading it.
        if isinstance(tensor, torch.nn.Parameter):
            module._parameters[self.name] = tensor
            module._buffers.pop(self.name, None)
        else:
            if tensor is value and not tensor.requires_grad:
                tensor = tensor.clone()  # `load_state_dict` writes into it, and must not modify the caller's tensor
            module._buffers[self.name] = tensor
            module._parameters.pop(self.name, None)
        module._modules.pop(self.name, None)  # a control that was there
        notify_changed(module)

    def lead(self, value: Tensor) -> tuple[int, ...]:
        """Return the batch dimensions of `value`, `(batch…)`."""
        return tuple(value.shape)

    # -- validation ---------------------------------------------------------------------------------------------

    def tensor(self, value: Any, owner: str) -> Tensor:
        """Return `value` as a floating-point tensor, or raise a `ParameterError` if it is not made of real numbers.

        A floating-point tensor is returned unchanged; other numbers are converted to float64.
        """
        if isinstance(value, Tensor):
            tensor = value
        elif isinstance(value, (bool, str, bytes)) or value is None:
            raise ParameterError(
                f"{self._full_name(owner)} must be {self._kind_name()}{self._unit_phrase()}, not {value!r}."
            )
        else:
            try:
                if np.iscomplexobj(value) or _holds_gradients(value):
                    raise TypeError  # a conversion would lose the imaginary part or the gradients
                tensor = torch.tensor(value, dtype=torch.float64)
            except (TypeError, ValueError, RuntimeError, OverflowError):
                advice = " Join them with torch.stack." if _holds_gradients(value) else ""
                raise ParameterError(
                    f"{self._full_name(owner)} must be {self._kind_name()}{self._unit_phrase()} or a tensor of "
                    f"numbers, not {value!r}.{advice}"
                ) from None
        if not tensor.is_floating_point():
            if tensor.is_complex() or tensor.dtype == torch.bool:
                raise ParameterError(f"{self._full_name(owner)} must be real numbers, not a {tensor.dtype} tensor.")
            tensor = tensor.to(torch.float64)
        return tensor

    def _kind_name(self) -> str:
        return "a number"

    def check(self, tensor: Tensor, owner: str, sample_rate: float | None = None) -> None:
        """Raise a `ParameterError` if any element is outside the valid range or not finite.

        A limit of half the sample rate is only checked if `sample_rate`, in Hz, is given. Values that are not known, as
        under `torch.vmap`, are not checked. In a graph that PyTorch records, values on the CPU are checked when the
        graph runs, with a `RuntimeError` for an invalid one.
        """
        if is_recorded():
            self._record_check(tensor.detach(), owner, as_constant(sample_rate))
            return
        bad = self._first_invalid(tensor, sample_rate)
        if bad is None:
            return
        advice = f" {self.advice}" if self.advice else ""
        if self.below == "nyquist" and sample_rate is not None and math.isfinite(bad) and bad > 0:
            advice = (
                f" A signal at {sample_rate:g} Hz has no frequencies above {sample_rate / 2:g} Hz: "
                "lower the value, or use a signal with a higher sample rate."
            )
        allowed = self.allowed(sample_rate)
        if not cmath.isfinite(bad) and "finite" not in allowed:
            allowed = f"a finite number, {allowed}"
        raise ParameterError(f"{self._full_name(owner)} is {self.format(bad)}; it must be {allowed}.{advice}")

    def _record_check(self, values: Tensor, owner: str, sample_rate: float | None) -> None:
        """Add a check of the values to the graph that PyTorch is recording; only on the CPU and outside transforms."""
        # On a GPU a failed assertion would make the device unusable for the process.
        if values.device.type == "cpu" and not is_transformed():
            is_valid = self._is_valid(values, torch.isfinite(values), sample_rate).all()
            torch._assert_async(is_valid, f"{self._full_name(owner)} must be {self.allowed(sample_rate)}.")

    def _first_invalid(self, tensor: Tensor, sample_rate: float | None) -> float | None:
        """Return the first element that is not valid; None if all are valid or the values are not available."""
        # A single float64 number, the usual case, is compared in Python, which takes a tenth of the time.
        if tensor.ndim == 0 and tensor.dtype == torch.float64 and tensor.device.type == "cpu":
            value = scalar_value(tensor)
            is_invalid = value is not None and not self._is_valid(value, math.isfinite(value), sample_rate)
            return value if is_invalid else None
        values = tensor.detach()
        invalid = ~self._is_valid(values, torch.isfinite(values), sample_rate)
        return values[invalid].flatten()[0].item() if any_true(invalid) else None

    def _is_valid(self, value: Any, is_finite: Any, sample_rate: float | None) -> Any:
        """Return whether a number, or each element of a tensor, is valid; `is_finite` is the result of `isfinite`."""
        good = is_finite
        if self.above is not None:
            good = good & (value > self.above)
        if self.at_least is not None:
            good = good & (value >= self.at_least)
        if self.at_most is not None:
            good = good & (value <= self.at_most)
        ceiling = self._ceiling(sample_rate)
        return good if ceiling is None else good & (value < ceiling)

    def _ceiling(self, sample_rate: float | None) -> float | None:
        if self.below == "nyquist":
            return None if sample_rate is None else sample_rate / 2
        return self.below

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range in words: `"above 0 Hz and below half the sample rate (24000 Hz)"`."""
        unit = f" {self.unit}" if self.unit else ""
        parts: list[str] = []
        if self.above is not None:
            parts.append(f"above {self.above:g}{unit}")
        if self.at_least is not None:
            parts.append(f"at least {self.at_least:g}{unit}")
        if self.below == "nyquist":
            known = f" ({sample_rate / 2:g} Hz)" if sample_rate else ""
            parts.append(f"below half the sample rate{known}")
        elif self.below is not None:
            parts.append(f"below {self.below:g}{unit}")
        if self.at_most is not None:
            parts.append(f"at most {self.at_most:g}{unit}")
        return " and ".join(parts) if parts else f"a finite number{self._unit_phrase()}"

    # -- in a dictionary ----------------------------------------------------------------------------------------

    def encode(self, value: Any) -> Any:
        """Return `value` for a dictionary: a float unchanged, a float64 tensor as a number or a list.

        A tensor of another dtype gives `{"values": …, "dtype": "float32"}`, with pairs of real and imaginary part if it
        is complex.

        Raises:
            ParameterError: The value is on the meta device.
        """
        return encode_value(value, self.keyword)

    def decode(self, value: Any, owner: str) -> Any:
        """Return the float or the tensor that `encode` encoded; see `ParameterDeclaration.decode`.

        Raises:
            ParameterError: The value is a dictionary that `encode` does not return. Other invalid values are returned
                unchanged; `validate` raises their error.
        """
        return decode_value(value, self._full_name(owner))

    # -- the slider ---------------------------------------------------------------------------------------------

    def span(self, sample_rate: float | None = None) -> tuple[float, float]:
        """Return the values at the ends of the slider.

        With `below="nyquist"`, the upper end is at most 0.49 times `sample_rate`, in Hz, if that is given; if `low` is
        not below the upper end, the lower end is half the upper end.
        """
        high = self.high
        if self.below == "nyquist" and sample_rate is not None:
            high = min(high, 0.49 * sample_rate)
        low = self.low if self.low < high else high / 2
        return low, high

    def to_slider(self, value: float, sample_rate: float | None = None) -> float:
        """Return the position of the slider for `value`: from 0 to 1 for the values between the ends of the `span`."""
        low, high = self.span(sample_rate)
        if self.scale == "log":
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def from_slider(self, position: float, sample_rate: float | None = None) -> float:
        """Return the value at `position` of the slider; the inverse of `to_slider`."""
        low, high = self.span(sample_rate)
        # The ends are exact: a rounding error beyond them may be an invalid value.
        if position in (0, 1):
            return float(high if position else low)
        value = low * (high / low) ** position if self.scale == "log" else low + (high - low) * position
        return float(min(max(value, low), high)) if 0 < position < 1 else float(value)


def _holds_gradients(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) and v.requires_grad for v in value)
