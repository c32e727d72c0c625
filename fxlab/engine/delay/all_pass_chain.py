"""`all_pass_chain`: Schroeder's all-passes in series, with separate delays for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay import line_script
from fxlab.engine.delay.feedback_delay import schroeder_allpass
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

SEGMENT = 1 << 15
"""The number of samples that pass through all stages at once, so that they stay in the processor's cache."""

_run_all_passes = script_function(line_script, "run_all_passes")


def all_pass_chain(
    x: Tensor, delays: Sequence[Sequence[int]], gain: float, lines: Sequence[Tensor] | None = None
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return the output of `schroeder_allpass` stages in series, and the delay line of each stage after the input.

    On a CPU, if no derivative is needed, the output is computed in the dtype of `x`, otherwise as in
    `schroeder_allpass`.

    Args:
        x: The input, `(..., channels, time)`.
        delays: A sequence for each stage, with the delay of each channel in samples.
        gain: The gain of all stages, between −1 and 1.
        lines: The delay line of each stage, as returned by the previous call, `(..., channels, longest delay of the
            stage)`; None stands for silence.

    Returns:
        The output, with the shape of `x`, and the delay lines after its last sample, in float64 (float32 on MPS).

    >>> y, _ = all_pass_chain(torch.tensor([[1.0, 0.0, 0.0, 0.0, 0.0]]), [[2]], 0.5)
    >>> y
    tensor([[-0.5000,  0.0000,  0.7500,  0.0000,  0.3750]])
    """
    if not x.is_cpu or needs_derivative(x, *(lines or ())):
        return run_stages(x, delays, gain, lines)
    lead, time, channels = x.shape[:-1], x.shape[-1], x.shape[-2]
    signal = x.reshape(prod(lead), time)
    out = torch.empty_like(signal)
    new = [torch.zeros(len(signal), max(samples), dtype=widest_dtype(x)) for samples in delays]
    if lines is not None:
        for line, before in zip(new, lines, strict=True):
            line.copy_(before.reshape(line.shape))

    def run(row: int) -> None:
        own = [samples[row % channels] for samples in delays]
        past = [line[row, -delay:].to(x.dtype) for line, delay in zip(new, own, strict=True)]
        for line, delay, last in zip(
            new, own, _run_all_passes(signal[row], past, own, gain, SEGMENT, out[row]), strict=True
        ):
            line[row, -delay:] = last

    run_parts(run, range(len(signal)), max_workers())
    return out.reshape(x.shape), tuple(line.reshape(*lead, line.shape[-1]) for line in new)


def run_stages(
    x: Tensor, delays: Sequence[Sequence[int]], gain: float, lines: Sequence[Tensor] | None = None
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return the results of `all_pass_chain`, computed by operations that each have a derivative.

    >>> run_stages(torch.tensor([[1.0, 0.0, 0.0]]), [[1], [2]], 0.5)[0]
    tensor([[ 0.2500, -0.3750, -0.5625]])
    """
    after = []
    for stage, samples in enumerate(delays):
        delay = samples[0] if len(samples) == 1 else samples
        x, line = schroeder_allpass(x, delay, gain, None if lines is None else lines[stage])
        after.append(line)
    return x, tuple(after)
