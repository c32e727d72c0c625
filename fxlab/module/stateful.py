"""`StatefulModule`: the base class of modules that run block by block."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.module.checks import StateFits, stale_shape
from fxlab.module.module import Module
from fxlab.module.settle import no_steady_state


class StatefulModule(Module):
    """The base class of modules that process block by block and keep a state between blocks, such as a delay line.

    A subclass defines `forward_block(self, x, state, sample_rate)`, which returns the output for the block `x` and the
    new state. A call processes the complete input as a single block, so that a call and a stream give the same output.

    Before the first block the state is None, or zeros if the subclass defines `state_shape`. A module whose output
    continues after the end of the input also defines `flush_block`, and a module with a steady state may define
    `settled_state`.

    >>> import torch
    >>> from fxlab.module import Param, StatefulModule
    >>> class Echo(StatefulModule):
    ...     delay_ms = Param(250.0, low=1.0, high=1000.0, unit="ms")
    ...     level = Param(0.5, low=0.0, high=1.0)
    ...     def state_shape(self, sample_rate):
    ...         return (round(float(self.delay_ms.max()) * sample_rate / 1000),)
    ...     def forward_block(self, x, state, sample_rate):
    ...         line = torch.cat([state, x], -1)
    ...         return x + self.level * line[..., : x.shape[-1]], line[..., x.shape[-1] :]
    >>> echo = Echo(delay_ms=0.25, level=0.5)
    >>> echo(torch.tensor([1.0, 0.0, 0.0, 0.0]), sample_rate=8000)
    tensor([1.0000, 0.0000, 0.5000, 0.0000])

    Processing in blocks gives the same output:

    >>> x, stream = torch.randn(2, 100), echo.stream(sample_rate=8000)
    >>> y = torch.cat([stream(x[:, :1]), stream(x[:, 1:60]), stream(x[:, 60:]), stream.flush()], -1)
    >>> torch.equal(y, echo(x, sample_rate=8000))
    True
    """

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the output for `x` as a single block, followed by the output of `flush_block`."""
        y, state = self.forward_block(x, self._state_before(x, None, sample_rate), sample_rate)
        tail = self.flush_block(state, sample_rate)
        return y if tail is None else torch.cat([y, tail], -1)

    @abstractmethod
    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block and the state after it.

        Args:
            x: The block, `(time,)` or `(..., channels, time)`; its length in time may be 0.
            state: The state returned for the previous block; None, or zeros of `state_shape`, at the first block.
            sample_rate: The sample rate in Hz.

        Returns:
            The output for the block, and the new state.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def settled_state(self, x: Tensor, sample_rate: float) -> Any:
        """Return the steady state for the constant input `x`, `(..., 1)`.

        A stream that begins with this state starts without a transient.

        Raises:
            FxlabError: The class does not define a steady state.
        """
        raise no_steady_state(self._name())

    def state_shape(self, sample_rate: float) -> tuple[int, ...] | None:
        """Return the shape of the state, without the leading dimensions of the input, or None.

        With a shape, the state is one tensor: zeros at the first block, on the device and in the dtype of the input. A
        stream whose state no longer has this shape, because a parameter such as a delay has changed, raises a
        `SignalError`. With None, `forward_block` creates its own state, and raises the error of `stale_state` if a
        state does not fit. A `StateShapeError` that a function of `fxlab.engine` raises is converted to this error.
        """
        return None

    def _run_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        with StateFits(self._name, state):
            return super()._run_block(x, state, rate)

    def _flush(self, state: Any, rate: float) -> Tensor | None:
        with StateFits(self._name, state):
            return super()._flush(state, rate)

    def _state_before(self, x: Tensor, state: Any, rate: float) -> Any:
        shape = self.state_shape(rate)
        if shape is None:
            return state
        if state is None:
            return x.new_zeros(*x.shape[:-1], *shape)
        before = tuple(state.shape[state.ndim - len(shape) :])
        if before != tuple(shape):
            raise stale_shape(self._name(), before, tuple(shape))
        return state.to(x)
