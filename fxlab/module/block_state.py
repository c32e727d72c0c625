"""`BlockState`: what a stream keeps for one module from one block to the next."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor


class BlockState(NamedTuple):
    """The state of a stream of one module: that of `forward_block`, an empty block, the time, those of the controls."""

    block: Any = None
    last_block: Tensor = torch.empty(0)
    start: int = 0
    controls: Mapping[str, Any] = MappingProxyType({})
