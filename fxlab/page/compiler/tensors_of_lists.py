"""`tensor_of_list`: the tensor that `torch.tensor` makes from a list that contains recorded numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from fxlab.page.compiler.clock import Position

Recorded = Callable[[Any], bool]

MAKERS = ("tensor", "as_tensor", "asarray", "new_tensor")
"""The names of the functions that read the numbers of a list without PyTorch's dispatcher."""


def list_of_numbers(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], is_recorded: Recorded) -> Any:
    """Return the list from which the function `name` makes a tensor, if it contains a recorded number, else None.

    A `Position` counts as recorded, and so does a tensor for which `is_recorded` is true. Lists may be nested.
    """
    if name not in MAKERS:
        return None
    place = 1 if name == "new_tensor" else 0
    data = args[place] if len(args) > place else kwargs.get("data", kwargs.get("obj"))
    return data if isinstance(data, (list, tuple)) and _holds_recorded(data, is_recorded) else None


def tensor_of_list(name: str, data: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """Return the result of the function `name` with the arguments `args` and `kwargs`, one of which is the list `data`.

    The original function would silently use the values of the trace as constants; here the numbers are stacked.
    """
    leaves = _leaves(data)
    dtype = kwargs.get("dtype")
    if dtype is None and name == "new_tensor":
        dtype = args[0].dtype
    dtype = dtype or functools.reduce(torch.promote_types, (leaf.dtype for leaf in leaves))
    return _stacked(data, iter(leaves)).to(device=kwargs.get("device"), dtype=dtype)


def _holds_recorded(data: Any, is_recorded: Recorded) -> bool:
    if isinstance(data, (list, tuple)):
        return any(_holds_recorded(part, is_recorded) for part in data)
    return isinstance(data, Position) or is_recorded(data)


def _leaves(data: Any) -> list[Tensor]:
    if isinstance(data, (list, tuple)):
        return [leaf for part in data for leaf in _leaves(part)]
    return [data.tensor() if isinstance(data, Position) else torch.as_tensor(data)]


def _stacked(data: Any, leaves: Iterator[Tensor]) -> Tensor:
    if isinstance(data, (list, tuple)):
        return torch.stack([_stacked(part, leaves) for part in data])
    return next(leaves)
