"""`filter_signal`: filtering with a realization, and the operator `fxlab::filter_signal` that stands for it in a graph.

In eager mode, the signal is filtered in tiles. While PyTorch records a graph, a single custom operator is recorded,
which runs the same code when the graph runs; so the graph does not depend on the length of the signal. Inside the
transforms of `torch.func` and in forward-mode differentiation, plain differentiable operations are used.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import ignore_overflow
from fxlab.engine.recursion.matrices.filter_plan import block_sizes
from fxlab.engine.recursion.realization import Realization, SignalKind, prepare, prepare_cached
from fxlab.engine.recursion.rows.differentiable_filter import differentiable_filter
from fxlab.engine.recursion.rows.filter_rows import FilterRows, filter_rows
from fxlab.engine.recursion.rows.short_signals import filter_short_signal
from fxlab.engine.torch_support.custom_ops import LIBRARY, autograd_in_kernel, move_mapped_dim, register_custom_op
from fxlab.engine.torch_support.precision import disable_autocast, float64_device
from fxlab.engine.torch_support.tracing import is_recorded, is_traced, is_transformed
from fxlab.errors import EngineError

_REALIZATIONS: dict[str, Realization] = {}


def register_realization(realization: Realization) -> Realization:
    """Register and return `realization`; the operator finds it by its name."""
    _REALIZATIONS[realization.name] = realization
    return realization


def filter_signal(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the filtered `x`, `(*batch_shape, time)`, float32 or float64, and the state after `x` in float64.

    The coefficients broadcast to `(*batch_shape, rows, columns)`. `state` is `(*batch_shape, *state_shape)` with
    `realization.state_shape(rows, columns)`; None means zeros.
    """
    if is_recorded() and not is_transformed():
        if state is None:
            shape = (*x.shape[:-1], *realization.state_shape(*coefficients.shape[-2:]))
            state = torch.zeros(shape, dtype=torch.float64, device=float64_device(x.device))
        recorded: tuple[Tensor, Tensor] = FILTER_OP(x, coefficients, state, realization.name)
        return recorded
    if is_traced(x):
        with disable_autocast(x):
            return _filter_transformed(realization, x, coefficients, state)
    return _filter_eager(realization, x, coefficients, state)


def _filter_eager(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the results of `filter_signal`, computed in tiles."""
    with disable_autocast(x), ignore_overflow():
        batch_shape, time = x.shape[:-1], x.shape[-1]
        signal = x.reshape(-1, time)
        if signal.stride(-1) != 1:
            signal = signal.contiguous()
        coefficients = coefficients.to(float64_device(x.device))
        needs_gradient = torch.is_grad_enabled() and (
            x.requires_grad or coefficients.requires_grad or (state is not None and state.requires_grad)
        )
        if needs_gradient and coefficients.requires_grad:
            prepared = prepare(realization, realization.normalize(coefficients), batch_shape, SignalKind.of(x))
        else:
            prepared = prepare_cached(realization, coefficients, batch_shape, SignalKind.of(x))
        rows, plan = signal.shape[0], prepared.plan
        if state is None:
            s = torch.zeros(rows, plan.states, dtype=torch.float64, device=plan.state_device)
        else:
            s = realization.to_internal(state.reshape(rows, *state.shape[len(batch_shape) :]), *prepared.transform)
        if needs_gradient:
            y, s = FilterRows.apply(plan, signal, s, *prepared.space)
        else:
            y, s = filter_rows(plan, signal, s)
        last = realization.to_external(s, *prepared.transform)
        return y.view(*batch_shape, time), last.reshape(*batch_shape, *last.shape[1:])


def _filter_transformed(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the results of `filter_signal`, computed by operations that transforms of `torch.func` support."""
    space, transform = realization.to_state_space(realization.normalize(coefficients))
    n = space.A.shape[-1]
    if state is None:
        s = x.new_zeros(*x.shape[:-1], n, dtype=torch.float64)
    else:
        s = realization.to_internal(state, *transform)
    y, s = differentiable_filter(x, s, space, block_sizes(n, x.shape[-1])[0])
    return y, realization.to_external(s, *transform)


# -- the operator of a recorded graph ---------------------------------------------------------------------------------


def _run_operator(x: Tensor, coefficients: Tensor, state: Tensor, realization: str) -> tuple[Tensor, Tensor]:
    kind = _REALIZATIONS[realization]
    return filter_short_signal(kind, x, coefficients, state) or _filter_eager(kind, x, coefficients, state)


def _fake_outputs(x: Tensor, coefficients: Tensor, state: Tensor, realization: str) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    return x.new_empty(x.shape), torch.empty_like(state, memory_format=torch.contiguous_format)


def _run_backward_operator(  # noqa: PLR0917
    gy: Tensor, gs: Tensor, x: Tensor, coefficients: Tensor, state: Tensor, realization: str, all_gradients: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients for the signal, the coefficients (zeros if `all_gradients` is false) and the first state.

    `gy` and `gs` are the gradients for the output and for the last state.
    """
    with disable_autocast(x), autograd_in_kernel():
        x, state = (value.detach().requires_grad_() for value in (x, state))
        coefficients = coefficients.detach().requires_grad_(all_gradients)
        outputs = _filter_eager(_REALIZATIONS[realization], x, coefficients, state)
        if all_gradients:
            grad_x, grad_coefficients, grad_state = torch.autograd.grad(outputs, (x, coefficients, state), (gy, gs))
            return grad_x, grad_coefficients, grad_state
        grad_x, grad_state = torch.autograd.grad(outputs, (x, state), (gy, gs))
    return grad_x, torch.zeros_like(coefficients), grad_state


def _fake_gradients(  # noqa: PLR0917
    gy: Tensor,  # noqa: ARG001
    gs: Tensor,  # noqa: ARG001
    x: Tensor,
    coefficients: Tensor,
    state: Tensor,
    realization: str,  # noqa: ARG001
    all_gradients: bool,  # noqa: ARG001
) -> tuple[Tensor, Tensor, Tensor]:
    return x.new_empty(x.shape), coefficients.new_empty(coefficients.shape), state.new_empty(state.shape)


FILTER_OP = register_custom_op(
    "filter_signal(Tensor x, Tensor coefficients, Tensor state, str realization) -> (Tensor, Tensor)",
    _run_operator,
    _fake_outputs,
)
BACKWARD_OP = register_custom_op(
    "filter_signal_backward(Tensor gy, Tensor gs, Tensor x, Tensor coefficients, Tensor state, str realization, "
    "bool all_gradients) -> (Tensor, Tensor, Tensor)",
    _run_backward_operator,
    _fake_gradients,
)


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:  # noqa: ARG001
    *tensors, ctx.realization = inputs
    ctx.save_for_backward(*tensors)


def _backward(ctx: Any, gy: Tensor, gs: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
    grad_x, grad_coefficients, grad_state = BACKWARD_OP(
        gy, gs, *ctx.saved_tensors, ctx.realization, ctx.needs_input_grad[1]
    )
    return grad_x, grad_coefficients if ctx.needs_input_grad[1] else None, grad_state, None


def _raise_for_second_derivative(ctx: Any, *grads: Tensor) -> None:  # noqa: ARG001
    raise EngineError(
        "a recorded graph (torch.compile, torch.export, torch.jit.trace) has no second derivatives of recursive "
        "filters; compute them without recording, or inside the recorded function with torch.func"
    )


def _vmap(  # noqa: PLR0917
    info: Any, in_dims: tuple[int | None, ...], x: Tensor, coefficients: Tensor, state: Tensor, realization: str
) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    """Return the results of `FILTER_OP` with the mapped dimension first, and the position of this dimension in each."""
    x, coefficients, state = _move_mapped_dims(info.batch_size, in_dims, x, coefficients, state)
    return FILTER_OP(x, coefficients, state, realization), (0, 0)


def _vmap_backward(info: Any, in_dims: tuple[int | None, ...], *inputs: Any) -> tuple[Any, tuple[int, int, int]]:
    *tensors, realization, all_gradients = inputs
    gy, gs = (move_mapped_dim(g, dim, info.batch_size) for g, dim in zip(tensors[:2], in_dims, strict=False))
    x, coefficients, state = _move_mapped_dims(info.batch_size, in_dims[2:], *tensors[2:])
    grad_x, grad_c, grad_state = BACKWARD_OP(gy, gs, x, coefficients, state, realization, all_gradients)
    own_dims = tensors[3].ndim - (in_dims[3] is not None)
    aligned = range(1, grad_c.ndim - own_dims)  # dimensions of size 1 that `_move_mapped_dims` inserted
    return (grad_x, grad_c.squeeze(tuple(aligned)), grad_state), (0, 0, 0)


def _move_mapped_dims(
    size: int, dims: tuple[int | None, ...], x: Tensor, coefficients: Tensor, state: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the tensors with the mapped dimension, of length `size`, first.

    Dimensions of size 1 are inserted into `coefficients`, so that they still broadcast with `x`.
    """
    moved = zip((x, coefficients, state), dims, strict=False)
    x, coefficients, state = (move_mapped_dim(value, dim, size) for value, dim in moved)
    missing = x.ndim + 1 - coefficients.ndim
    coefficients = coefficients.reshape(size, *(1,) * missing, *coefficients.shape[1:])
    return x, coefficients, state


torch.library.register_autograd("fxlab::filter_signal", _backward, setup_context=_setup_context, lib=LIBRARY)
torch.library.register_autograd("fxlab::filter_signal_backward", _raise_for_second_derivative, lib=LIBRARY)
torch.library.register_vmap("fxlab::filter_signal", _vmap, lib=LIBRARY)
torch.library.register_vmap("fxlab::filter_signal_backward", _vmap_backward, lib=LIBRARY)
