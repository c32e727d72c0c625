"""`BlockState`: the state that a stream keeps for one module from one block to the next."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor

Kind = tuple[torch.Size, torch.dtype, torch.device]
"""The leading shape, the dtype and the device of a block."""


def kind_of(block: Tensor) -> Kind:
    """Return the leading shape, the dtype and the device of `block`, which all blocks of a stream must share."""
    return block.shape[:-1], block.dtype, block.device


def empty_block(kind: Kind) -> Tensor:
    """Return a block of this kind with 0 samples."""
    leading, dtype, device = kind
    return torch.empty((*leading, 0), dtype=dtype, device=device)


class BlockState(NamedTuple):
    """The state of a stream of one module after a block."""

    block: Any = None  # the state that `forward_block` returned
    kind: Kind = (torch.Size(), torch.float32, torch.device("cpu"))  # of the last block
    start: int = 0  # index of the first sample of the next block, counted from the start of the stream
    controls: Mapping[str, Any] = MappingProxyType({})  # the states of the controls, by name of the parameter
