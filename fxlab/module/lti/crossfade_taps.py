"""`crossfade_taps`: filtering with a finite impulse response whose taps change over time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.module.parameters.moving_values import MovingValues

MIN_STEP = 256
"""The shortest time from one design to the next in samples; each design requires an FFT of its taps."""


def step_length(count: int, hop: int) -> int:
    """Return the number of samples from one design to the next, a multiple of `hop`, for `count` taps."""
    return -(-max(MIN_STEP, count // 2) // hop) * hop


def crossfade_taps(
    x: Tensor, past: Tensor | None, moving: MovingValues, design: Callable[[dict[str, Tensor]], Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the block `x`, filtered with a linear crossfade from the taps of one step to those of the next.

    Within a step the output is the crossfade of the outputs of two constant filters, so it has no clicks. The steps
    begin at multiples of their length since the start of the sound. If a control follows the input, the crossfades are
    one step late, because its values at the end of a step are not known in advance.

    Args:
        x: The block, `(..., channels, time)`.
        past: The last `taps - 1` input samples, `(..., channels, taps - 1)`; None at the first block.
        moving: The values of the parameters over time.
        design: A function that returns the taps `(..., steps, taps)` for the values of the parameters at all steps.

    Returns:
        The output, `(..., channels, time)`, and the last `taps - 1` input samples.
    """
    time = x.shape[-1]
    # One design gives the number of taps, on which the length of a step depends.
    count = design(moving.values_at(torch.zeros(1, dtype=torch.long, device=x.device))).shape[-1]
    step = step_length(count, moving.hop)
    before = x.new_zeros(*x.shape[:-1], count - 1) if past is None else past
    inputs = torch.cat([before, x], -1)
    after = inputs[..., inputs.shape[-1] - (count - 1) :]
    if not time:
        return x.clone(), after
    offset = moving.start % step
    steps = -(-(offset + time) // step)
    # A control that follows the input is not known in advance: its crossfades are one step late.
    delay = step if moving.follows_input else 0
    places = torch.arange(steps + 1, device=x.device) * step - offset - delay
    taps = design(moving.values_at(places))
    padded = torch.nn.functional.pad(inputs, (offset, steps * step - offset - time))
    length = step + count - 1
    size = 1 << (length - 1).bit_length()
    work = torch.promote_types(x.dtype, torch.float32)
    segments = torch.fft.rfft(padded.to(work).unfold(-1, length, step), size)
    spectra = torch.fft.rfft(taps.to(x.device, work), size)
    first, second = (
        torch.fft.irfft(segments * part, size)[..., count - 1 : length]
        for part in (spectra[..., :-1, :], spectra[..., 1:, :])
    )
    weight = torch.arange(step, device=x.device, dtype=work) / step
    y = torch.lerp(first, second, weight).flatten(-2)
    return y[..., offset : offset + time].to(x.dtype), after
