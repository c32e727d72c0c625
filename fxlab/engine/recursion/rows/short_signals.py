"""Filtering of short signals on the CPU with a few NumPy products, as for the blocks of a stream.

For a block of a stream, most of the time would be spent in function calls. There are therefore no groups or tiles here,
and few products compute the states before the blocks, the outputs and the last state, in float64. `medium_signals`
filters longer signals, in float32. All other cases (gradients, several filters, other devices) are left to the general
method, `filter_signal`.
"""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import ignore_overflow
from fxlab.engine.recursion.matrices.block_matrices import block_matrices, transition_matrix
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.recursion.realization import Realization
from fxlab.engine.recursion.rows.medium_signals import MAX_TIME as MAX_MEDIUM_TIME
from fxlab.engine.recursion.rows.medium_signals import MediumFilter
from fxlab.engine.recursion.rows.scan_arrays import BlockLevels, product, scan_arrays
from fxlab.engine.torch_support.buffer_pool import MIN_BYTES, allocate_like
from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.tracing import is_recorded, is_transformed
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

MAX_TIME = 1 << 13  # samples of a row, independent of the number of rows, so that equal rows have equal outputs
MAX_STATES = 64
PART = 1 << 16  # samples that are filtered at once in float64
MEDIUM_PART = 1 << 18  # the same in float32, where the calls for a part take as long as 50,000 samples
MIN_SAMPLES_PER_WORKER = 1 << 17  # in float32; with fewer, waking another thread costs more than it saves
MAX_ENDINGS = 8  # the number of lengths of a last block whose matrices are kept
MAX_COEFFICIENT_BYTES = 1 << 12  # the largest size of the coefficients of one filter
FLOAT64 = np.dtype(np.float64).str


class ShortCoefficients(NamedTuple):
    """The coefficients of one filter, `(rows, columns)`, stored by value, with methods for short signals."""

    realization: Realization
    data: bytes
    dtype: str
    shape: tuple[int, ...]
    state_shape: tuple[int, ...]
    states: int

    @classmethod
    def of(cls, realization: Realization, coefficients: Tensor) -> ShortCoefficients | None:
        """Return the coefficients by value, or None if only `filter_signal` can filter with them.

        The coefficients must be those of one filter with 1 to `MAX_STATES` states, in a tensor that NumPy can read and
        that has at most `MAX_COEFFICIENT_BYTES` bytes, and `realization.short` must be true.
        """
        if not (realization.short and coefficients.dim() == 2 and may_use_numpy(coefficients)):
            return None
        values = coefficients.numpy()
        state_shape = realization.state_shape(*values.shape)
        states = prod(state_shape)
        if not 0 < states <= MAX_STATES or values.nbytes > MAX_COEFFICIENT_BYTES:
            return None
        return cls(realization, values.tobytes(), values.dtype.str, values.shape, state_shape, states)

    def filter(self, x: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor] | None:
        """Return the filtered `x` `(*batch_shape, time)` and the state after it, or None if `filter_signal` is needed.

        `filter_signal` is needed for signals that are empty, too long, not on the CPU, recorded or transformed by
        PyTorch or with gradients, for dtypes and state shapes that this method does not support, and if the sum of the
        squares of the last state is not finite. So `x` and `state` need not be checked before the call.
        """
        given = (x,) if state is None else (x, state)
        if is_recorded() or is_transformed() or not may_use_numpy(*given):
            return None
        is_float32, shape = x.dtype is torch.float32, x.shape
        if not shape or not 0 < (time := shape[-1]) <= (MAX_MEDIUM_TIME if is_float32 else MAX_TIME):
            return None
        after_shape = (*shape[:-1], *self.state_shape)
        if not (state is None or (state.shape == after_shape and state.dtype is torch.float64)):
            return None
        rows, samples = x.numel() // time, x.numpy()
        if not rows or not (is_float32 or self.dtype == FLOAT64):
            return None
        flat = samples.reshape(rows, time)
        first = np.zeros((rows, 1, self.states)) if state is None else state.numpy().reshape(rows, 1, self.states)
        with ignore_overflow():
            if time > MAX_TIME:
                medium = _medium_filter(self.realization, self.data, self.dtype, self.shape)
                output, last = _filter_medium(medium, flat, first)
            elif rows * time <= PART:
                short = self._short(time)
                y, last = short.filter(flat, first)
                output = y.astype(samples.dtype, copy=False)
            else:
                output, last = _filter_parts(self._short(time), flat, first)
            if not isfinite(np.vdot(last, last)):  # takes half as long as a sum
                return None
        return torch.from_numpy(output.reshape(shape)), torch.from_numpy(last.reshape(after_shape))

    def _short(self, time: int) -> ShortFilter:
        return _short_filter(self.realization, self.data, self.dtype, self.shape, 64 < time <= 128)


def filter_short_signal(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor] | None:
    """Return `ShortCoefficients.filter` of `coefficients`, `x` and `state`, or None if `filter_signal` is needed.

    The arguments need not be checked before the call.
    """
    if is_recorded() or is_transformed() or not (isinstance(x, Tensor) and isinstance(coefficients, Tensor)):
        return None
    if x.dim() == 0 or x.shape[-1] > MAX_MEDIUM_TIME:
        return None
    short = ShortCoefficients.of(realization, coefficients)
    return None if short is None else short.filter(x, state)


def _filter_parts(short: ShortFilter, x: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `short.filter(x, s)` in the dtype of `x`, computed on several threads, each for some rows at a time."""
    output, last = np.empty_like(x), np.empty_like(s)

    def filter_part(part: slice) -> None:
        with ignore_overflow():
            output[part], last[part] = short.filter(x[part], s[part])

    at_once = max(1, PART // x.shape[1])
    slices = [slice(start, start + at_once) for start in range(0, len(x), at_once)]
    run_parts(filter_part, slices, max_workers())
    return output, last


def _filter_medium(medium: MediumFilter, x: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the output for `x` `(rows, time)` and the last state, computed on one or several threads."""
    output = np.empty_like(x) if x.nbytes < MIN_BYTES else allocate_like(torch.from_numpy(x)).numpy()
    workers = min(max_workers(), max(1, x.size // MIN_SAMPLES_PER_WORKER))
    at_once = max(1, min(MEDIUM_PART // x.shape[1], -(-len(x) // workers)))
    if at_once >= len(x):
        with SingleThread():
            return output, medium.filter(x, s, output)
    last = np.empty_like(s)

    def filter_part(part: slice) -> None:
        with ignore_overflow():
            last[part] = medium.filter(x[part], s[part], output[part])

    run_parts(filter_part, [slice(start, start + at_once) for start in range(0, len(x), at_once)], workers)
    return output, last


class ShortFilter(BlockLevels):
    """The matrices of one filter for short signals, in blocks of `length` samples.

    Args:
        space: The filter's state space.
        to_internal: The matrix from the caller's states to those of the state space, `(n, n)`.
        to_external: The inverse of `to_internal`.
        long_block: Whether blocks have 128 samples for any number of states, which is faster only for a signal of a
            single block. Otherwise they have 64 samples, or 128 for more than 24 states.
    """

    def __init__(self, space: StateSpace, to_internal: np.ndarray, to_external: np.ndarray, long_block: bool) -> None:
        self.length = 128 if long_block or space.A.shape[-1] > 24 else 64
        self.to_internal, self.to_external = to_internal, to_external
        self.block = block_matrices(space, self.length)
        super().__init__(self.block.squares[-1])
        self.reach = self.block.R.T.copy()
        self._endings: dict[tuple[int, bool], tuple[np.ndarray, np.ndarray]] = {}

    def filter(self, x: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the filtered `x` `(rows, time)`, in float64, and the last state, given the first state `s`.

        The states are those of the caller, `(rows, 1, n)`.
        """
        rows, time = x.shape
        length, n = self.length, self.states
        blocks = -(-time // length)  # the last one may be partial
        inputs = np.empty((rows, blocks, length + n))  # each block's samples, and the state before it
        samples, states = inputs[..., :length], inputs[..., length:]
        if time == blocks * length:
            samples[...] = x.reshape(rows, blocks, length)
        else:
            padded = np.zeros((rows, blocks * length))
            padded[:, :time] = x
            samples[...] = padded.reshape(rows, blocks, length)
        output, after = self._ending(time - (blocks - 1) * length, blocks == 1)
        if blocks == 1:
            states[...] = s  # as the caller's; `output` and `after` convert it
        else:
            states[...] = scan_arrays(self, 1, product(samples, self.reach), s @ self.to_internal.T)
        y = product(inputs, output).reshape(rows, -1)
        return y[:, :time], inputs[:, -1:] @ after

    def _ending(self, last: int, alone: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices from the samples and the first state of a block to its output and to the state after it.

        The second matrix is only for the last block of the signal.

        Args:
            last: The number of samples in the last block.
            alone: Whether the signal has only one block, so that its first state is that of the caller.
        """
        found = self._endings.get((last, alone))
        if found is None:
            n, length = self.states, self.length
            first = self.to_internal if alone else np.eye(n)
            output, after = np.zeros((length + n, length)), np.zeros((length + n, n))
            output[:length], output[length:] = self.block.H.T, (self.block.O @ first).T
            after[:last] = (self.to_external @ self.block.R[:, length - last :]).T
            after[length:] = (self.to_external @ transition_matrix(self.block, last) @ first).T
            found = output, after
            if len(self._endings) >= MAX_ENDINGS:
                self._endings.clear()
            self._endings[last, alone] = found
        return found


@lru_cache(maxsize=64)
def _short_filter(
    realization: Realization, data: bytes, dtype: str, shape: tuple[int, ...], long_block: bool
) -> ShortFilter:
    """Return the matrices of a filter, cached by the values of its coefficients.

    So a change of the coefficients in place has an effect.
    """
    return ShortFilter(*_state_space(realization, np.frombuffer(data, dtype).reshape(shape)), long_block)


@lru_cache(maxsize=64)
def _medium_filter(realization: Realization, data: bytes, dtype: str, shape: tuple[int, ...]) -> MediumFilter:
    """Return the matrices of a filter for signals of medium length, cached by the values of its coefficients."""
    return MediumFilter(*_state_space(realization, np.frombuffer(data, dtype).reshape(shape)))


def _state_space(realization: Realization, coefficients: np.ndarray) -> tuple[StateSpace, np.ndarray, np.ndarray]:
    """Return the state space of a filter, the matrix from the caller's states to its states, and the inverse matrix."""
    space, transform = realization.to_state_space(realization.normalize(coefficients))
    with torch.inference_mode(False):
        tensors = [torch.as_tensor(part) for part in transform]
        state_shape = realization.state_shape(*coefficients.shape)
        n = prod(state_shape)
        unit_states = torch.eye(n, dtype=torch.float64)
        to_internal = realization.to_internal(unit_states.view(n, *state_shape), *tensors).numpy().T
        to_external = realization.to_external(unit_states, *tensors).reshape(n, n).numpy().T
    return space, to_internal.copy(), to_external.copy()
