"""`BlockState`: the state that a stream keeps for one module from one block to the next, and copies of states."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
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
    """Return a block with 0 samples of the given leading shape, dtype and device."""
    leading, dtype, device = kind
    return torch.empty((*leading, 0), dtype=dtype, device=device)


class BlockState(NamedTuple):
    """The state of a stream of one module after a block."""

    block: Any = None  # the state that `forward_block` returned
    kind: Kind = (torch.Size(), torch.float32, torch.device("cpu"))  # of the last block
    start: int = 0  # index of the first sample of the next block, counted from the start of the sound
    controls: Mapping[str, Any] = MappingProxyType({})  # the states of the controls, by name of the parameter


def copy_state(state: Any) -> Any:
    """Return a copy of `state`, the state of a stream; further blocks of that stream do not change the copy.

    A state with a method `copied` is copied by that method. Modules in a state are not copied, because both streams
    run them.
    """
    if isinstance(state, Tensor):
        return state.clone()  # a module may write into its state
    if hasattr(state, "copied"):
        return state.copied()
    if isinstance(state, MutableMapping):
        copied = copy.copy(state)  # of the same type, such as defaultdict
        copied.update({key: copy_state(value) for key, value in state.items()})
        return copied
    if isinstance(state, Mapping):
        return {key: copy_state(value) for key, value in state.items()}
    if isinstance(state, (tuple, list)):
        parts = map(copy_state, state)
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return state if isinstance(state, torch.nn.Module) else copy.deepcopy(state)


def state_bytes(state: Any) -> int:
    """Return the size in bytes of a state, which is a tensor or contains tensors in mappings, tuples and lists.

    Tensors in other objects, such as a convolver, are not counted.
    """
    if isinstance(state, Tensor):
        return state.numel() * state.element_size()
    parts = state.values() if isinstance(state, Mapping) else state if isinstance(state, (tuple, list)) else ()
    return sum(map(state_bytes, parts))
