"""`Loss`: the base class of losses, which compare an output with a target."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from fxlab.errors import SignalError
from fxlab.signal import Signal

EPSILON = 1e-8
"""The constant that is added to energies in denominators and to ratios before their logarithm is taken, so that silence
gives no NaN; also the smallest power of an STFT bin."""


class Loss(nn.Module):
    """A loss for training loops and for `fit`: `loss(output, target)` is the mean over all examples.

    A subclass defines `per_example`. Both arguments are Signals, or tensors `(..., channels, time)` or `(time,)`. They
    have the same shape, or the target is a single example for all examples of the output.

    Raises:
        SignalError: The channels or samples differ in number, there are no samples, there are several targets but not
            one for each example, two Signals have different sample rates, or a Signal has another than the loss.
    """

    sample_rate: float | None = None
    """The sample rate of both signals in Hz, or None for a loss that does not depend on it."""
    is_nonnegative: ClassVar[bool] = False
    """Whether no value is below 0. With such a loss and Adam, `fit` ends at a value of 0: the target is met exactly."""

    def forward(self, output: Tensor | Signal, target: Tensor | Signal) -> Tensor:
        """Return the mean of `per_example`, a scalar."""
        for part, x in (("output", output), ("target", target)):
            if isinstance(x, Signal):
                self.check_rate("", f"the {part}", x.sample_rate)
        return self.per_example(*as_tensors(type(self).__name__, output, target)).mean()

    @abstractmethod
    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each example, `(...)`, for tensors `(..., channels, time)` of the same shape."""

    def check_rate(self, caller: str, part: str, rate: float) -> None:
        """Raise a `SignalError` if the loss has a sample rate and `rate`, that of `part` in Hz, is another.

        `caller` is a prefix of the message, such as "fit: ".
        """
        if self.sample_rate is not None and rate != self.sample_rate:
            name = type(self).__name__
            raise SignalError(
                f"{caller}{name}: {part} has a sample rate of {rate:g} Hz and the loss of {self.sample_rate:g} Hz; "
                f"use {name}({rate:g}), or resample with fx.Resample."
            )


def as_tensors(name: str, output: Tensor | Signal, target: Tensor | Signal) -> tuple[Tensor, Tensor]:
    """Return the samples of `output` and `target` as tensors `(..., channels, time)` of the same shape.

    A tensor `(time,)` becomes `(1, time)`. A target with one example or fewer leading dimensions is expanded to the
    shape of the output; it is also converted to the dtype and device of the output. `name` is the caller in messages.

    Raises:
        SignalError: The channels or samples differ in number, there are no samples, the target cannot be expanded, or
            two Signals have different sample rates.
    """
    if isinstance(output, Signal) and isinstance(target, Signal) and output.sample_rate != target.sample_rate:
        raise SignalError(
            f"{name}: the output has a sample rate of {output.sample_rate:g} Hz and the target of "
            f"{target.sample_rate:g} Hz; resample one of them with fx.Resample."
        )
    y = output.samples if isinstance(output, Signal) else output
    wanted = target.samples if isinstance(target, Signal) else target
    y, wanted = (x[None] if x.ndim == 1 else x for x in (y, wanted))
    if y.shape[-2:] != wanted.shape[-2:]:
        raise SignalError(
            f"{name}: the output has {y.shape[-2]} channels of {y.shape[-1]} samples, and the target has "
            f"{wanted.shape[-2]} of {wanted.shape[-1]}; cut or pad one of them so that they are equal."
        )
    if wanted.ndim > y.ndim or any(a not in (1, b) for a, b in zip(wanted.shape[::-1], y.shape[::-1], strict=False)):
        raise SignalError(
            f"{name}: the output has shape {tuple(y.shape)} and the target {tuple(wanted.shape)}; the target has one "
            "example, or as many as the output."
        )
    if y.numel() == 0:
        raise SignalError(
            f"{name}: the output has shape {tuple(y.shape)}, which has no samples; the mean of nothing is not a loss. "
            "Leave out empty examples."
        )
    return y, wanted.to(y).expand_as(y)
