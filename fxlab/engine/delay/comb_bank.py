"""`comb_bank`: parallel feedback combs of different delays, each with a one-pole low-pass in its loop."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay import line_script
from fxlab.engine.delay.damped_recurrence import NEGLIGIBLE
from fxlab.engine.torch_support.denormals import flush_denormals
from fxlab.engine.torch_support.known_values import unwrap_transforms
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.single_thread import single_threaded
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import EngineError

SEGMENT = 1 << 15
"""The number of samples for which the delay lines are laid out at once, so that they stay in the processor's cache."""
SMALLEST_POWER = {torch.float32: 1e-10, torch.float64: 1e-18}
"""The power of the pole below which a factor of the low-pass is negligible, for each dtype of the signal."""
MAX_REACH = 1 << 24
LARGEST_POLE = NEGLIGIBLE ** (1 / MAX_REACH)
"""The largest magnitude of a pole: the response of its low-pass is negligible after `MAX_REACH` samples."""
SMALLEST_POLE = 0.05  # assumed where a derivative for the pole may be needed, which is not 0 for a pole of 0


def low_pass_reach(pole: Tensor) -> int:
    """Return the number of past inputs on which the output of a one-pole low-pass depends in float64: 2^k - 1.

    `pole` are the poles of one or more low-passes, with magnitudes of at most `LARGEST_POLE`. The result is for the
    largest magnitude, or for `SMALLEST_POLE` if all are smaller and a derivative may be needed.

    Raises:
        EngineError: The magnitude of a pole is larger than `LARGEST_POLE`.
    """
    largest = float(unwrap_transforms(pole).detach().abs().max())
    if largest > LARGEST_POLE:
        raise EngineError(
            f"comb_bank: the magnitude of a pole is {largest:.9g}; it must be at most {LARGEST_POLE:.9g}, so that the "
            "low-pass decays: lower the damping"
        )
    if needs_derivative(pole):
        largest = max(largest, SMALLEST_POLE)
    reach = 1
    while largest**reach > NEGLIGIBLE:
        reach *= 2
    return reach - 1


def comb_bank(  # noqa: PLR0917
    x: Tensor, lines: Tensor, delays: Tensor, gain: Tensor, pole: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the weighted sum of the outputs of parallel combs for the same input, and the delay lines after it.

    Each comb is w[n] = x[n] + e[n] with e[n] = pole e[n - 1] + (1 - pole) gain w[n - delay], and its output
    is w[n - delay]. The low-pass with the pole p is applied as a product of sparse polynomials,
    (1 + p z^-1) (1 + p^2 z^-2) (1 + p^4 z^-4) …, without the factors that are negligible.

    Shape:
        x: `(..., time)`. lines: `(..., combs, history)`, the last samples of w before the input, newest last, at least
        the longest delay plus `low_pass_reach(pole)` of them. delays: `(..., combs)`, int64. gain, pole and weights
        broadcast to `(..., combs, 1)`; the pole must be the same for all combs of a row, and at most `LARGEST_POLE` in
        magnitude. Returns `(..., time)`, and the new lines in the shape of `lines`.

    Source:
        J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979.

    >>> x, one = torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), torch.ones(2, 1)
    >>> comb_bank(x, torch.zeros(2, 3), torch.tensor([2, 3]), 0.5 * one, 0 * one, one)[0]
    tensor([0.0000, 0.0000, 1.0000, 1.0000, 0.5000])
    """
    if x.is_cpu and not needs_derivative(x, lines, gain, pole, weights):
        return _run_rows(x, lines, delays, gain * (1 - pole), pole, weights)
    return _run_differentiably(x, lines, delays, gain, pole, weights)


@single_threaded
def _run_differentiably(  # noqa: PLR0917
    x: Tensor, lines: Tensor, delays: Tensor, gain: Tensor, pole: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the results of `comb_bank`, computed by operations that each have a derivative."""
    reach, history, time = low_pass_reach(pole), lines.shape[-1], x.shape[-1]
    block = int(delays.min())
    feedback = gain * (1 - pole)
    factors = [(1 << power, pole ** (1 << power)) for power in range(reach.bit_length())]
    index = history - reach - delays[..., None] + torch.arange(block + reach, device=x.device)
    lead = broadcast_shapes(lines.shape[:-1], tuple(index.shape[:-1]))
    index = index.expand(*lead, index.shape[-1])
    signal, outputs = x[..., None, :], [x.new_zeros((*lead[:-1], 0))]
    for start in range(0, time, block):
        count = min(block, time - start)
        read = lines.gather(-1, index[..., : count + reach])
        echo = feedback * read
        for step, power in factors:
            echo = torch.addcmul(echo[..., step:], power, echo[..., :-step])
        written = flush_denormals(signal[..., start : start + count] + echo)
        lines = torch.cat([lines[..., count:], written], -1)
        outputs.append((weights * read[..., reach:]).sum(-2))
    return torch.cat(outputs, -1), lines


_run_combs = script_function(line_script, "run_combs")


def _run_rows(  # noqa: PLR0917
    x: Tensor, lines: Tensor, delays: Tensor, feedback: Tensor, pole: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the results of `comb_bank`, computed row by row; `feedback` is the gain of the loop times 1 − pole."""
    lead, count, time = lines.shape[:-2], lines.shape[-2], x.shape[-1]
    rows = prod(lead)

    def per_row(value: Tensor) -> Tensor:
        return value.expand(*lead, count, value.shape[-1]).reshape(rows, count, value.shape[-1])

    signal = x.expand(*lead, time).reshape(rows, time)
    past = per_row(lines)
    gains, offsets = (per_row(value)[..., 0].tolist() for value in (feedback, delays[..., None]))
    poles, shares = per_row(pole)[..., 0], per_row(weights.to(x.dtype))[..., 0]
    out, after = torch.empty_like(signal), torch.empty_like(past)

    def run(row: int) -> None:
        p, steps = float(poles[row, 0]), [1]
        while abs(p) ** (2 * steps[-1]) > SMALLEST_POWER[x.dtype]:
            steps.append(2 * steps[-1])
        powers = [p**step for step in steps]
        after[row] = _run_combs(
            signal[row], past[row], offsets[row], gains[row], steps, powers, shares[row], SEGMENT, out[row]
        )

    run_parts(run, range(rows), max_workers())
    return out.reshape(*lead, time), after.reshape(*lead, count, after.shape[-1])
