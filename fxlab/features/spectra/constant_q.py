"""`ConstantQ`: a spectrogram whose bins are evenly spaced in pitch."""

from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import ParameterError
from fxlab.features.axis import Axis
from fxlab.features.common import parameters
from fxlab.features.common.automatic import AliasChoice
from fxlab.features.common.constants import kept, spectral_window
from fxlab.features.common.feature_module import FULL_SCALE_SINE, Description, constant
from fxlab.features.common.framed import Framed
from fxlab.features.common.framing import Cut
from fxlab.features.common.safe_math import safe_sqrt
from fxlab.features.spectra.spectrogram import QUANTITIES
from fxlab.module import Choice, Count, Param, Switch

LARGEST_PRODUCT = 1 << 21
"""The approximate number of elements of a matrix product in `correlate` above which frames are processed in parts."""


class ConstantQ(Framed):
    """A spectrogram with a fixed number of bins per octave: its windows are longer for lower bins.

    Each bin is the correlation of the sound with a windowed oscillation at its frequency, centered on the frame. A
    full-scale sine at the frequency of a bin has the magnitude √L / 2 with `scale`, where L is the length of the window
    in samples, and 0.5 without. It streams with a delay of half the longest window.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_bins, frames)`.

    Raises:
        ParameterError: The main lobe of the highest bin's window reaches above half the sample rate, or `f_min` or
            `filter_scale` has several values.
        SignalError: The sound is too short for its padding.

    Source:
        J. C. Brown, "Calculation of a constant Q spectral transform", JASA 89 (1991). Definition and defaults are those
        of `librosa.cqt`, without its downsampling.

    >>> tone = torch.sin(2 * torch.pi * 440 * torch.arange(22_050) / 22_050)
    >>> levels = ConstantQ()(tone, sample_rate=22_050)
    >>> levels.shape, levels[:, 20].argmax().item()
    (torch.Size([84, 44]), 45)
    """

    f_min = Param(
        32.70319566257483, low=16.0, high=500.0, unit="Hz", scale="log", below="nyquist", doc="Lowest bin: C1."
    )
    n_bins = Count(84, low=12, high=120, doc="Number of bins.")
    bins_per_octave = Count(12, low=12, high=48, doc="Number of bins in an octave.")
    hop_length = parameters.hop(512, "512")
    rounded_parameters: ClassVar[dict[str, str]] = {
        "filter_scale": "it is the length of the windows, whose samples are counted."
    }
    filter_scale = Param(
        1.0, low=0.25, high=2.0, scale="log", doc="Relative length of the windows; shorter ones resolve time better."
    )
    window = parameters.window_name()
    power = AliasChoice(
        "magnitude",
        ("magnitude", "power", "complex"),
        aliases={2: "power", 1: "magnitude", None: "complex"},
        doc="Magnitudes, squared magnitudes, or complex amplitudes.",
    )
    scale = Switch(True, doc="Multiply by the root of the length of each window.")
    pad_mode = Choice("constant", parameters.PAD_MODES, doc="How both ends are padded.")

    def hop(self) -> int:
        """Return the distance between frames in samples."""
        return int(self.hop_length or 512)

    def cut(self, sample_rate: float) -> Cut:
        """Return the division of the sound into frames, each long enough for the longest window."""
        longest = 2 * reach_of(float(self._lengths(sample_rate).max()))
        return Cut(longest, self.hop(), longest // 2, self.pad_mode, 0, self._name())

    def of_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the correlation of the frames with the windowed oscillations of all bins, `(..., n_bins, frames)`."""
        groups = range(0, self.n_bins, self._group())
        return torch.cat([self._rows_from(first, frames, sample_rate) for first in groups], -2)

    def of_all_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return all bins of all frames, `(..., n_bins, frames)`.

        On the CPU and without derivatives, groups of bins are computed on several threads.
        """
        if frames.device.type != "cpu" or needs_derivative(frames, *self.values().values()):
            return self.of_frames(frames, sample_rate)
        groups = range(0, self.n_bins, self._group())
        rows = run_parts(lambda first: self._rows_from(first, frames, sample_rate), groups, max_workers())
        return torch.cat(rows, -2)

    def _rows_from(self, first: int, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the group of bins that begins with bin `first`, `(..., bins, frames)`."""
        kernel = self._kernel(first, sample_rate, frames.dtype, frames.device)
        real, imaginary = correlate(frames, kernel, self.hop()).transpose(-1, -2).chunk(2, -2)
        return to_kind(real, imaginary, self.power)

    def centers(self, sample_rate: float | None = None) -> Tensor:
        """Return the frequencies of the bins in Hz, `(n_bins,)`, float64."""
        self._resolve_rate(sample_rate)
        steps: Tensor = torch.arange(self.n_bins, dtype=torch.float64) / self.bins_per_octave
        return self._stored("f_min").cpu() * 2**steps

    def _kernel(self, first: int, sample_rate: float, dtype: torch.dtype, device: torch.device) -> Tensor:
        """Return the windowed oscillations of the group of bins that begins with bin `first`; see `oscillations`."""
        bins = Bins(
            first,
            min(self.n_bins, first + self._group()),
            self.bins_per_octave,
            self._quality(),
            self.window,
            self.scale,
            sample_rate,
        )
        lowest = constant(self._stored("f_min"))
        if lowest is None:
            return oscillations(self._stored("f_min").reshape(()), bins).to(device=device, dtype=dtype)
        return constant_oscillations(lowest, bins, dtype, device)

    def _group(self) -> int:
        """Return the number of bins in one matrix product: half an octave, whose windows have similar lengths."""
        half: int = self.bins_per_octave // 2
        return max(1, half)

    def _lengths(self, sample_rate: float) -> Tensor:
        return self._quality() * sample_rate / self.centers(sample_rate).detach()

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        for name in ("f_min", "filter_scale"):
            if self.continuous[name].stored(self).numel() > 1:
                raise ParameterError(f"{self._name()}: {name} has several values; all frames have one. Give a number.")
        highest = float(self.centers(sample_rate).detach()[-1])
        # Half of the main lobe of a window lies above the frequency of its bin.
        edge = highest * (1 + 1 / self._quality())
        if edge > sample_rate / 2:
            raise ParameterError(
                f"{self._name()}: the highest of {self.n_bins} bins, at {highest:.5g} Hz, reaches to {edge:.5g} Hz; it "
                f"must stay below half the sample rate ({sample_rate / 2:g} Hz). Use fewer bins, or a lower f_min."
            )

    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output: levels are relative to a full-scale sine at the middle bin."""
        rows = Axis("Frequency", "Hz", self.centers(sample_rate).detach(), "log")
        kind = "power" if self.power == "power" else "magnitude"
        reference = 0.5
        if self.scale:  # of the middle bin: lower ones have more, higher ones less
            lengths = self._quality() * sample_rate / rows.values
            reference *= math.sqrt(float(lengths[len(lengths) // 2]))
        reference = reference**2 if kind == "power" else reference
        name = "Constant-Q spectrogram"
        return Description(name, QUANTITIES[self.power], "", rows, kind, reference, FULL_SCALE_SINE, (-80.0, 0.0))

    def _quality(self) -> float:
        """Return the length of a window in periods."""
        ratio = 4 ** (1 / self.bins_per_octave)
        scale = float(self.continuous["filter_scale"].stored(self).detach())
        return scale * float((ratio + 1) / (ratio - 1))


class Bins(NamedTuple):
    """The bins from `first` up to, but not including, `last`, and the parameters of their windows.

    Args:
        first: The index of the first bin.
        last: The index after that of the last bin.
        bins_per_octave: The number of bins in an octave.
        quality: The length of a window in periods.
        window: The name of the window.
        scale: Whether the oscillations are multiplied by the root of the length of the window.
        sample_rate: The sample rate in Hz.
    """

    first: int
    last: int
    bins_per_octave: int
    quality: float
    window: str
    scale: bool
    sample_rate: float


def oscillations(lowest: Tensor, bins: Bins) -> Tensor:
    """Return the windowed oscillations of some bins as columns: all cosines, then all negative sines.

    They are weighted so that the correlation with a complex oscillation of the same frequency and of amplitude 1 is 1,
    or the root of the length of the window with `scale`.

    Args:
        lowest: The frequency of bin 0 in Hz, a scalar.
        bins: The bins.

    Shape:
        Output: `(samples, 2 · bins)`, float64, as many samples as the longest window needs.
    """
    steps = torch.arange(bins.first, bins.last, dtype=torch.float64, device=lowest.device) / bins.bins_per_octave
    frequencies = lowest * 2**steps
    lengths = bins.quality * bins.sample_rate / frequencies
    reach = reach_of(float(lengths.detach()[0]))
    time = torch.arange(-reach, reach, dtype=torch.float64, device=lowest.device)
    columns = []
    for frequency, length in zip(frequencies, lengths, strict=True):
        half = float(length.detach()) / 2
        before, after = -math.floor(-half), math.floor(half)
        taps = spectral_window(bins.window, before + after, before + after, torch.float64, lowest.device)
        # The periodic window begins with its smallest value; mirrored, as in librosa, it ends with it.
        window = torch.nn.functional.pad(taps.flip(0) / taps.sum(), (reach - after + 1, reach - before - 1))
        phase = 2 * torch.pi / bins.sample_rate * frequency * time
        weight = length.sqrt() * window if bins.scale else window
        columns.append(torch.stack([weight * torch.cos(phase), -weight * torch.sin(phase)]))
    return torch.stack(columns, -1).permute(1, 0, 2).flatten(1)


def correlate(frames: Tensor, kernel: Tensor, hop: int) -> Tensor:
    """Return the products of the `taps` samples in the middle of each frame and the columns of `kernel`.

    Successive frames must share all but `hop` samples, as those of a sound do. If they overlap much, each block of
    `hop` samples is multiplied once by every part of the kernel, and the products are added, so that no sample is
    copied into many frames.

    Shape:
        frames: `(..., frames, samples)`; kernel: `(taps, columns)`. Returns `(..., frames, columns)`.
    """
    count, (taps, columns) = frames.shape[-2], kernel.shape
    start = frames.shape[-1] // 2 - taps // 2
    blocks = -(-taps // hop)
    if blocks < 3 or not count:
        return frames[..., start : start + taps] @ kernel
    length = max(4 * blocks, LARGEST_PRODUCT // (blocks * columns))
    if count > length:
        return torch.cat([correlate(part, kernel, hop) for part in torch.split(frames, length, -2)], -2)
    last = torch.nn.functional.pad(frames[..., -1, start + hop : start + taps], (0, blocks * hop - taps))
    rows = torch.cat([frames[..., start : start + hop], last.reshape(*last.shape[:-1], blocks - 1, hop)], -2)
    weights = torch.nn.functional.pad(kernel, (0, 0, 0, blocks * hop - taps)).reshape(blocks, hop, columns)
    products = rows @ weights.transpose(0, 1).reshape(hop, blocks * columns)
    total = products[..., :count, :columns]
    for block in range(1, blocks):
        total = total + products[..., block : block + count, block * columns : (block + 1) * columns]
    return total


def reach_of(length: float) -> int:
    """Return the number of samples on each side of the center that suffice for a window of `length` samples."""
    return int(length / 2) + 2


@kept
def constant_oscillations(lowest: float, bins: Bins, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the `oscillations` of some bins for a frequency of bin 0 that is a number."""
    made = oscillations(torch.tensor(lowest, dtype=torch.float64, device="cpu"), bins)
    return made.to(device=device, dtype=dtype).contiguous()


def to_kind(real: Tensor, imaginary: Tensor, power: str) -> Tensor:
    """Return complex amplitudes as the kind `power`: `"power"`, `"magnitude"` or `"complex"`."""
    if power == "complex":
        return torch.complex(real, imaginary)
    square = real.square() + imaginary.square()
    return square if power == "power" else safe_sqrt(square)
