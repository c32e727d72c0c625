"""`Stream`: a module that runs on blocks and carries its state."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.errors import SignalError
from fxlab.module.checks import check_audio
from fxlab.module.module import Module


class Stream:
    """Blocks in, blocks out: the outputs, then `flush()`, concatenated equal one call on the whole.

    Made by `module.stream(sample_rate)`. The module's parameters may change between blocks; the state goes on.

    Shape:
        Each block `(time,)` or `(..., channels, time)`, all alike but for the time.

    Raises:
        SignalError: A block whose channels, dtype or device differ from the first, or a block after `flush`.

    >>> from fxlab.filters import LowPass
    >>> stream = LowPass(cutoff=500.0).stream(sample_rate=8000)
    >>> x = torch.randn(1, 100)
    >>> y = torch.cat([stream(x[:, :30]), stream(x[:, 30:]), stream.flush()], -1)
    >>> torch.allclose(y, LowPass(cutoff=500.0)(x, sample_rate=8000), atol=1e-6)
    True
    """

    def __init__(self, module: Module, sample_rate: float) -> None:
        self.module, self.sample_rate = module, sample_rate
        self._state: Any = None
        self._like: Tensor | None = None
        self._end = torch.zeros(1, 0)
        self._ended = False

    def __call__(self, block: Tensor) -> Tensor:
        """Process the next block."""
        name = type(self.module).__name__
        if self._ended:
            raise SignalError(f"{name}: this stream has ended with flush(); start a new one.")
        check_audio(block, name)
        like = self._like
        if like is not None and (block.shape[:-1], block.dtype, block.device) != (
            like.shape[:-1],
            like.dtype,
            like.device,
        ):
            lead = ", ".join(map(str, like.shape[:-1]))
            raise SignalError(
                f"{name}: a block of shape {tuple(block.shape)}, {block.dtype} on {block.device} follows one of shape "
                f"({lead}, …), {like.dtype} on {like.device}; only the time may differ within a stream."
            )
        self._like = block.new_empty((*block.shape[:-1], 0))
        y, self._state = self.module._run_block(block, self._state, self.sample_rate)
        self._end = y.new_empty((*y.shape[:-1], 0))
        return y

    def flush(self) -> Tensor:
        """End the stream: what is still to come out, of length 0 for a module without latency."""
        self._ended = True
        rest = self.module._flush(self._state, self.sample_rate)
        self._state = None
        return self._end if rest is None else rest
