"""`TimeStretch`: a change of the length that keeps the pitch."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.effects.pitch.common_ratio import check_single, playback_rate
from fxlab.effects.pitch.phase_vocoder import stretch
from fxlab.errors import FxlabError
from fxlab.module import Module


class TimeStretch(Module):
    """Playback at another speed with the same pitch: with a `rate` of 2 the sound is half as long.

    It is a phase vocoder with identity phase locking, in windows of about 46 ms: tones keep their pitch, and attacks
    are smeared over a window. The output has `round(samples / rate)` samples, at least 1 unless the input is empty. The
    frames begin at whole samples, so the gradient with respect to `rate` is 0. The phase vocoder needs the complete
    sound, so the effect cannot stream.

    Shape:
        Input: `(..., channels, time)`. Output: the same with a different length.

    Raises:
        ParameterError: `rate` is not from 0.05 to 20, or differs between examples, so that their lengths would differ.
        FxlabError: It is used in a stream, or PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        J. Laroche, M. Dolson, "Improved phase vocoder time-scale modification of audio", IEEE Transactions on Speech
        and Audio Processing 7(3), 1999.

    >>> TimeStretch(rate=0.5)(torch.randn(2, 1000), sample_rate=48_000).shape
    torch.Size([2, 2000])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {"rate": "the length of the output would depend on the movement."}
    rate = playback_rate("Speed: 2 is twice as fast, with the same pitch.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` stretched to `round(time / rate)` samples, at least 1 unless `x` is empty, with the same pitch.

        Raises:
            ParameterError: `rate` differs between examples.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        rate = check_single(self.rate, self._name())
        factor, samples = float(rate.detach()), x.shape[-1]
        dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
        length = max(1, round(samples / factor)) if samples else 0
        y = stretch(x.to(dtype), factor, length, sample_rate) if samples else x.to(dtype)
        return (y + 0 * rate).to(x.dtype)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Raise an `FxlabError`: the phase vocoder needs the complete sound."""
        raise no_stream(self._name())


def no_stream(owner: str) -> FxlabError:
    """Return the error for an effect with a phase vocoder, called `owner`, that is run in a stream."""
    return FxlabError(
        f"{owner} cannot stream: its phase vocoder needs the complete sound, whose length it changes. Process the "
        "whole signal in one call."
    )
