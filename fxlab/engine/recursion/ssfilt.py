"""`ssfilt`: filter a signal with a linear state space, for filters whose state has a physical meaning."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.filter_signal import filter_signal, register_realization
from fxlab.engine.recursion.initial_state import initial_state
from fxlab.engine.recursion.matrices.array_library import Array
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.recursion.realization import Realization
from fxlab.engine.recursion.system_arguments import broadcast_system_batch, check_system, split_system
from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.tensor_checks import check_signal


def ssfilt(x: Tensor, system: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension with `s[k+1] = A s[k] + B x[k]`, `y[k] = C s[k] + D x[k]`.

    As in `sosfilt`, the result is exact up to rounding and differentiable with respect to all three arguments. The
    state is that of the given system, in float64, so another system whose state has the same meaning can continue from
    it.

    Shape:
        x: `(..., time)`, float64, float32, or bfloat16 and float16, which are computed in float32.
        system: `(..., n + 1, n + 1)`, the block matrix `[[A, B], [C, D]]`; its leading dimensions broadcast with
            those of `x`.
        state: `(..., n)`; None means zeros.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: A shape, dtype or device is wrong, or a matrix is not finite.

    >>> delay = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    >>> ssfilt(torch.tensor([1.0, 2.0, 3.0]), delay)[0]
    tensor([0., 1., 2.])
    """
    caller = "ssfilt"
    check_signal(caller, x)
    check_system(caller, system, x, frames=False)
    batch_shape = broadcast_system_batch(caller, x, system, frames=False)
    first = initial_state(caller, state, batch_shape, system.shape[-1] - 1, x, " and system")
    signal = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*batch_shape, x.shape[-1])
    if signal.numel() == 0:
        return signal.to(x.dtype).clone(), first.clone()
    y, last = filter_signal(SYSTEM, signal, system, None if state is None else first)
    return y.to(x.dtype), last


def _to_float64(system: Array) -> Array:
    if isinstance(system, Tensor):
        return system.to(float64_device(system.device), torch.float64)
    return np.array(system, np.float64)


def _to_state_space(system: Array) -> tuple[StateSpace, tuple[Array, ...]]:
    return split_system(system), ()


def _identity(state: Tensor) -> Tensor:
    return state


SYSTEM = register_realization(
    Realization("system", _to_float64, _to_state_space, _identity, _identity, lambda rows, _: (rows - 1,))
)
