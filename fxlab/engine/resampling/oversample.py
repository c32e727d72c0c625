"""`upsample` and `downsample`: conversion of a signal to an integer multiple of its sample rate and back."""

from __future__ import annotations

from math import ceil

from torch import Tensor

from fxlab.engine.resampling.conversion import convert_stage, stages
from fxlab.engine.resampling.nyquist_taps import half_length, stage_factors
from fxlab.engine.torch_support.tensor_checks import check_count, check_signal
from fxlab.errors import EngineError


def upsample(x: Tensor, factor: int) -> Tensor:
    """Return the signal at `factor` times its sample rate; sample `factor * n` is input sample n.

    The signal is zero beyond its ends, and the filters have linear phase and no latency. Up to 0.45 times the lower
    sample rate (20 kHz at 44.1 kHz) the response is flat, and the images above 0.55 times that rate are attenuated by
    at least 99 dB. For each factor of 2 there is a half-band filter, and for the odd remainder one more filter. With a
    factor of 1 the result is `x` itself.

    Shape:
        x: `(..., time)`, float32 or float64; factor: a positive integer. Returns `(..., factor * time)`.

    Raises:
        EngineError: `factor` is not an integer of at least 1, or `x` is not a real floating-point tensor.

    Source:
        R. E. Crochiere, L. R. Rabiner, Multirate Digital Signal Processing, 1983: polyphase interpolators in stages.

    >>> import torch
    >>> upsample(torch.ones(200), 2)[150:154].round(decimals=6)
    tensor([1., 1., 1., 1.])
    """
    check_signal("upsample", x)
    check_count("upsample", "factor", factor)
    for stage in stages(factor):
        x = convert_stage(x, stage, raises=True)
    return x


def downsample(x: Tensor, factor: int) -> Tensor:
    """Return the signal at its sample rate divided by `factor`, filtered with the filters of `upsample`.

    With a factor of 1 the result is `x` itself.

    Shape:
        x: `(..., factor * time)`, float32 or float64; factor: a positive integer. Returns `(..., time)`.

    Raises:
        EngineError: `factor` is not an integer of at least 1, `x` is not a real floating-point tensor, or its length is
            not a multiple of `factor`.

    >>> import torch
    >>> downsample(torch.ones(400), 2)[75:78].round(decimals=6)
    tensor([1., 1., 1.])
    """
    check_signal("downsample", x)
    check_count("downsample", "factor", factor)
    if x.shape[-1] % factor:
        raise EngineError(
            f"downsample: x has {x.shape[-1]} samples; the length must be a multiple of the factor {factor}: cut x, or "
            "pad it with zeros"
        )
    for stage in reversed(stages(factor)):
        x = convert_stage(x, stage, raises=False)
    return x


def oversampling_reach(factor: int) -> int:
    """Return how many samples away, at most, an input sample has an effect through `upsample` and then `downsample`.

    The samples are counted at the lower rate.

    Raises:
        EngineError: `factor` is not an integer of at least 1.

    >>> oversampling_reach(1), oversampling_reach(2), oversampling_reach(8)
    (0, 70, 82)
    """
    check_count("oversampling_reach", "factor", factor)
    reach, multiple = 0.0, 1
    for stage in stage_factors(factor):
        reach += 2 * half_length(multiple) / multiple
        multiple *= stage
    return ceil(reach)
