"""`OnsetStrength`: the mean rise of the levels in mel bands."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.features.common import parameters
from fxlab.features.common.automatic import AliasChoice
from fxlab.features.common.decibels import beside_rows, refuse_stream, to_decibels
from fxlab.features.common.feature_module import Description
from fxlab.features.common.framed import like_input, working
from fxlab.features.descriptors.spectral_shape import one_row
from fxlab.features.spectra.mel_spectrogram import MelSpectrogram
from fxlab.module import Choice, Count


class OnsetStrength(MelSpectrogram):
    """The rise of the level from frame to frame, averaged over mel bands: large where notes and words begin.

    The strength is the mean over all bands of `max(0, L[t] − L[t − lag])`, where L[t] is the level of a band in dB at
    frame t, and 0 for the first `lag` frames. With `center`, it is delayed by `n_fft // (2 · hop_length)` frames, as in
    librosa, so that peaks lie at the onsets. It streams with `top_db=None`; otherwise levels depend on the largest one
    of the complete sound.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, in dB.

    Source:
        S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013. Definition and defaults
        are those of `librosa.onset.onset_strength`.

    >>> click = torch.zeros(16_000)
    >>> click[8000] = 1.0
    >>> OnsetStrength()(click, sample_rate=16_000).argmax().item()
    16
    """

    has_rows: ClassVar[bool] = False
    n_fft = parameters.fft_length(2048)
    hop_length = parameters.hop(512)
    pad_mode = Choice("constant", parameters.PAD_MODES, doc="How both ends are padded if the frames are centered.")
    norm = AliasChoice("slaney", ("none", "slaney"), aliases=parameters.NO_NORM, doc="Normalization of the triangles.")
    mel_scale = parameters.mel_scale("slaney")
    lag = Count(1, low=1, high=10, unit="frames", doc="Distance of the frames that are compared.")
    top_db = parameters.level_range()

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the onset strength in dB at all frames of a complete sound, `(..., frames)`."""
        bands = super().forward(working(x), sample_rate)
        rises = self._rises(to_decibels(bands, self.power, 1e-10, 1.0, beside_rows(self.top_db)))
        delay = self._delay()
        padded = torch.nn.functional.pad(rises, (delay, 0))
        return like_input(padded[..., : bands.shape[-1]], x)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the onset strength at the frames that the block `x` completes, and the state for the next block.

        Raises:
            FxlabError: A value of `top_db` is not 0, so that levels depend on the largest one of the complete sound.
            SignalError: The frames are centered and `pad_mode` is "circular".
        """
        if bool((self.continuous["top_db"].stored(self) != 0).any()):
            raise refuse_stream(self._name())
        before = state if state is not None else (None, None, None)
        bands, pending = super().forward_block(working(x), before[0], sample_rate)
        y, levels, delayed = self._next(bands, before[1], before[2])
        return like_input(y, x), (pending, levels, like_input(delayed, x))

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the onset strength at the last frames, which need padding; None if there was no block.

        Raises:
            SignalError: The sound is too short for its padding.
        """
        if state is None:
            return None
        pending, levels, delayed = state
        bands = super().flush_block(pending, sample_rate)
        return None if bands is None else like_input(self._next(bands, levels, delayed)[0], delayed)

    def _next(self, bands: Tensor, levels: Tensor | None, delayed: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Return the onset strengths for the frames of `bands`, and the levels and strengths to keep for the next call.

        `bands` has the powers of the new frames, `(..., bands, frames)`. `levels` and `delayed` are the kept levels and
        strengths that the previous call returned, or None in the first call.
        """
        lag, delay = self.lag, self._delay()
        # In a stream all values of `top_db` are 0; their shape gives the batch dimensions.
        level = to_decibels(bands, self.power, 1e-10, 1.0, 0.0 * beside_rows(self.top_db))
        joined = level if levels is None else torch.cat([levels, level], -1)
        # The first `lag` frames have no earlier frame; their strength is the padding of 0.
        rises = self._rises(joined)
        waiting = level.new_zeros(*level.shape[:-2], delay) if delayed is None else delayed
        ready = torch.cat([waiting, rises], -1)
        return (
            ready[..., : bands.shape[-1]],
            joined[..., max(0, joined.shape[-1] - lag) :],
            ready[..., bands.shape[-1] :],
        )

    def _delay(self) -> int:
        return int(self.lag + (self.n_fft // (2 * self.hop()) if self.center else 0))

    def _rises(self, levels: Tensor) -> Tensor:
        if levels.shape[-1] <= self.lag:
            return levels.new_zeros(*levels.shape[:-2], 0)
        return (levels[..., self.lag :] - levels[..., : -self.lag]).clamp(min=0).mean(-2)

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        return Description("Onset strength", "Rise of level", "dB", one_row("Rise of level", "dB"), limits=(0.0, 30.0))

    def is_invertible(self) -> bool:
        """Return False, since the levels of the bands cannot be recovered from their mean rise."""
        return False
