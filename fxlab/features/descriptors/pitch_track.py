"""`PitchTrack`: the fundamental frequency of each frame."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.features.common import parameters
from fxlab.features.common.feature_module import Description
from fxlab.features.common.framed import like_input, working
from fxlab.features.common.sample_frames import SampleFrames
from fxlab.features.descriptors.correlation_pitch import correlation_pitch, whole_periods
from fxlab.features.descriptors.spectral_shape import one_row
from fxlab.module import Choice, Count, Param, Switch


class PitchTrack(SampleFrames):
    """The fundamental frequency of each frame of a sound with one voice.

    The method `"yin"` finds the shortest period after which a frame nearly repeats, refines it between samples by a
    parabola, and streams. `"autocorrelation"` finds the period after which the sound correlates best with itself, and
    smooths the periods with a median, unless `smoothing` is 1; its periods are whole numbers of samples, so that the
    pitch has no gradient. Its first frame begins at the first sample, and its median leaves out the last
    `smoothing // 2` frames. Frames without a pitch, such as those of noise, get the best of all periods too.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, in Hz.

    Raises:
        ParameterError: `f_min` is not below `f_max`, or one of them has several values; with `"yin"`, the period of
            `f_min` does not fit in a frame, or fewer than four periods of whole samples lie between the limits; with
            `"autocorrelation"`, none does.
        SignalError: The sound is too short for its padding; with `"autocorrelation"`, it has at most `smoothing // 2`
            frames.
        FxlabError: The method `"autocorrelation"`, whose median looks ahead, is used in a stream.

    Source:
        A. de Cheveigné, H. Kawahara, "YIN, a fundamental frequency estimator for speech and music", JASA 111 (2002).
        The methods are those of `librosa.yin` and of `torchaudio.functional.detect_pitch_frequency`.

    >>> tone = torch.sin(2 * torch.pi * 220 * torch.arange(16_000) / 16_000)
    >>> round(PitchTrack()(tone, sample_rate=16_000)[15].item())
    220
    """

    has_rows: ClassVar[bool] = False
    rounded_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("f_min", "f_max", "trough_threshold"),
        "it decides which period is taken, and nothing else.",
    )
    f_min = Param(65.0, low=20.0, high=500.0, unit="Hz", scale="log", below="nyquist", doc="Lowest pitch.")
    f_max = Param(2093.0, low=100.0, high=4000.0, unit="Hz", scale="log", below="nyquist", doc="Highest pitch.")
    method = Choice("yin", ("yin", "autocorrelation"), doc="How the period is found.")
    frame_length = parameters.frame_length()
    hop_length = parameters.hop(512, "a quarter of the frame")
    trough_threshold = Param(
        0.1, low=0.01, high=0.5, above=0.0, only=("method", ("yin",)), doc="Largest difference between two periods."
    )
    smoothing = Count(30, low=1, high=60, only=("method", ("autocorrelation",)), doc="Length of the median in frames.")
    center = Switch(True, doc=parameters.centering())
    pad_mode = Choice("constant", parameters.PAD_MODES, doc="How both ends are padded if the frames are centered.")

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the pitches of all frames of a complete sound in Hz, `(..., frames)`.

        Raises:
            SignalError: The sound is too short for its padding; with the method `"autocorrelation"`, it has at most
                `smoothing // 2` frames.
        """
        if self.method == "yin":
            return super().forward(x, sample_rate)
        self._check_length(x.shape[-1])
        limits = self._limit("f_min"), self._limit("f_max")
        return like_input(correlation_pitch(working(x).detach(), sample_rate, self.hop(), self.smoothing, limits), x)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the pitches of the frames that the block `x` completes, and the state for the next block.

        Raises:
            FxlabError: `method` is "autocorrelation".
            SignalError: The frames are centered and `pad_mode` is "circular".
        """
        if self.method != "yin":
            raise FxlabError(f"{self._name()}: method='autocorrelation' cannot stream, as its median looks ahead.")
        return super().forward_block(x, state, sample_rate)

    def of_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the pitch of each frame in Hz by the method `"yin"`."""
        shortest, longest = self._periods(sample_rate)
        difference = normalized_difference(frames, shortest, longest)
        inner = difference[..., 1:-1]
        left = difference[..., :-2]
        right = difference[..., 2:]
        is_trough = torch.nn.functional.pad((inner < left) & (inner <= right), (1, 1))
        is_trough[..., 0] = difference[..., 0] < difference[..., 1]
        is_trough[..., -1] = difference[..., -1] < difference[..., -2]
        threshold = self.trough_threshold.detach().to(frames)
        is_deep = is_trough & (difference < (threshold[..., None] if threshold.ndim else threshold))
        index = torch.where(is_deep.any(-1), is_deep.to(torch.uint8).argmax(-1), difference.argmin(-1))[..., None]
        period = shortest + index + torch.nn.functional.pad(_vertex(left, inner, right), (1, 1)).gather(-1, index)
        return sample_rate / period[..., 0]

    def frame_times(self, frames: int, sample_rate: float) -> Tensor:
        """Return the centers of the first `frames` frames in seconds, `(frames,)`, float64."""
        times = super().frame_times(frames, sample_rate)
        if self.method == "yin":
            return times
        return (torch.arange(frames, dtype=torch.float64) + 0.5) * (self.hop() / sample_rate)

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        limits = self._limit("f_min"), self._limit("f_max")
        return Description("Pitch track", "Pitch", "Hz", one_row("Pitch", "Hz"), limits=limits)

    def _limit(self, name: str) -> float:
        return float(self.continuous[name].stored(self).detach())

    def _periods(self, sample_rate: float) -> tuple[int, int]:
        """Return the shortest and the longest period in samples."""
        longest = min(-int(-sample_rate // self._limit("f_min")), self.frame_length - 1)
        return int(sample_rate // self._limit("f_max")), longest

    def _check_length(self, samples: int) -> None:
        """Raise a `SignalError` if the median leaves out all frames."""
        hop, missing = self.hop(), self.smoothing // 2
        least = hop * missing + 1
        if samples < least:
            raise SignalError(
                f"{self._name()}: the sound has {samples} samples; it must have at least {least}, since the "
                f"median of smoothing={self.smoothing} frames leaves out the last {missing} frames of {hop} samples. "
                "Use a longer sound, a lower smoothing, or a shorter hop_length."
            )

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        for name in ("f_min", "f_max"):
            if self.continuous[name].stored(self).numel() > 1:
                raise ParameterError(f"{self._name()}: {name} has several values; all frames have one. Give a number.")
        low, high = self._limit("f_min"), self._limit("f_max")
        if low >= high:
            raise ParameterError(
                f"{self._name()}: f_min is {low:g} Hz and f_max {high:g} Hz; f_min must be below f_max."
            )
        period = sample_rate / low
        if self.method == "yin" and period >= self.frame_length - 1:
            raise ParameterError(
                f"{self._name()}: a period of f_min={low:g} Hz has {period:.0f} samples, and a frame "
                f"{self.frame_length}; a frame must be longer. Raise f_min or frame_length."
            )
        if self.method != "yin" and not whole_periods(sample_rate, (low, high)):
            raise ParameterError(
                f"{self._name()}: no period of whole samples lies between f_min={low:g} Hz and f_max={high:g} Hz at "
                f"{sample_rate:g} Hz. Set them further apart."
            )
        if self.method == "yin" and period < sample_rate // high + 3:
            raise ParameterError(
                f"{self._name()}: fewer than four periods of whole samples lie between f_min={low:g} Hz and "
                f"f_max={high:g} Hz at {sample_rate:g} Hz. Set them further apart."
            )


def normalized_difference(frames: Tensor, shortest: int, longest: int) -> Tensor:
    """Return YIN's cumulative mean normalized difference for the periods from `shortest` to `longest` in samples.

    It is the energy of the difference between the frame and the frame advanced by the period, both with zeros after
    their end, divided by the mean of these energies for all periods from 1 sample up to this one.

    Shape:
        frames: `(..., frames, samples)`. Returns `(..., frames, longest - shortest + 1)`.
    """
    size = 1 << (frames.shape[-1] + longest).bit_length()
    if not frames.shape[-2]:
        return frames.new_zeros(*frames.shape[:-1], longest - shortest + 1)
    spectra = torch.fft.rfft(frames, size)
    correlation = torch.fft.irfft(spectra.real.square() + spectra.imag.square(), size)[..., : longest + 1]
    energy = frames.square().cumsum(-1)[..., :longest]
    difference = 2 * (correlation[..., :1] - correlation[..., 1:]) - energy
    periods = torch.arange(1, longest + 1, dtype=frames.dtype, device=frames.device)
    mean = difference.cumsum(-1) / periods
    part = slice(shortest - 1, longest)
    normalized: Tensor = difference[..., part] / (mean[..., part] + torch.finfo(frames.dtype).tiny)
    return normalized


def _vertex(left: Tensor, middle: Tensor, right: Tensor) -> Tensor:
    """Return the position of the vertex of the parabola through values at −1, 0 and 1; 0 if that is not within ±1."""
    curvature, slope = left + right - 2 * middle, (right - left) / 2
    is_inside = slope.abs() < curvature.abs()
    return torch.where(is_inside, -slope / torch.where(is_inside, curvature, 1.0), 0.0)
