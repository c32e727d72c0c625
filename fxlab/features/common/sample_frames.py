"""`SampleFrames`: the base class of features of frames whose samples are not transformed to spectra."""

from __future__ import annotations

from typing import Any

from fxlab.features.common.framed import Framed
from fxlab.features.common.framing import Cut


class SampleFrames(Framed):
    """The base class of features of frames of `frame_length` samples that begin `hop_length` samples apart.

    A subclass declares `frame_length`, `hop_length`, `center` and `pad_mode`, and defines `of_frames`.
    """

    frame_length: Any
    hop_length: Any
    center: Any
    pad_mode: Any

    def hop(self) -> int:
        """Return the distance between frames in samples; a `hop_length` of 0 stands for a quarter of the frame."""
        return int(self.hop_length or max(1, self.frame_length // 4))

    def cut(self, sample_rate: float) -> Cut:
        """Return the division of the sound into frames."""
        margin = self.frame_length // 2 if self.center else 0
        return Cut(self.frame_length, self.hop(), margin, self.pad_mode, 0, self._name())
