"""`Feature`: a feature of a sound over frequency and time, with its axes and units."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.engine.torch_support.known_values import to_numpy
from fxlab.errors import FxlabError, SignalError
from fxlab.features.axis import Axis
from fxlab.module import Module

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fxlab.signal import Signal

DECIBELS = {"power": 10.0, "magnitude": 20.0}


@dataclass(frozen=True, eq=False, repr=False)
class Feature:
    """A feature of a sound: data over channels, frequency and time, with axes and units.

    `signal | fx.MelSpectrogram()` computes one from a sound, and `feature | fx.Deltas()` another one from it.

    Args:
        data: The data, `(..., channels, frequency, time)`. A feature of one number per frame has one row.
        name: The name of the feature, such as `"Mel spectrogram"`.
        quantity: The quantity of the data, such as `"Power"`.
        unit: The unit of the data; empty for pure numbers.
        frequency: The axis of the rows. For coefficients its quantity is not a frequency.
        time: The axis of the frames, in seconds: the center of each frame.
        sample_rate: The sample rate of the sound in Hz.
        samples: The length of the sound in samples.
        hop: The distance between frames in samples.
        kind: How `levels` shows the data: `"power"` and `"magnitude"` in dB relative to `reference`, `"linear"`
            unchanged.
        reference: The value of `data` that is 0 dB.
        reference_name: The sound that has this value, such as `"a full-scale sine"`.
        limits: The lowest and the highest level of a picture, in `level_unit`, fixed so that pictures can be compared;
            None for a quantity without natural limits.
        invert: The function that `inverse` calls; None if the feature has no inverse.

    Raises:
        SignalError: The shape of the data does not fit the axes.

    >>> import fxlab as fx
    >>> feature = fx.sine(1000.0, duration=0.5, sample_rate=16_000) | fx.Spectrogram(n_fft=512)
    >>> feature
    Feature(Spectrogram, Power, 1 channel, 257 × 32: 0 to 8000 Hz, 0 to 0.496 s)
    >>> row = feature.data[0, :, 10].argmax()
    >>> feature.frequency.values[row].item()
    1000.0
    """

    data: Tensor
    name: str
    quantity: str
    unit: str
    frequency: Axis
    time: Axis
    sample_rate: float
    samples: int
    hop: int
    kind: str = "linear"
    reference: float = 1.0
    reference_name: str = ""
    limits: tuple[float, float] | None = None
    invert: Callable[[Feature], Signal] | None = field(default=None)

    def __post_init__(self) -> None:
        expected = (len(self.frequency), len(self.time))
        if self.data.ndim < 3 or tuple(self.data.shape[-2:]) != expected:
            raise SignalError(
                f"{self.name}: the data have shape {tuple(self.data.shape)}; the axes are for "
                f"(..., channels, {expected[0]}, {expected[1]})."
            )

    @property
    def channels(self) -> int:
        """The number of channels."""
        return self.data.shape[-3]

    @property
    def frame_rate(self) -> float:
        """The number of frames per second."""
        return self.sample_rate / self.hop

    @property
    def is_complex(self) -> bool:
        """Whether the data are complex amplitudes, which have a phase."""
        return self.data.is_complex()

    @property
    def level_unit(self) -> str:
        """The unit of `levels` and `limits`: dB with its reference, or the unit of the data."""
        if self.kind not in DECIBELS:
            return self.unit
        return f"dB re {self.reference_name or f'{self.reference:g}'}"

    def levels(self) -> Tensor:
        """Return the values that a picture shows, in `level_unit`: dB relative to `reference`, or the unchanged data.

        Complex data are replaced by their magnitudes. The levels are not clipped to `limits`. In dB, the level of 0
        is −inf.

        Shape:
            `(..., channels, frequency, time)`, real.
        """
        values = self.data.abs() if self.is_complex else self.data
        if self.kind not in DECIBELS:
            return values
        return DECIBELS[self.kind] * (values / self.reference).log10()

    def numpy(self) -> NDArray[Any]:
        """Return a copy of the data as a NumPy array, without gradients."""
        return to_numpy(self.data).copy()

    def to_xarray(self) -> Any:
        """Return the data as an `xarray.DataArray` whose last dimensions are channel, quantity of the rows, and time.

        Raises:
            FxlabError: xarray is not installed.
        """
        try:
            from xarray import DataArray
        except ImportError:
            raise FxlabError("to_xarray needs the package xarray: python -m pip install xarray.") from None
        batch = [f"batch_{n}" for n in range(self.data.ndim - 3)]
        row = self.frequency.quantity.lower().replace(" ", "_")
        coordinates = {
            "channel": range(self.channels),
            row: (row, self.frequency.values.cpu().numpy(), {"units": self.frequency.unit}),
            "time": ("time", self.time.values.cpu().numpy(), {"units": self.time.unit}),
        }
        attributes = {"units": self.unit, "long_name": self.quantity, "sample_rate": self.sample_rate}
        return DataArray(
            self.numpy(), dims=[*batch, "channel", row, "time"], coords=coordinates, name=self.name, attrs=attributes
        )

    def inverse(self) -> Signal:
        """Return the sound of a complex spectrogram, or a sound that is estimated from another feature.

        For a spectrogram with `center=False`, samples at the ends that no window covers are 0.

        Raises:
            FxlabError: The feature has no inverse.
            SignalError: The data have a batch dimension, or the frames of a spectrogram are too far apart.

        >>> import fxlab as fx
        >>> tone = fx.sine(440.0, duration=0.5, sample_rate=16_000)
        >>> sound = (tone | fx.Spectrogram(power="complex")).inverse()
        >>> (sound.samples - tone.samples).abs().max().item() < 1e-5
        True
        """
        if self.invert is None:
            raise FxlabError(
                f"{self.name} has no inverse: different sounds have the same values. Spectrograms, mel spectrograms "
                "and MFCCs have one."
            )
        return self.invert(self)

    def to(self, device_or_dtype: torch.device | torch.dtype | str) -> Feature:
        """Return the feature with its data on another device or in another dtype; the axes are unchanged."""
        return replace(self, data=self.data.to(device_or_dtype))

    def __or__(self, other: Any) -> Any:
        if isinstance(other, type):
            raise SignalError(f"`feature | module`: {other.__name__} is a class; write feature | {other.__name__}(…).")
        # A chain of transforms takes a feature as well; a module for sounds raises an error.
        if not isinstance(other, Module):
            return NotImplemented
        process: Callable[[Any], Any] = other
        return process(self)

    def __repr__(self) -> str:
        plural = "" if self.channels == 1 else "s"
        shape = f"{len(self.frequency)} × {len(self.time)}"
        ranges = [_range_text(axis) for axis in (self.frequency, self.time)]
        quantity = self.quantity + (f" [{self.unit}]" if self.unit else "")
        return f"Feature({self.name}, {quantity}, {self.channels} channel{plural}, {shape}: {', '.join(ranges)})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the card if `fxlab.display` is available, otherwise the repr."""
        try:
            bundle = hooks.resolve("feature_bundle")
        except (KeyError, ImportError):
            return {"text/plain": repr(self)}, {}
        card: tuple[dict[str, Any], dict[str, Any]] = bundle(self, include, exclude)
        return card


def _range_text(axis: Axis) -> str:
    if not len(axis):
        return "none"
    if axis.labels:
        return f"{axis.labels[0]} to {axis.labels[-1]}"
    unit = f" {axis.unit}" if axis.unit else f" ({axis.quantity.lower()})"
    first, last = float(axis.values[0]), float(axis.values[-1])
    return f"{first:.4g}{unit}" if len(axis) == 1 else f"{first:.4g} to {last:.4g}{unit}"
