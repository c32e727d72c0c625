"""`Trapezoidal`: the base class of filters made of trapezoidal integrators, whose corner can change at every sample."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import partial
from operator import index
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import ssfilt, ssfilt_varying, ssfilt_zi
from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.module import Param, Recursive
from fxlab.module.checks import check_audio, check_batch_shapes, rate_of_signal
from fxlab.module.lti.cascades import align_design
from fxlab.module.lti.filter_steps import run_in_steps
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together, pad_dims
from fxlab.module.parameters.constructor import unknown_parameter_message
from fxlab.module.parameters.design_cache import cached_design
from fxlab.module.parameters.moving_values import MovingValues, moving_values
from fxlab.signal import Signal


class Trapezoidal(Recursive):
    """The base class of virtual analog filters, with trapezoidal integrators and feedback loops without delay.

    With constant parameters the filter is the bilinear transform of the analog filter. Its state is that of the
    integrators, and the meaning of this state does not depend on the corner. If the corner changes, from block to block
    of a stream or from sample to sample in `modulated`, the output continues as in the analog circuit. A section in
    direct form can cause a click, because the meaning of its state depends on the coefficients.

    A subclass declares `cutoff` and defines `design` and `system(self, g)`, where `g = tan(π cutoff / sample_rate)` is
    the gain of an integrator.

    Source:
        V. Zavalishin, The Art of VA Filter Design, chapters 3 to 5.
    """

    clicks_at_jumps = False
    cutoff: Any

    @abstractmethod
    def system(self, g: Tensor) -> Tensor:
        """Return the matrices `[[A, B], [C, D]]` of `fxlab.engine.ssfilt` for n integrators, `(..., n + 1, n + 1)`.

        While this runs, the parameters are tensors that broadcast against `g`.
        """

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the states of the integrators after it, `(..., n)`."""
        moving = moving_values(self)
        if moving is not None:
            return self._filter_moving(x, moving, state, sample_rate)
        return ssfilt(x, self._aligned_system(x, sample_rate), state)

    def settled_state(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        return x * ssfilt_zi(self._aligned_system(x, sample_rate))

    def _aligned_system(self, x: Tensor, rate: float) -> Tensor:
        """Return the matrices for constant parameters, aligned with the leading dimensions of `x`."""
        system = cached_design(self, ("system", rate), partial(self._run_system, rate))
        return align_design(self, system, x)

    def modulated(
        self, x: Any, cutoff: Any = None, sample_rate: float | None = None, *, hop_length: int = 1, **modulations: Any
    ) -> Any:
        """Filter `x` while the corner, and other parameters if given, change over time.

        The result has the type and the shape of `x`.

        Args:
            x: A `Signal`, or a tensor `(..., time)`.
            cutoff: The corner in Hz: a number, or `(..., frames)`, a value for every `hop_length` samples. Its leading
                dimensions broadcast against those of `x`: `(frames,)` applies to all channels,
                `(channels, frames)` has separate values for each channel. By default the corner is constant.
            sample_rate: The sample rate in Hz; not needed for a `Signal`, which has its own.
            hop_length: Number of samples for which each value applies.
            modulations: Values of other continuous parameters, in the same form: `q=…`.

        Raises:
            ParameterError: A value is invalid at this sample rate, the number of values is not the number of hops, a
                name is not that of a continuous parameter in use, or `hop_length` is not a whole number of at least 1.
            SignalError: `x` is not valid audio, there is no sample rate, or `sample_rate` is not that of the `Signal`.

        >>> import torch
        >>> from fxlab.filters import StateVariable
        >>> sweep = torch.linspace(200.0, 2000.0, 480)
        >>> StateVariable(q=4.0).modulated(torch.randn(2, 480), sweep, 48_000).shape
        torch.Size([2, 480])
        """
        if isinstance(x, Signal):
            rate = rate_of_signal(x, sample_rate, self._name())
            y = self.modulated(x.samples, cutoff, rate, hop_length=hop_length, **modulations)
            return Signal._of_channels(y, rate)
        rate = self._resolve_rate(sample_rate)
        return self.modulated_block(x, None, cutoff, rate, hop_length=hop_length, **modulations)[0]

    def modulated_block(
        self,
        x: Tensor,
        state: Tensor | None,
        cutoff: Any,
        sample_rate: float,
        *,
        hop_length: int = 1,
        **modulations: Any,
    ) -> tuple[Tensor, Tensor]:
        """Return the output of `modulated` for the next block of a stream, and the state for the next call.

        `state` is None for the first block. In every block the first hop begins at the first sample. The other
        arguments and the errors are those of `modulated`.
        """
        check_audio(x, self._name())
        hop_length = self._check_hop_length(hop_length)
        given = {name: value for name, value in {"cutoff": cutoff, **modulations}.items() if value is not None}
        frames = -(-x.shape[-1] // hop_length)
        varying = {name: self._check_modulation(name, value, x, frames, hop_length) for name, value in given.items()}
        constant = {name: value for name, value in self.values().items() if name not in varying}
        check_batch_shapes(constant, x, self._name(), self.ranks)
        values = {**to_float64(constant, x), **varying}
        for name, declaration in self.in_use().items():
            if isinstance(declaration, Param):
                declaration.check(values[name], self._name(), sample_rate)
        self.check_varying(values, sample_rate)
        return self._filter_varying(x, values, state, sample_rate, hop_length)

    def check_varying(self, values: dict[str, Tensor], sample_rate: float) -> None:
        """Raise a `ParameterError` if the `values` of the parameters, each valid by itself, are invalid in combination.

        By default every combination is allowed.
        """

    # -- internals ----------------------------------------------------------------------------------------------

    def _run_system(self, rate: float) -> Tensor:
        return self._system(broadcast_together(self.values()), rate)

    def _system(self, values: dict[str, Tensor], rate: float) -> Tensor:
        """Return the matrices of `system` for these values of the parameters, `(..., n + 1, n + 1)`."""
        with use_values(self, values):
            return self.system(torch.tan(math.pi / rate * self.cutoff))

    def _filter_moving(
        self, x: Tensor, moving: MovingValues, state: Tensor | None, rate: float
    ) -> tuple[Tensor, Tensor]:
        """Return the output for `x` and the state after it, where the parameters in `moving` change at every hop.

        A `state` of None means zeros.
        """
        values = moving.design_values()

        def run(samples: Tensor, steps: slice, state: Tensor | None) -> tuple[Tensor, Tensor]:
            now = {name: v[..., steps] if name in moving.controls else v for name, v in values.items()}
            return self._filter_varying(samples, now, state, rate, moving.hop)

        return run_in_steps(x, moving, state, run)

    def _filter_varying(
        self, x: Tensor, values: dict[str, Tensor], state: Tensor | None, rate: float, hop: int
    ) -> tuple[Tensor, Tensor]:
        """Return the output for `x` and the state after it, with parameters that change after every `hop` samples.

        `values` are those of the parameters by name, one or `frames` along the last dimension. A `state` of None means
        zeros.
        """
        return ssfilt_varying(x, expand_to_hops(self._system(values, rate), x, hop), state, hop_length=hop)

    def _check_hop_length(self, hop_length: Any) -> int:
        """Return `hop_length`, or raise a `ParameterError` if it is not a whole number of at least 1."""
        try:
            hop = 0 if isinstance(hop_length, bool) else index(hop_length)
        except TypeError:
            hop = 0
        if hop < 1:
            raise ParameterError(
                f"{self._name()}: hop_length is {hop_length!r}; it must be a whole number of samples, 1 or more."
            )
        return hop

    def _check_modulation(self, name: str, value: Any, x: Tensor, frames: int, hop: int) -> Tensor:
        """Return the values of the parameter `name` given to `modulated`, as a float64 tensor `(..., frames)`.

        Raises:
            ParameterError: The parameter is not a continuous one in use; `value` is not one number for all frames or
                one for each, with leading dimensions that broadcast against those of `x`; or it is a list of tensors
                that require gradients.
        """
        declaration = self.declarations.get(name)
        if not isinstance(declaration, Param) or not declaration.applies(self):
            message = f"{self._name()}: {name} cannot be modulated; only continuous parameters in use can."
            raise ParameterError(unknown_parameter_message(self, name) if declaration is None else message)
        if isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) and v.requires_grad for v in value):
            raise ParameterError(
                f"{self._name()}: {name} is a list of tensors and would lose its gradients; use torch.stack."
            )
        try:
            values = torch.as_tensor(value)
            if values.is_complex() or values.dtype == torch.bool:
                raise TypeError
        except (TypeError, ValueError, RuntimeError):
            raise ParameterError(
                f"{self._name()}: {name} must be a tensor of numbers, (..., frames), not {value!r}."
            ) from None
        values = values.to(float64_device(x.device), torch.float64)
        values = values.expand(frames) if values.ndim == 0 else values
        try:
            if values.shape[-1] != frames or len(broadcast_shapes(values.shape[:-1], x.shape[:-1])) > x.ndim - 1:
                raise RuntimeError
        except RuntimeError:
            raise ParameterError(
                f"{self._name()}: {name} has shape {tuple(values.shape)}; {x.shape[-1]} samples in hops of {hop} need "
                f"{frames} values, (..., {frames}), with leading dimensions that broadcast against "
                f"{tuple(x.shape[:-1])}."
            ) from None
        return values


def to_float64(values: dict[str, Tensor], x: Tensor) -> dict[str, Tensor]:
    """Return the values in float64, broadcastable against `x`.

    They are on the device of `x`, or on the CPU if that device lacks float64.
    """
    return pad_dims({name: value.to(float64_device(x.device), torch.float64) for name, value in values.items()}, x.ndim)


def expand_to_hops(system: Tensor, x: Tensor, hop: int) -> Tensor:
    """Return `system`, `(n, n)` or `(..., hops or 1, n, n)`, expanded to `(..., hops, n, n)`, one matrix per hop."""
    if system.ndim == 2:
        system = system.unsqueeze(0)
    frames = -(-x.shape[-1] // hop)
    return system[..., :frames, :, :] if frames < 2 else system.expand(*system.shape[:-3], frames, -1, -1)
