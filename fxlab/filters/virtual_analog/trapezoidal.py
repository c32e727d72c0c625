"""Filters of trapezoidal integrators without delay in their loops, whose corner may move from sample to sample."""

from __future__ import annotations

import math
from abc import abstractmethod
from operator import index
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import ssfilt, ssfilt_varying
from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.module import Param, Recursive
from fxlab.module.checks import check_audio, check_batch_shapes, rate_of_signal
from fxlab.module.lti.cascades import align_design
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together, pad_dims
from fxlab.module.parameters.constructor import unknown_parameter_message
from fxlab.signal import Signal


class Trapezoidal(Recursive):
    """An analog filter whose integrators are replaced by the trapezoidal rule, one for one.

    As long as nothing moves it is the bilinear transform of the analog filter. Its state is what the integrators hold,
    as the charge of a capacitor: that means the same whatever the corner is, so when the corner moves, from block to
    block of a stream or from sample to sample in `modulated`, the sound goes on as in the circuit. The delays of a
    section in direct form, whose meaning changes with the coefficients, click.

    A subclass declares `cutoff` and writes `design`, and `system(self, g)`, where `g = tan(π cutoff / sample_rate)` is
    the gain of an integrator.

    Source:
        V. Zavalishin, The Art of VA Filter Design, chapters 3 to 5.
    """

    cutoff: Any

    @abstractmethod
    def system(self, g: Tensor) -> Tensor:
        """The matrices `[[A, B], [C, D]]` of `fxlab.engine.ssfilt`, `(..., n + 1, n + 1)`; the state is n integrators'.

        Parameters read as tensors that broadcast against `g`.
        """

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter the next block; the state, `(..., n)`, is what the integrators hold."""
        return ssfilt(x, align_design(self._system(broadcast_together(self.values()), sample_rate), x), state)

    def modulated(
        self, x: Any, cutoff: Any = None, sample_rate: float | None = None, *, hop_length: int = 1, **courses: Any
    ) -> Any:
        """Filter `x` while the corner moves, and other parameters too, named as in the constructor.

        Args:
            x: A `Signal`, or a tensor `(..., time)`.
            cutoff: In Hz, `(..., frames)`: a value for every sample, or one for every `hop_length` of them. Its leading
                dimensions broadcast against those of `x` from behind, as tensors do; so `(frames,)` is for all
                channels, `(channels, frames)` for each its own. Left out, it stays.
            sample_rate: In Hz; a `Signal` brings its own.
            hop_length: Samples for which a value holds.
            courses: The same for any other continuous parameter: `q=…`.

        Raises:
            ParameterError: A value that is not valid at this rate, another number of values than hops, or a name that
                is no parameter.

        >>> import torch
        >>> from fxlab.filters import StateVariable
        >>> sweep = torch.linspace(200.0, 2000.0, 480)
        >>> StateVariable(q=4.0).modulated(torch.randn(2, 480), sweep, 48_000).shape
        torch.Size([2, 480])
        """
        if isinstance(x, Signal):
            rate = rate_of_signal(x, sample_rate, self._name())
            return Signal(self.modulated(x.samples, cutoff, rate, hop_length=hop_length, **courses), rate)
        rate = self._resolve_rate(sample_rate)
        return self.modulated_block(x, None, cutoff, rate, hop_length=hop_length, **courses)[0]

    def modulated_block(
        self,
        x: Tensor,
        state: Tensor | None,
        cutoff: Any,
        sample_rate: float,
        *,
        hop_length: int = 1,
        **courses: Any,
    ) -> tuple[Tensor, Tensor]:
        """`modulated` for the next block of a stream: the output, and the state to hand in with the block after it.

        `state` is None at the first block. The hops count from the beginning of the block.
        """
        check_audio(x, self._name())
        hop_length = self._hop(hop_length)
        given = {name: value for name, value in {"cutoff": cutoff, **courses}.items() if value is not None}
        frames = -(-x.shape[-1] // hop_length)
        moving = {name: self._course(name, value, x, frames, hop_length) for name, value in given.items()}
        still = {name: value for name, value in self.values().items() if name not in moving}
        check_batch_shapes(still, x, self._name(), self.ranks)
        values = {**exact(still, x), **moving}
        for name, declaration in self.in_use().items():
            if isinstance(declaration, Param):
                declaration.check(values[name], self._name(), sample_rate)
        return self._varying(x, values, state, sample_rate, hop_length)

    # -- within -------------------------------------------------------------------------------------------------

    def _system(self, values: dict[str, Tensor], rate: float) -> Tensor:
        with use_values(self, values):
            return self.system(torch.tan(math.pi / rate * self.cutoff))

    def _varying(
        self, x: Tensor, values: dict[str, Tensor], state: Tensor | None, rate: float, hop: int
    ) -> tuple[Tensor, Tensor]:
        """Filter by values that broadcast to `(..., frames)`."""
        return ssfilt_varying(x, in_hops(self._system(values, rate), x, hop), state, hop_length=hop)

    def _hop(self, hop_length: Any) -> int:
        try:
            hop = 0 if isinstance(hop_length, bool) else index(hop_length)
        except TypeError:
            hop = 0
        if hop < 1:
            raise ParameterError(
                f"{self._name()}: hop_length is {hop_length!r}; it must be a whole number of samples, 1 or more."
            )
        return hop

    def _course(self, name: str, value: Any, x: Tensor, frames: int, hop: int) -> Tensor:
        declaration = self.declarations.get(name)
        if not isinstance(declaration, Param) or not declaration.applies(self):
            message = f"{self._name()}: {name} cannot move."
            raise ParameterError(unknown_parameter_message(self, name) if declaration is None else message)
        if isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) and v.requires_grad for v in value):
            raise ParameterError(f"{self._name()}: {name} would lose its gradients as a list; use torch.stack.")
        try:
            course = torch.as_tensor(value)
            if course.is_complex() or course.dtype == torch.bool:
                raise TypeError
        except (TypeError, ValueError, RuntimeError):
            raise ParameterError(
                f"{self._name()}: {name} must be a tensor of numbers, (..., frames), not {value!r}."
            ) from None
        course = course.to(float64_device(x.device), torch.float64)
        course = course.expand(frames) if course.ndim == 0 else course
        try:
            if course.shape[-1] != frames or len(broadcast_shapes(course.shape[:-1], x.shape[:-1])) > x.ndim - 1:
                raise RuntimeError
        except RuntimeError:
            raise ParameterError(
                f"{self._name()}: {name} has shape {tuple(course.shape)}; {x.shape[-1]} samples in hops of {hop} take "
                f"{frames} values, (..., {frames}), in front of which stand dimensions that broadcast against "
                f"{tuple(x.shape[:-1])}."
            ) from None
        return course


def exact(values: dict[str, Tensor], x: Tensor) -> dict[str, Tensor]:
    """The values in float64 where `x` is, or next to it, shaped so that they broadcast against it."""
    return pad_dims({name: value.to(float64_device(x.device), torch.float64) for name, value in values.items()}, x.ndim)


def in_hops(system: Tensor, x: Tensor, hop: int) -> Tensor:
    """`(..., frames or 1, n, n)` with as many frames as `x` has hops."""
    if system.ndim == 2:
        system = system.unsqueeze(0)
    frames = -(-x.shape[-1] // hop)
    return system[..., :frames, :, :] if frames < 2 else system.expand(*system.shape[:-3], frames, -1, -1)
