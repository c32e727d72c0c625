"""`Framed`: the base class of features of successive frames."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.worker_pool import without_openmp
from fxlab.features.common.feature_module import FeatureModule
from fxlab.features.common.framing import Cut, Pending, last_frames, next_frames, whole_frames
from fxlab.features.common.tiles import run_tiles


class Framed(FeatureModule):
    """The base class of features of successive frames, which can be computed block by block.

    A subclass defines `cut`, the division of the sound into frames, and `of_frames`, the feature of given frames.
    """

    @abstractmethod
    def cut(self, sample_rate: float) -> Cut:
        """Return the division of the sound into frames.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @abstractmethod
    def of_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the feature of frames; the value of a frame depends only on the samples of the same frame.

        Shape:
            frames: `(..., frames, samples)`. Returns `(..., rows, frames)`, or `(..., frames)` without rows.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @without_openmp
    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the feature of a complete sound.

        Raises:
            SignalError: The sound is shorter than a frame, or too short for its padding.
        """
        frames = whole_frames(working(x), self.cut(sample_rate))
        return like_input(self.of_all_frames(frames, sample_rate), x)

    def of_all_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the feature of all frames of a sound, in the shapes of `of_frames`.

        A subclass overrides this method if the feature of a frame depends on other frames.
        """
        return run_tiles(lambda part: self.of_frames(part, sample_rate), frames, *self.values().values())

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the feature of the frames that the block `x` completes, and the state for the next block.

        `state` is the state after the previous block, or None for the first block. Centered frames are delayed by half
        a frame.

        Raises:
            SignalError: The ends are padded in the mode `"circular"`, in which the beginning depends on the end.
        """
        before = None if state is None else state._replace(samples=working(state.samples))
        frames, pending = next_frames(working(x), before, self.cut(sample_rate))
        # Samples are kept in their own dtype, which is that of the last frames too.
        kept = pending._replace(samples=like_input(pending.samples, x))
        return like_input(self.of_frames(frames, sample_rate), x), kept

    def flush_block(self, state: Pending | None, sample_rate: float) -> Tensor | None:
        """Return the feature of the last frames, which the padding at the end completes; None if there was no block.

        `state` is the state after the last block.

        Raises:
            SignalError: The sound is too short for its padding.
        """
        if state is None:
            return None
        before = state._replace(samples=working(state.samples))
        frames = last_frames(before, self.cut(sample_rate))
        return like_input(self.of_frames(frames, sample_rate), state.samples)

    def frame_times(self, frames: int, sample_rate: float) -> Tensor:
        """Return the centers of the first `frames` frames in seconds, `(frames,)`, float64."""
        cut = self.cut(sample_rate)
        first = cut.length / 2 - cut.margin - cut.zeros
        return (torch.arange(frames, dtype=torch.float64) * cut.hop + first) / sample_rate


def working(x: Tensor) -> Tensor:
    """Return the samples in a dtype that `torch.fft` supports: float64 unchanged, any other as float32."""
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


def like_input(y: Tensor, x: Tensor) -> Tensor:
    """Return the feature `y` in the dtype of the samples `x`; a complex feature is returned unchanged."""
    return y if y.is_complex() or y.dtype == x.dtype else y.to(x.dtype)
