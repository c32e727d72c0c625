"""`Deltas`: the slope of each row over time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import SignalError
from fxlab.features.common.feature_transform import FeatureTransform
from fxlab.features.common.framing import Cut, Pending, last_frames, next_frames
from fxlab.features.common.torchaudio_functions import deltas
from fxlab.features.feature import Feature
from fxlab.module import Choice, Count


class Deltas(FeatureTransform):
    """The slope of each row at each frame: that of the straight line fitted to the `win_length` frames around it.

    The unit is that of the input per frame. An even `win_length` is rounded down to an odd one. Applied twice, the
    module gives the acceleration. It streams with a delay of `(win_length - 1) // 2` frames, except with the mode
    `"circular"`.

    Shape:
        Input and output: `(..., frequency, frames)`.

    Raises:
        SignalError: There are too few frames for the padding: fewer than `(win_length - 1) // 2` with the mode
            `"circular"`, one more with `"reflect"`, none with `"replicate"`; or `mode` is "circular" in a stream.

    Source:
        S. Furui, "Speaker-independent isolated word recognition using dynamic features of speech spectrum", 1986. The
        parameters are those of `torchaudio.transforms.ComputeDeltas`.

    >>> Deltas()(torch.arange(8.0).reshape(1, 8)).tolist()
    [[0.5, 0.800000011920929, 1.0, 1.0, 1.0, 1.0, 0.800000011920929, 0.5]]
    """

    win_length = Count(5, low=3, high=25, at_least=3, unit="frames", doc="Number of frames of each line.")
    mode = Choice("replicate", ("replicate", "reflect", "constant", "circular"), doc="How both ends are padded.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the slopes of all rows, in the shape of `x`.

        Raises:
            SignalError: There are too few frames for the padding.
        """
        self._check_frames(x.shape[-1])
        return deltas(x, self.win_length, self.mode) if x.numel() else x.clone()

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the slopes at the frames whose neighbors are known, and the state after the block.

        Raises:
            SignalError: `mode` is "circular", in which the first slopes depend on the last frames.
        """
        if self.mode == "circular":
            raise SignalError(
                f"{self._name()}: mode='circular' takes the last frames, which a stream does not know; use "
                "'replicate', 'reflect' or 'constant'."
            )
        frames, pending = next_frames(x, state, self._cut())
        return self._slopes(frames), pending

    def flush_block(self, state: Pending | None, sample_rate: float) -> Tensor | None:
        """Return the slopes at the last frames; None if there was no block.

        Raises:
            SignalError: There are too few frames for the padding.
        """
        if state is None:
            return None
        if not state.has_begun:  # all frames are waiting
            self._check_frames(state.samples.shape[-1])
        return self._slopes(last_frames(state, self._cut()))

    def _reach(self) -> int:
        """Return the number of frames on each side of the middle of a line."""
        return int((self.win_length - 1) // 2)

    def _cut(self) -> Cut:
        reach = self._reach()
        return Cut(2 * reach + 1, 1, reach, self.mode, 0, self._name())

    def _check_frames(self, frames: int) -> None:
        """Raise a `SignalError` if the ends of so few frames cannot be padded."""
        reach = self._reach()
        least = {"replicate": 1, "reflect": reach + 1, "circular": reach}.get(self.mode, 0)
        if frames < least:
            raise SignalError(
                f"{self._name()}: the input has {frames} frames; with win_length={self.win_length} frames and "
                f"mode={self.mode!r} it must have at least {least}. Use a longer sound, a shorter win_length, or "
                "mode='constant'."
            )

    def _slopes(self, frames: Tensor) -> Tensor:
        reach = frames.shape[-1] // 2
        steps = torch.arange(-reach, reach + 1, dtype=frames.dtype, device=frames.device)
        return (frames * (steps / steps.square().sum())).sum(-1)

    def describe_result(self, feature: Feature, data: Tensor) -> Feature:
        """Return the slopes `data` per frame, with the axes of the feature."""
        name = f"Deltas of {feature.name}"
        quantity, unit = f"Slope of {feature.quantity.lower()}", f"{feature.unit} per frame".strip()
        changes = {"kind": "linear", "reference": 1.0, "reference_name": "", "limits": None, "invert": None}
        return replace(feature, data=data, name=name, quantity=quantity, unit=unit, **changes)  # type: ignore[arg-type]
