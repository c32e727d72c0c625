"""Collation of Signals by `torch.utils.data.DataLoader`: signals of equal rate and shape become one tensor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from torch import Tensor

from fxlab.errors import SignalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fxlab.signal.signal import Signal


def register_collation(kind: type) -> bool:
    """Register `collate_signals` for `kind` if `torch.utils.data` has been imported; return whether it has been."""
    # fxlab does not import `torch.utils.data` itself, because only training scripts need it.
    if "torch.utils.data" not in sys.modules:
        return False
    from torch.utils.data._utils.collate import default_collate_fn_map

    default_collate_fn_map[kind] = collate_signals
    return True


def collate_signals(batch: Sequence[Signal], *, collate_fn_map: Any = None) -> Tensor:  # noqa: ARG001
    """Return the samples of all signals as one tensor, `(batch, channels, time)`.

    `collate_fn_map`, which PyTorch passes to every such function, is not used.

    Raises:
        SignalError: The signals differ in sample rate, channels, length or dtype.
    """
    from torch.utils.data import default_collate

    first = batch[0]
    for number, signal in enumerate(batch):
        if _kind(signal) == _kind(first):
            continue
        pair = f"a batch of Signals needs equal ones, and signal 0 is {first!r}, signal {number} {signal!r}"
        if signal.sample_rate != first.sample_rate:
            raise SignalError(f"The sample rates differ: {pair}. Resample them in the dataset.")
        if signal.samples.shape != first.samples.shape:
            raise SignalError(
                f"The channels or lengths differ: {pair}. Cut or pad them in the dataset, or give the DataLoader a "
                "collate_fn."
            )
        raise SignalError(f"The dtypes differ: {pair}. Convert them in the dataset with signal.to(dtype).")
    samples: Tensor = default_collate([signal.samples for signal in batch])
    return samples


def _kind(signal: Signal) -> tuple[Any, ...]:
    return signal.sample_rate, signal.samples.shape, signal.dtype
