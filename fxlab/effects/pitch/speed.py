"""`Speed`: playback at another speed, which changes the pitch as well."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from torch import Tensor

from fxlab.effects.pitch.common_ratio import check_single, playback_rate
from fxlab.effects.pitch.resample import ResampleState, advance
from fxlab.engine.resampling.polyphase import Polyphase
from fxlab.module import StatefulModule

MAX_DENOMINATOR = 1000


class Speed(StatefulModule):
    """Playback at another speed, as with a tape: with a `rate` of 2 the sound is an octave higher and half as long.

    The rate is rounded to a fraction with a denominator of at most 1000, which changes the pitch by less than 0.9 cents
    at rates from 0.5 to 2; the gradient with respect to the rate is therefore 0. The output has `ceil(samples / rate)`
    samples, for the rounded rate.

    Shape:
        Input: `(..., channels, time)`. Output: the same with a different length.

    Raises:
        ParameterError: `rate` is not from 0.05 to 20, or differs between examples, so that their lengths would differ.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        See `fxlab.engine.resampling.polyphase`.

    >>> import torch
    >>> Speed(rate=2.0)(torch.zeros(1, 1000), sample_rate=48_000).shape
    torch.Size([1, 500])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {"rate": "the length of the output would depend on the movement."}
    rate = playback_rate("Speed: 2 is twice as fast and an octave higher.")

    def forward_block(self, x: Tensor, state: ResampleState | None, sample_rate: float) -> tuple[Tensor, ResampleState]:
        """Return the next block resampled, and the state after it, a `ResampleState`.

        Raises:
            ParameterError: `rate` differs between examples.
            SignalError: `rate` has changed since the last block.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        y, state = advance(self._resampler(), x, state, is_last=False, owner=self._name())
        return y + 0 * check_single(self.rate, "Speed").to(y.dtype), state

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the remaining samples, computed with silence after the input; None if there was no block.

        Raises:
            ParameterError: `rate` differs between examples.
            SignalError: `rate` has changed since the last block.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        if state is None:
            return None
        y = advance(self._resampler(), state.past[..., :0], state, is_last=True, owner=self._name())[0]
        return y + 0 * check_single(self.rate, "Speed").to(y.dtype)

    def _resampler(self) -> Polyphase:
        ratio = Fraction(float(check_single(self.rate, "Speed").detach())).limit_denominator(MAX_DENOMINATOR)
        return Polyphase.of(ratio.denominator, ratio.numerator)
