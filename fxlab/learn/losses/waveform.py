"""Losses that compare waveforms sample by sample."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from fxlab.errors import ParameterError
from fxlab.learn.losses.loss import EPSILON, Loss


class ESR(Loss):
    """The error-to-signal ratio: the energy of `target - output` divided by the energy of the target.

    The energy of the target is increased by 1e-8, so that a silent target gives a finite ratio. The loss of an example
    is the mean of the ratios of its channels.

    Raises:
        SignalError: The shapes do not match, there are no samples, or two Signals have different sample rates.

    Source:
        A. Wright, V. Välimäki, "Perceptual loss function for neural modeling of audio systems", ICASSP 2020.

    >>> import torch
    >>> target = torch.tensor([[1.0, -1.0, 1.0, -1.0]])
    >>> round(ESR()(0.9 * target, target).item(), 4)
    0.01
    """

    is_nonnegative = True

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the ratio of each example, the mean over its channels."""
        error = (target - output).square().sum(-1)
        return (error / (target.square().sum(-1) + EPSILON)).mean(-1)


class SISDR(Loss):
    """The negative scale-invariant signal-to-distortion ratio in dB, which does not depend on the gain of the output.

    The mean over time of each signal is subtracted first. With the projection s of the output y on the target, the loss
    is `-10 * log10(sum(s**2) / sum((y - s)**2))`, the mean over channels. So that it stays finite, 1e-8 is added to the
    denominators and to the ratio.

    Raises:
        SignalError: The shapes do not match, there are no samples, or two Signals have different sample rates.

    Source:
        J. Le Roux et al., "SDR – half-baked or well done?", ICASSP 2019.

    >>> import torch
    >>> target = torch.sin(torch.arange(1000.0))[None]
    >>> bool(SISDR()(0.5 * target, target) < -60)
    True
    """

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the negative ratio of each example in dB, the mean over its channels."""
        y = output - output.mean(-1, keepdim=True)
        wanted = target - target.mean(-1, keepdim=True)
        scale = (y * wanted).sum(-1, keepdim=True) / (wanted.square().sum(-1, keepdim=True) + EPSILON)
        part = scale * wanted
        ratio = part.square().sum(-1) / ((y - part).square().sum(-1) + EPSILON) + EPSILON
        return -10.0 * ratio.log10().mean(-1)


class LogCosh(Loss):
    """The mean of `log(cosh(a * e)) / a` for the error e: quadratic for small errors, and linear for large ones.

    The error is `output - target`; the mean is that over channels and samples.

    Args:
        sharpness: The factor a.

    Raises:
        ParameterError: `sharpness` is not above 0.
        SignalError: The shapes do not match, there are no samples, or two Signals have different sample rates.

    Source:
        P. Chen, G. Chen, S. Zhang, "Log hyperbolic cosine loss improves variational auto-encoder", 2018.

    >>> import torch
    >>> round(LogCosh()(torch.ones(1, 4), torch.zeros(1, 4)).item(), 4)
    0.4338
    """

    is_nonnegative = True

    def __init__(self, sharpness: float = 1.0) -> None:
        super().__init__()
        if not sharpness > 0:
            raise ParameterError(f"LogCosh: sharpness is {sharpness!r}; it must be above 0.")
        self.sharpness = sharpness

    def per_example(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss of each example, the mean over its channels and samples."""
        error = self.sharpness * (output - target)
        # log(cosh(e)) without an overflow of cosh; for small errors its series, since the difference loses all digits.
        square = error.square().clamp(max=1.0)
        exact = error.abs() + softplus(-2.0 * error.abs()) - math.log(2.0)
        losses = torch.where(error.abs() < 0.05, square / 2 - square.square() / 12 + square**3 / 45, exact)
        return (losses / self.sharpness).mean((-2, -1))
