"""The `Signal` class: audio samples together with their sample rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from fxlab.errors import SignalError
from fxlab.hooks import resolve
from fxlab.signal.collation import register_collation
from fxlab.signal.compatible import as_operand, check_compatible
from fxlab.signal.frame_range import frame_range
from fxlab.signal.samples import as_sample_rate, as_samples, deep_copied, describe, peak, to_numpy
from fxlab.signal.writing import write_file

if TYPE_CHECKING:
    import os
    from typing import BinaryIO

    from numpy.typing import NDArray

    from fxlab.signal.formats import Overload


class Signal:
    """A sound: samples of shape `(channels, time)` and their sample rate in Hz.

    A Signal is immutable: its attributes cannot be set, and none of its methods changes it. A tensor or NumPy array of
    floats keeps its dtype, device and gradient, and its memory is shared, not copied (except for arrays that PyTorch
    cannot share: those that are read-only, reversed or in another byte order). A list of floats gets PyTorch's default
    dtype. Full scale is ±1; larger samples are allowed.

    Shape:
        `samples`: `(channels, time)`, or `(time,)` for mono, which becomes `(1, time)`; at least one sample.

    Raises:
        SignalError: The samples are not finite floats of such a shape, or the rate is not a finite number above 0.
            More than 64 channels with fewer samples than channels are refused too, because the axes are probably
            swapped.

    >>> tone = Signal(torch.sin(torch.arange(4800) * 0.1), sample_rate=48_000)
    >>> tone
    Signal(1 channel, 0.1 s at 48000 Hz, peak 0.0 dBFS)
    >>> (tone * 0.5).between(0.0, 0.05).frames
    2400
    """

    __slots__ = ("__weakref__", "_sample_rate", "_samples")
    # This makes NumPy return NotImplemented, so that `array * signal` calls Signal.__rmul__ instead of building an
    # array of Signals.
    __array_ufunc__ = None

    _samples: Tensor
    _sample_rate: int | float
    _has_collation: ClassVar[bool] = False  # whether a DataLoader makes batches of Signals

    def __init__(
        self,
        samples: Tensor | NDArray[Any] | Sequence[float] | Sequence[Sequence[float]],
        sample_rate: float,
    ) -> None:
        self._fill(as_samples(samples), sample_rate)

    @classmethod
    def _of_channels(cls, samples: Tensor | NDArray[Any], sample_rate: float) -> Signal:
        """Return a Signal of samples whose shape is certain to be `(channels, time)`, such as those of a file.

        The constructor refuses more than 64 channels that have fewer samples than there are channels, since the axes
        are probably swapped.

        Raises:
            SignalError: The samples or the rate are invalid for another reason.
        """
        made = object.__new__(cls)
        made._fill(as_samples(samples, is_channels_first=True), sample_rate)
        return made

    def _fill(self, samples: Tensor, sample_rate: float) -> None:
        object.__setattr__(self, "_sample_rate", as_sample_rate(sample_rate))
        object.__setattr__(self, "_samples", samples)
        Signal._has_collation = Signal._has_collation or register_collation(Signal)

    @property
    def samples(self) -> Tensor:
        """The samples, a floating-point tensor of shape `(channels, time)`."""
        return self._samples

    @property
    def sample_rate(self) -> int | float:
        """The number of samples per second, in Hz: an `int` if it is a whole number."""
        return self._sample_rate

    @property
    def channels(self) -> int:
        """The number of channels, the size of the first dimension."""
        return self._samples.shape[0]

    @property
    def frames(self) -> int:
        """The number of samples in each channel."""
        return self._samples.shape[1]

    @property
    def duration(self) -> float:
        """The length in seconds, the number of frames divided by the sample rate."""
        return self.frames / self._sample_rate

    @property
    def device(self) -> torch.device:
        """The device of the samples."""
        return self._samples.device

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type of the samples."""
        return self._samples.dtype

    def to(self, device_or_dtype: torch.device | torch.dtype | str | int) -> Signal:
        """Return the signal on another device or in another floating-point type; the conversion is differentiable.

        Without a change, the signal itself is returned.

        Raises:
            SignalError: The dtype is not a floating-point type of at least 16 bits, or a sample exceeds its range.

        >>> Signal([0.0, 0.5], sample_rate=8000).to(torch.float64).dtype
        torch.float64
        """
        if isinstance(device_or_dtype, torch.dtype) and not device_or_dtype.is_floating_point:
            raise SignalError(
                f"{self!r} cannot become {device_or_dtype}: the samples of a Signal are floats. Use "
                "torch.float32 or torch.float64 here; `signal.save(path, subtype='PCM_16')` writes integers."
            )
        samples = self._samples.to(device_or_dtype)
        return self if samples is self._samples else Signal._of_channels(samples, self._sample_rate)

    def pin_memory(self) -> Signal:
        """Return the signal in page-locked memory, for `DataLoader(…, pin_memory=True)`."""
        return Signal._of_channels(self._samples.pin_memory(), self._sample_rate)

    def numpy(self) -> NDArray[Any]:
        """Return a copy of the samples as a NumPy array of shape `(channels, time)`, without gradients.

        bfloat16, which NumPy does not have, is converted to float32.
        """
        return to_numpy(self._samples)

    def mono(self) -> Signal:
        """Return the mean of all channels as a signal of one channel; a mono signal is returned unchanged.

        >>> Signal([[1.0, 1.0], [0.0, 0.5]], sample_rate=8000).mono().samples
        tensor([[0.5000, 0.7500]])
        """
        return self if self.channels == 1 else Signal(self._samples.mean(0, keepdim=True), self._sample_rate)

    def between(self, start: float = 0.0, stop: float | None = None) -> Signal:
        """Return the part from `start` to `stop`, both in seconds and rounded to the nearest sample.

        A `stop` of None is the end of the signal.

        Raises:
            SignalError: The part reaches outside the signal or contains no sample, or a time is not a finite number.

        >>> Signal(torch.zeros(8000), sample_rate=8000).between(0.25, 0.75).duration
        0.5
        """
        first, last = frame_range(self, start, stop)
        return Signal._of_channels(self._samples[:, first:last], self._sample_rate)

    def save(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,
        subtype: str | None = None,
        overload: Overload = "error",
    ) -> None:
        """Write the signal to a sound file: WAV, FLAC, OGG or MP3.

        An existing file is replaced only after the signal has been encoded without an error.

        Args:
            path: A path, or a binary file object.
            format: `"wav"`, `"flac"`, `"ogg"` or `"mp3"`; by default, the extension of the path.
            subtype: The type of the samples in the file. WAV: `FLOAT` (the default), `DOUBLE`, `PCM_16`, `PCM_24`,
                `PCM_32`, `PCM_U8`, `ULAW`, `ALAW`. FLAC: `PCM_24` (the default), `PCM_16`, `PCM_S8`. OGG: `VORBIS` (the
                default), `OPUS`. A 32-bit float WAV stores float32 samples bit for bit and has no full scale to exceed.
                Samples are rounded to integers without dither, for a 24-bit FLAC to multiples of 2^-23. OGG and MP3 are
                lossy.
            overload: The treatment of samples outside ±1, which only the floating-point subtypes can hold: `"error"`
                raises, `"scale"` scales the entire signal so that its peak is 1, and `"clip"` clips the samples.

        Raises:
            FileError: The format is not known or is not that of the extension, it cannot hold the sample rate, the
                channels, the number of samples or the level, or the file cannot be written.
            ParameterError: `subtype` or `overload` is not one of the values above.

        >>> import io
        >>> file = io.BytesIO()
        >>> Signal(torch.zeros(22_050), sample_rate=44_100).save(file, format="wav", subtype="PCM_16")
        >>> len(file.getvalue())
        44144
        """
        write_file(self._samples, self._sample_rate, path, format=format, subtype=subtype, overload=overload)

    def __or__(self, other: object) -> Any:
        # A Module implements __ror__. A class or a plain function does not; the error says how to use it here.
        if isinstance(other, type):
            hint = f"{other.__name__} is a class: write signal | {other.__name__}(…)"
        elif callable(other) and not hasattr(other, "__ror__"):
            hint = f"to use a function, write signal | fx.wrap({getattr(other, '__name__', 'function')})"
        else:
            return NotImplemented
        raise SignalError(f"`signal | module` processes a signal with a Module; {hint}.")

    def __add__(self, other: Signal | float | Tensor) -> Signal:
        return self._combine("+", other, lambda a, b: a + b)

    def __radd__(self, other: float | Tensor) -> Signal:
        return self._combine("+", other, lambda a, b: b + a)

    def __sub__(self, other: Signal | float | Tensor) -> Signal:
        return self._combine("-", other, lambda a, b: a - b)

    def __rsub__(self, other: float | Tensor) -> Signal:
        return self._combine("-", other, lambda a, b: b - a)

    def __mul__(self, other: Signal | float | Tensor) -> Signal:
        return self._combine("*", other, lambda a, b: a * b)

    def __rmul__(self, other: float | Tensor) -> Signal:
        return self._combine("*", other, lambda a, b: b * a)

    def __truediv__(self, other: Signal | float | Tensor) -> Signal:
        return self._combine("/", other, lambda a, b: a / b)

    def __rtruediv__(self, other: float | Tensor) -> Signal:
        return self._combine("/", other, lambda a, b: b / a)

    def __neg__(self) -> Signal:
        return Signal._of_channels(-self._samples, self._sample_rate)

    def _combine(self, sign: str, other: object, operation: Callable[[Any, Any], Tensor]) -> Signal:
        if isinstance(other, Signal):
            check_compatible(sign, self, other)
            operand: Tensor | float | None = other._samples
        else:
            operand = as_operand(sign, self, other)
        if operand is None:
            return NotImplemented  # type: ignore[no-any-return]  # Python's protocol for operators
        result = operation(self._samples, operand)
        if not math.isfinite(peak(result)):
            raise SignalError(f"{self!r} {sign} {other!r} is not finite. Look for a division by zero or an overflow.")
        return Signal._of_channels(result, self._sample_rate)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"a Signal is frozen: {name!r} cannot be set. Create a new one: Signal(samples, sample_rate)."
        )

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Signal is frozen: {name!r} cannot be deleted.")

    def __deepcopy__(self, memo: dict[int, Any]) -> Signal:
        return Signal._of_channels(deep_copied(self._samples, memo), self._sample_rate)

    def __reduce__(self) -> tuple[Callable[..., Signal], tuple[Tensor, int | float]]:
        return Signal._of_channels, (self._samples, self._sample_rate)

    def __repr__(self) -> str:
        """Return one line with channels, duration, sample rate and peak, which is the same on every run.

        A dtype other than float32 and a device other than the CPU are added.
        """
        return describe(self._samples, self._sample_rate)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the card with waveform, spectrogram and player as a MIME bundle, as Jupyter's display requires.

        The bundle contains only the repr if `fxlab.display` is not available.
        """
        try:
            bundle = resolve("signal_bundle")
        except (KeyError, ImportError):
            return {"text/plain": repr(self)}, {}
        card: tuple[dict[str, Any], dict[str, Any]] = bundle(self, include, exclude)
        return card
