"""`run_comb_bank`: the combs of `comb_bank` by NumPy, whose small operations take less time than PyTorch's."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.denormals import INAUDIBLE

SEGMENT = 1 << 14
"""The number of samples for which the delay lines are laid out at once, so that they stay in the processor's cache."""
SMALLEST_POWER = {torch.float32: 1e-10, torch.float64: 1e-18}
"""A power of the pole below this no longer matters in the dtype of the signal."""


def run_comb_bank(  # noqa: PLR0917
    x: Tensor, lines: Tensor, delays: Tensor, feedback: Tensor, pole: Tensor, weights: Tensor, reach: int
) -> tuple[Tensor, Tensor]:
    """Return the weighted sum of the combs' outputs, and the lines after it; see `comb_bank`.

    `feedback` is the gain of the loop times 1 − pole. In memory each line begins later than the one before by its own
    delay. What is read from all lines at one time is then a rectangle, and needs no copy.
    """
    lead, history, time = lines.shape[:-2], lines.shape[-1], x.shape[-1]
    if not time:
        return x.new_zeros(*lead, 0), lines
    count = lines.shape[-2]
    rows = math.prod(lead) * count

    def per_row(value: Tensor) -> Tensor:
        return value.expand(*lead, count, value.shape[-1]).reshape(rows, -1)

    signal = x[..., None, :].expand(*lead, 1, time).reshape(-1, time).numpy()
    past = np.array(lines.reshape(rows, history).numpy())
    gain, poles, share = (per_row(value.to(x.dtype)).numpy() for value in (feedback, pole, weights))
    offsets = per_row(delays[..., None])[:, 0].tolist()
    factors = [(1 << power, poles ** (1 << power)) for power in range(reach.bit_length())]
    factors = [(step, power) for step, power in factors if power.max(initial=0.0) > SMALLEST_POWER[x.dtype]]
    before = sum(step for step, _ in factors)
    block, share = min(offsets), share.reshape(-1, count)
    out = np.empty((len(signal), time), signal.dtype)
    for start in range(0, time, SEGMENT):
        length = min(SEGMENT, time - start)
        past = _run_segment(
            signal[:, start : start + length], past, offsets, gain, factors, before, share, block, out[:, start:]
        )
        past[np.abs(past) < INAUDIBLE] = 0.0
    return torch.from_numpy(out).reshape(*lead, time), torch.from_numpy(past).reshape(*lead, count, history)


def _run_segment(  # noqa: PLR0917
    signal: np.ndarray,
    past: np.ndarray,
    offsets: list[int],
    gain: np.ndarray,
    factors: list[tuple[int, np.ndarray]],
    before: int,
    share: np.ndarray,
    block: int,
    out: np.ndarray,
) -> np.ndarray:
    """Run all combs on a segment, write their weighted sum into `out`, and return the lines after it."""
    rows, history = past.shape
    length, sounds = signal.shape[1], len(signal)
    pitch = before + length + max(offsets)
    memory = np.zeros(rows * pitch + history, past.dtype)
    # The sample n of the row i is at base[i] + n; what is read for it, n − offsets[i], at i · pitch + before + n.
    bases = [row * pitch + before + offset for row, offset in enumerate(offsets)]
    for row, base in enumerate(bases):
        kept = min(history, offsets[row] + before)
        memory[base - kept : base] = past[row, history - kept :]
    reading = memory[: rows * pitch].reshape(rows, pitch)
    for start in range(0, length, block):
        size = min(block, length - start)
        read = reading[:, start : start + before + size]
        echo = gain * read
        for step, power in factors:
            echo = echo[:, step:] + power * echo[:, :-step]
        heard = read[:, before:].reshape(sounds, -1, size)
        np.einsum("sk,skt->st", share, heard, out=out[:, start : start + size])
        written = echo.reshape(sounds, -1, size)
        written += signal[:, None, start : start + size]
        for samples, base in zip(echo, bases, strict=True):
            memory[base + start : base + start + size] = samples
    after = np.empty_like(past)
    joined = min(length, history)
    for row, base in enumerate(bases):
        after[row, : history - joined] = past[row, joined:]
        after[row, history - joined :] = memory[base + length - joined : base + length]
    return after
