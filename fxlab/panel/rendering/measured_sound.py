"""`MeasuredSound`: the input of a `Renderer`, with the spectra and the loudness that are measured for the plot."""

from __future__ import annotations

from torch import Tensor

from fxlab.analysis import long_term_spectrum
from fxlab.panel.plots.frequency_grid import frequency_grid, grid_for_axis
from fxlab.panel.plots.interpolation import interpolate_spectrum
from fxlab.panel.protocol import Axes
from fxlab.panel.rendering.loudness_match import LoudnessMatch
from fxlab.signal import Signal


class MeasuredSound:
    """The base class of `Renderer`: the input on its device, the axes that the page shows, and measured spectra.

    Args:
        signal: The input.
    """

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self.frequencies = frequency_grid(signal.sample_rate)
        self.axes: Axes = {}
        """The ranges of the axes that the page shows; see `set_axes`."""
        self.device = ""
        self._x = signal.samples.detach()
        self._input_spectrum: Tensor | None = None
        self._loudness_match: LoudnessMatch | None = None
        self._output_spectrum: Tensor | None = None

    def _replace_input(self, signal: Signal) -> None:
        self.signal, self._input_spectrum, self._loudness_match = signal, None, None
        self.set_axes(self.axes)

    def _move_input_to(self, device: str) -> None:
        self._x = self.signal.samples.detach().to(device)
        self.device = device

    @property
    def x(self) -> Tensor:
        """The input, on the device on which the module runs."""
        return self._x

    def set_axes(self, axes: Axes) -> None:
        """Set the ranges of the axes for which curves and views are computed."""
        self.axes = axes
        self.frequencies = grid_for_axis(self.signal.sample_rate, axes.get("Hz", {}))

    def input_curves(self) -> dict[str, Tensor]:
        """Return the curves that do not depend on the module: the frequencies and the input's spectrum."""
        return {"frequency": self.frequencies.float(), "input": self.input_spectrum()}

    def input_spectrum(self) -> Tensor:
        """Return the long-term spectrum of the input in dB over `frequencies`; it is measured once for each signal."""
        if self._input_spectrum is None:
            self._input_spectrum = self._measure_spectrum(self._x)
        return self._interpolate(self._input_spectrum)

    @property
    def loudness_match(self) -> LoudnessMatch:
        """The `LoudnessMatch` of the input, which is created once for each signal."""
        if self._loudness_match is None:
            self._loudness_match = LoudnessMatch(self._x, self.signal.sample_rate)
        return self._loudness_match

    def output_spectrum(self, y: Tensor | None = None) -> Tensor | None:
        """Return the long-term spectrum of the output `y` in dB over `frequencies`.

        If `y` is None, the result is that of the output that was passed last, or None if there was none.
        """
        if y is not None:
            self._output_spectrum = self._measure_spectrum(y)
        return None if self._output_spectrum is None else self._interpolate(self._output_spectrum)

    def _measure_spectrum(self, x: Tensor) -> Tensor:
        return long_term_spectrum(x, frequency_grid(self.signal.sample_rate), self.signal.sample_rate)

    def _interpolate(self, spectrum: Tensor) -> Tensor:
        return interpolate_spectrum(spectrum, frequency_grid(self.signal.sample_rate), self.frequencies)
