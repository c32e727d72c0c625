"""`PitchShift`, `TimeStretch`, `Speed` and `Resample`: changes of pitch, speed and sample rate."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab import effects
from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.sharing import SharingMode
from fxlab.augment.random_module import RandomModule
from fxlab.augment.time.time_edit import pick
from fxlab.effects.pitch.phase_vocoder import stretch
from fxlab.errors import ParameterError
from fxlab.module import Choice, Switch


class PitchShift(RandomModule):
    """A shift of the pitch by a drawn interval, with the same length; see `fx.PitchShift`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> PitchShift(semitones=(-2.0, 2.0), p=1.0)(torch.randn(2, 1, 4000), 16_000).shape
    torch.Size([2, 1, 4000])
    """

    processor = effects.PitchShift
    semitones = Range((-4.0, 4.0), effects.PitchShift.semitones)


class SpeedChange(Augmentation):
    """The base class of augmentations that play the sound and the targets at a drawn rate.

    With `leave_length_unchanged` the sound is cut, or continued with silence, at its end, so that every example may
    have its own rate. Otherwise the length changes, and `mode` and `p_mode` must be "per_batch".

    Raises:
        ParameterError: The length changes, and `mode` or `p_mode` is not "per_batch".
    """

    leave_length_unchanged = Switch(True, doc="Whether the output is cut or padded to the length of the input.")

    def play(self, x: Tensor, rate: Tensor, length: int, sample_rate: float) -> Tensor:
        """Return the first `length` samples of `x` `(rows, channels, time)` played `rate` times as fast.

        `rate` has one value for each row, `(rows,)`, or is a single value for all.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)` played at the drawn rates."""
        return self.play(x, drawn.row_values("rate"), self._length(x.shape[-1], drawn), sample_rate)

    def augment_targets(self, targets: Tensor, target_rate: float, drawn: Drawn, batch: Batch) -> Tensor:
        """Return the targets at the drawn rates; a single frame, which is a label of the complete sound, is unchanged.

        Each frame of the result is a copy of the nearest frame of the targets, or 0 after their end.
        """
        rows, channels, frames, classes = targets.shape
        if frames == 1:
            return targets
        time = torch.arange(self._length(frames, drawn), dtype=torch.float64, device=targets.device)
        index = (time * drawn["rate"]).round().reshape(-1, 1, len(time))
        series = targets.transpose(-1, -2).reshape(rows, channels * classes, frames)
        return pick(series, index).reshape(rows, channels, classes, -1).transpose(-1, -2)

    def _length(self, samples: int, drawn: Drawn) -> int:
        if self.leave_length_unchanged:
            return samples
        return max(1, round(samples / float(drawn.row_values("rate").reshape(-1)[0])))

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        if not self.leave_length_unchanged and (self.mode, self._sharing()) != ("per_batch", "per_batch"):
            raise ParameterError(
                f"{self._name()}: with leave_length_unchanged=False the sounds of a batch would differ in length; "
                "set mode='per_batch', so that they share one rate."
            )


class TimeStretch(SpeedChange):
    """A change of speed by a drawn rate, without a change of pitch; a rate of 2 is twice as fast. See `fx.TimeStretch`.

    All examples are stretched in one call of the phase vocoder, even if their rates differ.

    Shape:
        `(time,)` or `(..., channels, time)`; the length changes only if `leave_length_unchanged` is False.

    >>> TimeStretch(rate=(0.8, 1.25), p=1.0)(torch.randn(2, 1, 4000), 16_000).shape
    torch.Size([2, 1, 4000])
    """

    rate = Range((0.8, 1.25), effects.TimeStretch.rate)

    def play(self, x: Tensor, rate: Tensor, length: int, sample_rate: float) -> Tensor:
        """Return `x` stretched in time, at the same pitch; see `SpeedChange.play`."""
        factor = float(rate) if rate.ndim == 0 else rate.repeat_interleave(x.shape[1])
        dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
        y = stretch(x.to(dtype), factor, length, sample_rate)
        end = torch.ceil(x.shape[-1] / rate.to(x.device)).reshape(-1, 1, 1)
        return (y * (torch.arange(length, device=x.device) < end)).to(x.dtype)


class Speed(SpeedChange):
    """A change of speed and pitch by a drawn rate, as with a tape; see `fx.Speed`.

    A rate of 2 is twice as fast and an octave higher.

    Shape:
        `(time,)` or `(..., channels, time)`; the length changes only if `leave_length_unchanged` is False.

    >>> Speed(rate=(0.9, 1.1), p=1.0)(torch.randn(2, 1, 4000), 16_000).shape
    torch.Size([2, 1, 4000])
    """

    rate = Range((0.9, 1.1), effects.Speed.rate)

    def play(self, x: Tensor, rate: Tensor, length: int, sample_rate: float) -> Tensor:
        """Return `x` played at `rate` by resampling, so that its pitch changes too; see `SpeedChange.play`."""
        rates = rate.expand(len(x)).tolist()
        outputs: list[Tensor] = [x[:0]] * len(x)
        for value in sorted(set(rates)):
            chosen = [row for row, own in enumerate(rates) if own == value]
            y = effects.Speed(value)(x[chosen], sample_rate)[..., :length]
            for row, sound in zip(chosen, pad(y, (0, length - y.shape[-1])), strict=True):
                outputs[row] = sound
        return torch.stack(outputs)


class Resample(RandomModule):
    """Conversion to a sample rate that is drawn for the complete batch.

    A `Signal` that is returned has the new rate, and the next augmentations of a `Compose` process the sound at this
    rate. The targets are unchanged.

    Shape:
        Input `(time,)` or `(..., channels, time)`; the number of samples changes with the sample rate.

    >>> from fxlab.signal import noise
    >>> Resample(rate=(8000, 8000), p=1.0)(noise(duration=1.0, sample_rate=16_000)).sample_rate
    8000
    """

    processor = effects.Resample
    rate = Range((8000, 44_100), effects.Resample.rate)
    mode = Choice("per_batch", ("per_batch",), doc="Group with one rate: the batch, whose length changes.")
    p_mode = SharingMode(
        "same as mode", ("same as mode", "per_batch"), doc="Group that shares the decision to apply it."
    )
