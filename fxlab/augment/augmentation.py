"""`Augmentation`: the base class of random processors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, overload

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from fxlab.augment.augmentation_definition import AugmentationDefinition
from fxlab.augment.drawing.applied_rows import AppliedRows, Indices
from fxlab.augment.drawing.batch import SOUNDS, SPECTROGRAMS, Batch, as_batch, as_targets, check_kind, copied_to_tensor
from fxlab.augment.drawing.draw import Draw, Drawn
from fxlab.augment.drawing.feature_input import as_signal, check_feature, check_input, check_signal
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.features.feature import Feature
from fxlab.module.checks import check_finite, rate_of_signal
from fxlab.signal import Signal


class Augmentation(AugmentationDefinition):
    """A processor that draws its parameters at random at every call, and is applied with the probability `p`.

    A subclass declares what it draws with `Range` and `Options`, and defines `augment(self, x, sample_rate, drawn)`.
    `mode` names the group that shares one draw: the batch, each example, or each channel. `p_mode` names the group that
    shares the decision whether the augmentation is applied; None stands for `mode`. A sound `(time,)` or
    `(channels, time)` is a batch of one example.

    An augmentation of sounds is called with a `Signal`, or with a tensor or a NumPy array and a sample rate, and one of
    spectrograms with a `Feature`, a tensor or an array. After `eval()` an augmentation is not applied, even as a part
    of a container that is in training mode; a `Compose` then applies only the filters and effects in its list. Unlike
    other modules it is not pure: every call draws again, until `freeze_parameters` or `replay` fixes the draw.

    The random numbers are determined by `seed`, the number of the call and the worker process: they are the same on
    every device, and the global generators are neither used nor changed. Without a `seed` of its own, a part of a
    container uses the random numbers of the container. `last_draw` is the record of the last call.

    Args:
        args: The declared parameters by position.
        seed: A whole number of at least 0; None for one from the operating system.
        kwargs: The declared parameters by name, and `sample_rate`.

    Shape:
        Sounds `(time,)` or `(..., channels, time)`; spectrograms `(frequency, frames)` or
        `(..., channels, frequency, frames)`.

    Raises:
        ParameterError: The first number of a range is larger than the second, a value or the seed is invalid, or `p` is
            not from 0 to 1.
        SignalError: The input is not valid audio, or a sound is given without a sample rate.
    """

    _namespace: ClassVar[str] = "augment."

    # -- a call -------------------------------------------------------------------------------------------------

    @overload
    def __call__(self, samples: Signal, sample_rate: None = None) -> Signal: ...
    @overload
    def __call__(self, samples: Feature, sample_rate: None = None) -> Feature: ...
    @overload
    def __call__(self, samples: NDArray[Any], sample_rate: float | None = None) -> NDArray[Any]: ...
    @overload
    def __call__(self, samples: Tensor, sample_rate: float | None = None) -> Tensor: ...
    @overload
    def __call__(
        self,
        samples: Signal | Feature | Tensor | NDArray[Any],
        sample_rate: float | None = None,
        *,
        targets: Any,
        target_rate: float | None = None,
    ) -> tuple[Any, Any]: ...
    def __call__(
        self,
        samples: Any,
        sample_rate: float | None = None,
        *,
        targets: Any = None,
        target_rate: float | None = None,
    ) -> Any:
        """Return the augmented samples, and with `targets` also the targets that match them.

        Args:
            samples: A `Signal`, `Feature`, tensor or NumPy array; the result has the same type.
            sample_rate: The sample rate in Hz of a tensor or an array; None stands for that of the augmentation. It is
                not needed for a `Signal`, which has its own, nor for spectrograms.
            targets: Labels over time, `(..., channels, frames)` or `(..., channels, frames, classes)`, as a tensor, an
                array or nested lists. A chain of modules accepts no targets; use a `Compose`.
            target_rate: The number of frames of the targets per second; with None, the frames extend over the duration
                of the samples.

        Returns:
            The augmented samples, or with `targets` a pair of samples and targets. The targets are a NumPy array if
            they are given as one, or as lists beside an array of samples; otherwise they are a tensor. A tensor that is
            not augmented may be returned itself instead of a copy.

        Raises:
            SignalError: The samples are not valid audio or not of the kind that is augmented, the sample rate is
                missing or not that of the `Signal`, the targets do not match the samples, the output for a `Signal` is
                a spectrogram, or a module that may change the axes of a `Feature` is part of the augmentation.
            ParameterError: A parameter is invalid for the samples or their rate, or a frozen draw does not fit them.
            FileError: A recording that the augmentation draws cannot be read.
        """
        labels = targets if targets is None else as_targets(targets, self._name())
        if isinstance(samples, Signal):
            check_signal(self.takes, self._name())
            rate = rate_of_signal(samples, sample_rate, self._name())
            y, moved = self._augment_tensor(samples.samples, rate, labels, target_rate)
            result: Any = as_signal(y, self.output_rate(rate), self._name())
        elif isinstance(samples, Feature):
            check_feature(self, self.takes, Augmentation)
            y, moved = self._augment_tensor(samples.data, samples.frame_rate, labels, target_rate, is_spectrum=True)
            result = replace(samples, data=y)
        elif isinstance(samples, np.ndarray):
            x = copied_to_tensor(samples, self._name())
            y, moved = self._augment_tensor(x, sample_rate, labels, target_rate)
            result = y.detach().cpu().numpy()
        else:
            result, moved = self._augment_tensor(samples, sample_rate, labels, target_rate)
        if moved is None:
            return result
        is_array = isinstance(targets, np.ndarray) or (
            isinstance(samples, np.ndarray) and not isinstance(targets, Tensor)
        )
        return result, moved.detach().cpu().numpy() if is_array else moved

    def _augment_tensor(
        self,
        x: Tensor,
        sample_rate: float | None,
        targets: Tensor | None,
        target_rate: float | None,
        *,
        is_spectrum: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        is_spectrum |= self.takes != SOUNDS and isinstance(x, Tensor) and x.is_complex()
        rate = self._resolve_rate(sample_rate, is_spectrum=is_spectrum)
        later = self.checks_rows and self.training and isinstance(x, Tensor) and x.is_contiguous() and may_use_numpy(x)
        check_input(x, self.takes, self._name(), later=later)
        known = {"is_checked": not later, "is_spectrum": is_spectrum}
        return nn.Module.__call__(self, x, rate, targets, target_rate, **known)  # type: ignore[no-any-return]

    def forward(  # type: ignore[override]
        self,
        x: Tensor,
        sample_rate: float,
        targets: Tensor | None = None,
        target_rate: float | None = None,
        *,
        is_checked: bool = True,
        is_spectrum: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the sounds or spectrograms `x` augmented by a new or the frozen draw, and their targets or None.

        After `eval()` they are the results of `evaluate`. An empty `x` is returned without a draw.

        Args:
            x: Sounds `(time,)` or `(..., channels, time)`, or spectrograms.
            sample_rate: The sample rate in Hz.
            targets: Labels over time, `(..., channels, frames)` or `(..., channels, frames, classes)`.
            target_rate: The number of frames of the targets per second; None if they extend over the duration of `x`.
            is_checked: Whether the samples of `x` need no check that they are finite.
            is_spectrum: Whether `x` is a spectrogram, if the augmentation accepts sounds too.

        Raises:
            SignalError: `x` has too few dimensions, or the targets do not match `x`; for other cases see `run`.
            ParameterError: See `run`.
        """
        own = 2 if is_spectrum or self.takes == SPECTROGRAMS else 1
        batch = as_batch(x, sample_rate, (targets, target_rate), self._name(), own)._replace(is_checked=is_checked)
        done = self.run(batch, None, self._draw if self._is_frozen else None) if x.numel() else batch
        return (x, targets) if done is batch else done.in_shape_of(x, targets, own)

    def run(
        self, batch: Batch, numbers: RandomNumbers | None, draw: Draw | None, members: Indices | None = None
    ) -> Batch:
        """Augment a batch, record the draw, and return the augmented batch.

        Args:
            batch: The sounds or spectrograms, and their targets. After `eval()` the result is that of `evaluate`,
                unless `numbers` are for an `Audition`.
            numbers: The random numbers for a new draw. None stands for those of the next call of this augmentation,
                which are also used if its own seed was given and `numbers` are not for an `Audition`.
            draw: The draw to apply. None stands for the frozen draw, or for a new draw if none is frozen or `numbers`
                are for an `Audition`.
            members: The indices of the examples that the draw is for; None stands for all. The other examples are
                returned unchanged. Indices are passed only if `writes_rows` is True.

        Raises:
            SignalError: The batch contains spectrograms instead of sounds, or vice versa; a sample is not finite and
                `batch.is_checked` is False; or some of several examples would get another length or sample rate.
            ParameterError: A value is invalid, or `draw` does not fit the parameters or the batch.
            FileError: A drawn recording cannot be read.
        """
        check_kind(batch.x, self.takes, self._name())
        self.check(batch.rate)
        auditioned = numbers is not None and numbers.auditioned
        if not self.training and not auditioned:
            if not self._is_frozen:
                self.__dict__["_draw"] = Draw.not_applied()
            return self.evaluate(batch)
        if draw is None and self._is_frozen and not auditioned:
            draw = self._draw
        rows, channels = batch.x.shape[0] if members is None else len(members), batch.x.shape[1]
        if draw is not None:
            self._check_bounds(draw, batch.rate)
            self._check_fits(draw, rows, channels)
        else:
            if numbers is None or (self._source.is_given and not auditioned):
                numbers = self._source.next_call()
            draw = self._draw_all(batch, numbers, rows)
        is_split = "per_channel" in (self.mode, self._sharing())
        if is_split:
            batch = batch.written(self._name())
        applied = AppliedRows.of(draw.applied, rows, channels if is_split else 1, members)
        if not len(applied.numbers):
            batch.checked(self._name())
            self.__dict__["_draw"] = draw
            return batch
        done = self._change_rows(batch.split_channels() if is_split else batch, draw, applied)
        draw.rate = done.rate
        self.__dict__["_draw"] = draw  # not before, so that a call that fails does not leave an incomplete record
        return done.join_channels(channels) if is_split else done

    def _change_rows(self, batch: Batch, draw: Draw, rows: AppliedRows) -> Batch:
        """Return the batch with the rows that `rows` names changed by `change`, and the others unchanged."""
        if batch.row_pass is not None and needs_derivative(*draw.values.values()):
            batch = batch.written(self._name())
        if len(rows.indices) == len(batch.x):
            return self.change(batch, draw, rows)
        may_copy = self.writes_rows and batch.targets is None and may_use_numpy(batch.x)
        if may_copy and not needs_derivative(batch.x, *draw.values.values()):
            return self.change(batch, draw, rows)
        batch = batch.checked(self._name())
        return batch.replace_rows(rows.indices, self.change(batch.select(rows.indices), draw, rows), self._name())

    def change(self, batch: Batch, draw: Draw, rows: AppliedRows) -> Batch:
        """Return the batch with its rows changed by `augment`, and their targets by `augment_targets`.

        Args:
            batch: The rows to augment. If `writes_rows` is True, it may contain other rows, which are returned
                unchanged. Its samples may be overwritten if `batch.is_own` is True.
            draw: The draw, with the values of all rows or of the groups that share them.
            rows: The rows to augment, and their places in the draw.
        """
        values = {name: rows.values(value) for name, value in draw.values.items()}
        indices = None if len(rows.indices) == len(batch.x) else rows.indices.tolist()
        own, checked = batch.is_own, batch.is_checked
        drawn = Drawn(values, draw.seed, batch.x.device, may_overwrite=own, is_checked=checked, rows=indices)
        drawn.row_pass = batch.row_pass
        y = self.augment(batch.x, batch.rate, drawn)
        assert indices is None or drawn.is_output(y)
        if not drawn.is_checked:
            check_finite(batch.x, self._name())
        rate = batch.rate if self.writes_rows else self.augmented_rate(batch.rate, drawn)
        done = batch._replace(x=y, rate=rate, is_own=drawn.is_output(y), is_checked=True)
        if batch.targets is None:
            return done
        return done._replace(targets=self.augment_targets(batch.targets, batch.target_rate, drawn, batch))

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the output in Hz.

        In training mode it is the rate that `last_draw` records. If there is no draw yet, or it changed nothing, it is
        `sample_rate`, where None stands for the rate of the augmentation. After `eval()` it is the result of
        `evaluated_rate`.
        """
        draw = self._draw
        if not self.training:
            return self.evaluated_rate(self._resolve_rate(sample_rate))
        if draw is not None and draw.rate is not None and bool(draw.applied.any()):
            return draw.rate
        return self._resolve_rate(sample_rate)

    def _resolve_rate(self, sample_rate: float | None, *, is_spectrum: bool = False) -> float:
        if (is_spectrum or self.takes == SPECTROGRAMS) and sample_rate is None and self.sample_rate is None:
            return 1.0  # spectrograms need no rate
        return super()._resolve_rate(sample_rate)
