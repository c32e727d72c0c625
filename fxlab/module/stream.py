"""`Stream`: a module that processes successive blocks, with its state."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.state_shape import StateShapeError
from fxlab.errors import SignalError
from fxlab.module.block_state import Kind, copy_state, empty_block, kind_of, state_bytes
from fxlab.module.checks import stale_shape, stale_state
from fxlab.module.module import Module
from fxlab.module.settle import settle


class Stream:
    """A processor of successive blocks, made by `module.stream(sample_rate)`.

    While the parameters stay the same, the outputs of all blocks and of `flush()`, concatenated, are the output of one
    call on the complete input, up to rounding. With `settled=True` the stream instead starts as if the input of each
    channel had always been equal to its first sample. The parameters may change between blocks, and the stream keeps
    its state; a change that alters the shape of the state, such as a different order of a filter, is an error.

    If the corner frequency of a filter jumps between blocks, use `StateVariable`, `Ladder` or `FirstOrderAllPass`.
    Their state is that of analog integrators, which is valid for every corner frequency. The state of sections in
    direct form belongs to the coefficients: at a jump, `LowPass` and other filters of sections can click, and the
    clicks of jumps in quick succession can add up without limit.

    Shape:
        Each block is `(time,)` or `(..., channels, time)`; only the length in time may differ between blocks.

    Raises:
        SignalError: The block is not valid audio; its leading dimensions, dtype or device differ from those of the
            first block; the state no longer fits the module; or the block comes after `flush`.
        ParameterError: A parameter is invalid, or its shape does not align with that of the block.
        FxlabError: At the first block: the module cannot run in blocks, or `settled` is True and the module or a part
            of it has a parameter that moves, has a pole at 0 Hz, or does not define `settled_state`.

    >>> from fxlab.filters import LowPass
    >>> stream = LowPass(cutoff=500.0).stream(sample_rate=8000)
    >>> x = torch.randn(1, 100)
    >>> y = torch.cat([stream(x[:, :30]), stream(x[:, 30:]), stream.flush()], -1)
    >>> torch.allclose(y, LowPass(cutoff=500.0)(x, sample_rate=8000), atol=1e-6)
    True
    >>> LowPass(cutoff=50.0).stream(8000, settled=True)(torch.full((1, 3), 0.5))
    tensor([[0.5000, 0.5000, 0.5000]])
    """

    def __init__(self, module: Module, sample_rate: float, *, settled: bool = False) -> None:
        self.module, self.sample_rate, self.settled = module, sample_rate, settled
        self._state: Any = None
        self._kind: Kind | None = None  # of the blocks
        self._output_kind: Kind = (torch.Size([1]), torch.get_default_dtype(), torch.device("cpu"))
        self._value_shapes: dict[str, torch.Size] = {}  # of the parameters at the first block
        self._has_ended = False

    def __call__(self, block: Tensor) -> Tensor:
        """Return the output for the next block, `(time,)` or `(..., channels, time)`.

        Raises:
            SignalError: The stream has ended, the block is not valid audio, or it differs from earlier blocks in its
                leading dimensions, dtype or device; or the state no longer fits the module.
            ParameterError: A parameter is invalid, or its shape does not align with that of the block.
            FxlabError: At the first block; see `Stream`.
        """
        try:
            return self._process(block)
        except StateShapeError as error:  # of several stages that run in one call; another module refuses its state
            if self._state is None:
                raise
            raise stale_shape(type(self.module).__name__, error.found, error.needed) from error
        except RuntimeError as error:  # of PyTorch, for tensors of different shapes
            change = _changed_shape(self._value_shapes, _shapes_of_values(self.module))
            if self._state is None or change is None:
                raise
            raise stale_state(type(self.module).__name__, change) from error

    def _process(self, block: Tensor) -> Tensor:
        name = type(self.module).__name__
        if self._has_ended:
            raise SignalError(f"{name}: this stream has ended with flush(); start a new one.")
        if self._state is not None and isinstance(block, Tensor) and block.ndim and kind_of(block) == self._kind:
            # Apart from its samples, the block is known to be valid.
            found = self.module._run_finite_block(block, self._state, self.sample_rate)
            if found is not None:
                y, self._state = found
                self._output_kind = self._kind
                return y
        self.module.check_input(block)
        kind = kind_of(block)
        if self._kind is not None and kind != self._kind:
            shape, dtype, device = self._kind
            leading = ", ".join(map(str, shape))
            raise SignalError(
                f"{name}: a block of shape {tuple(block.shape)}, {block.dtype} on {block.device} follows one of shape "
                f"({leading}, …), {dtype} on {device}; only the time may differ within a stream."
            )
        if self._kind is None:
            self._value_shapes = _shapes_of_values(self.module)
        self._kind = kind
        if self.settled and self._state is None and block.shape[-1]:
            self._state = settle(self.module, block[..., :1], self.sample_rate)[1]
        y, after = self.module._run_block(block, self._state, self.sample_rate)
        if block.shape[-1] or not self.settled:  # a stream that starts settled begins with its first sample
            self._state = after
        self._output_kind = kind_of(y)
        return y

    def copy(self) -> Stream:
        """Return a stream of the same module with a copy of the state, so that both continue from the same sample.

        >>> from fxlab.effects import Delay
        >>> stream = Delay(delay_ms=0.5, mix=1.0).stream(sample_rate=8000)
        >>> heard, other = stream(torch.tensor([[1.0, 2.0, 3.0]])), stream.copy()
        >>> stream(torch.zeros(1, 2)), other(torch.zeros(1, 2))
        (tensor([[0., 1.]]), tensor([[0., 1.]]))
        """
        other = copy.copy(self)
        other._state = copy_state(self._state)
        return other

    def _state_bytes(self) -> int:
        return state_bytes(self._state)

    def flush(self) -> Tensor:
        """End the stream and return the remaining output, which may have a length of 0.

        Raises:
            SignalError: The state no longer fits the module, or branches with outputs of different lengths are added.
            ParameterError: A parameter is invalid.
        """
        self._has_ended = True
        rest = self.module._flush(self._state, self.sample_rate)
        self._state = None
        return empty_block(self._output_kind) if rest is None else rest


def _shapes_of_values(module: Module) -> dict[str, torch.Size]:
    values = (*module.named_parameters(), *module.named_buffers())
    return {name: value.shape for name, value in values}


def _changed_shape(before: dict[str, torch.Size], now: dict[str, torch.Size]) -> str | None:
    """Return a phrase about a value whose shape has changed, or None if there is no such value."""
    for name, shape in now.items():
        if name in before and before[name] != shape:
            return f"the shape of {name} changed from {tuple(before[name])} to {tuple(shape)}"
    return None
