"""One render: the values of the sliders in, sound and curves out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fxlab.analysis import long_term_spectrum
from fxlab.analysis.measurement import Measurement
from fxlab.errors import FxlabError, ParameterError, describe_error
from fxlab.module import Module, has_response
from fxlab.panel.controls.client_values import ClientValues
from fxlab.panel.controls.control_binding import ControlBinding, control_bindings
from fxlab.panel.controls.spec import decibels, finite, framed, grid, reach
from fxlab.panel.controls.spec import values as held_values
from fxlab.panel.plots.measured import curve, swept
from fxlab.panel.plots.stage_responses import places, responses
from fxlab.panel.protocol import CurveNotes
from fxlab.panel.rendering.loudness_match import LoudnessMatch
from fxlab.panel.views import Axes, Drawing, Overtaken, Scene, views_of
from fxlab.signal import Signal

EVEN = 256  # samples: of what is a multiple of it the engine has no odd end to filter apart
SETTLED = 1e-5  # what may be left of the past where a window begins: -100 dB
LOUDEST = 1e6  # +120 dBFS: beyond it a render counts as broken


class Fault(Exception):  # noqa: N818 - a report, not a class of error
    """What went wrong in a render, in words for the panel, and the path of the parameter at fault, if it is one."""

    def __init__(self, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path


class Renderer:
    """A module and a signal, rendered again for each set of values; touched by the worker's thread alone.

    `adopt` sets the values; `window` gives the part that is heard next, `whole` everything. A fault in any of them
    leaves the module with the values that it had before.
    """

    def __init__(self, module: Module, signal: Signal, device: str) -> None:
        self.module, self.signal = module, signal
        self.frequencies = grid(signal.sample_rate)
        self._before: list[tuple[ControlBinding, Any]] = []
        self._client, self._moved = "", dict[str, Any]()
        self.shown = ClientValues(held_values(module))
        self._input_spectrum: Tensor | None = None
        self._match: LoudnessMatch | None = None
        self._output_spectrum: Tensor | None = None
        self._found: Measurement | str | None = None
        self.axes: Axes = {}
        """What the page shows of its axes; see `look`."""
        self.device = ""
        self.notes: CurveNotes = {}
        """What is to be said of the last curves: how many taps, what each stage's is called, where arrays act."""
        self.move(device)

    def take(self, module: Module | None = None, signal: Signal | None = None) -> None:
        """Go on with another module or another signal; where neither is given, with what was done to the module."""
        self.module = module or self.module
        if signal is not None:
            self.signal, self._input_spectrum, self._match = signal, None, None
            self.look(self.axes)
        device, self.device = self.device, ""
        self.move(device)
        self._found = None
        self._before = []

    def look(self, axes: Axes) -> None:
        """Draw for axes that show this from now on."""
        self.axes = axes
        self.frequencies = framed(self.signal.sample_rate, axes.get("Hz", {}))

    def move(self, device: str) -> None:
        """Run on `device` from now on."""
        if device != self.device:
            self.module.to(device)
            self._x = self.signal.samples.detach().to(device)
            self.device = device

    @property
    def x(self) -> Tensor:
        """The input, where the module runs."""
        return self._x

    # -- sound --------------------------------------------------------------------------------------------------

    def adopt(self, values: dict[str, Any], client: str = "", revision: int | None = None) -> None:
        """Set those of a page's values that its hand has changed, all or none; `ClientValues` tells which.

        What Python or another panel set meanwhile stays; `strays` tells of it.
        """
        self._before, self._client = [], client
        self._moved = self.shown.moved(client, revision, values)
        known = dict(control_bindings(self.module))
        for path, value in self._moved.items():
            slot = known.get(path)
            held = None if slot is None else slot.value
            if slot is None or held is None or held == value:
                continue  # without a slot it is from a page that shows an older state of the chain
            self._before.append((slot, held))
            try:
                slot.set(value)
                slot.check(self.signal.sample_rate)
            except FxlabError as error:
                self._undo()
                raise Fault(str(error), path) from error

    def strays(self) -> dict[str, Any]:
        """Values that are not those that the pages show; they are taken to be told of them."""
        return self.shown.strays(held_values(self.module))

    def window(self, start: int, count: int) -> Tensor | None:
        """Frames `start` to `start + count` of the output, or None where only the whole tells what they are.

        A stable filter forgets: run from far enough before `start` it gives what the whole run would, to -100 dB.
        """
        module, rate = self.module, self.signal.sample_rate
        if not has_response(module):
            return None
        try:
            with torch.no_grad():
                try:
                    memory = module.memory(rate, left=SETTLED)
                except FxlabError:  # it has no sections, or a value is not valid: the whole will tell
                    memory = None
                if memory is None:
                    return None
                memory += -(memory + count) % EVEN
                begin = max(0, start - memory)
                if start + count - begin > self._x.shape[-1] // 2:
                    return None
                y = module(self._x[:, begin : start + count], sample_rate=rate)
            self._judge(y)
        except Exception as error:
            raise self._fault(error) from error
        return y[:, start - begin :]

    def whole(self) -> Tensor:
        """The output from end to end, `(channels, time)`."""
        return self.guarded(lambda: self.module(self._x, sample_rate=self.signal.sample_rate))

    def guarded(self, make: Callable[..., Tensor], *given: Tensor, empty: bool = False) -> Tensor:
        """What `make` gives, which must be a sound, with `empty` one of no length too: else it is a fault."""
        try:
            with torch.no_grad():
                y = make(*given)
            if not (empty and isinstance(y, Tensor) and y.shape[-1] == 0):
                self._judge(y)
        except Exception as error:
            raise self._fault(error) from error
        return y

    # -- curves -------------------------------------------------------------------------------------------------

    def curves(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The total curves by name, and each stage's response by path, over `frequencies`."""
        rate, module = self.signal.sample_rate, self.module
        named = self.backdrop()
        frequencies = self.frequencies.to(self.device)
        try:
            with torch.no_grad():
                total, parts, notes = responses(module, frequencies, rate)
                levels = decibels(torch.stack(list(parts.values()))).cpu() if parts else ()
                stages = dict(zip(parts, levels, strict=True))
                if total is not None:
                    named["response"] = decibels(total).cpu()
                    # What a filter makes of a spectrum needs no second measurement.
                    named["output"] = named["input"] + named["response"]
                at = places(module, rate)
                self.notes = {"lti": total is not None, "tap_count": 0, "stage_info": notes, "center_frequencies": at}
        except Exception as error:
            raise self._fault(error) from error
        part = finite(module)
        if part is not None:
            try:
                with torch.no_grad():
                    taps = part.kernel(rate)
            except Exception as error:
                raise self._fault(error) from error
            self.notes["tap_count"] = taps.shape[-1]
            named["taps"] = reach(taps.reshape(-1, taps.shape[-1])[0].float().cpu())
        return named, stages

    def backdrop(self) -> dict[str, Tensor]:
        """What the plot shows whatever the module does."""
        return {"frequency": self.frequencies.float(), "input": self.input_spectrum()}

    def input_spectrum(self) -> Tensor:
        """The signal's own long-term spectrum, measured once."""
        if self._input_spectrum is None:
            self._input_spectrum = self._spectrum(self._x)
        return self._between(self._input_spectrum)

    @property
    def match(self) -> LoudnessMatch:
        """What tells by what gain an output is as loud as the signal."""
        if self._match is None:
            self._match = LoudnessMatch(self._x, self.signal.sample_rate)
        return self._match

    def output_spectrum(self, y: Tensor | None = None) -> Tensor | None:
        """The long-term spectrum of a render, measured: for a module that has no response; without one the last."""
        if y is not None:
            self._output_spectrum = self._spectrum(y)
        return None if self._output_spectrum is None else self._between(self._output_spectrum)

    def _spectrum(self, x: Tensor) -> Tensor:
        return long_term_spectrum(x, grid(self.signal.sample_rate), self.signal.sample_rate)

    def _between(self, spectrum: Tensor) -> Tensor:
        """A spectrum over the usual grid at the frequencies that are shown: it is too smooth to hide more."""
        known = grid(self.signal.sample_rate)
        if len(known) == len(self.frequencies):
            return spectrum
        place = torch.searchsorted(known, self.frequencies).clamp(1, len(known) - 1)
        low, high = known[place - 1], known[place]
        share = ((self.frequencies - low) / (high - low)).clamp(0, 1)
        return torch.lerp(spectrum[place - 1].double(), spectrum[place].double(), share).float()

    # -- what has to be measured --------------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure a module that has no response, at the level of the sound."""
        try:
            self._found = swept(self.module, self.signal.sample_rate, float(self._x.abs().max()))
        except Exception as error:
            self._found = describe_error(error)

    def measured(self) -> tuple[dict[str, Tensor], CurveNotes]:
        """The measured curve, where there is one, and its level."""
        if has_response(self.module) or not isinstance(self._found, Measurement):
            return {}, {}
        return {"measured": curve(self._found, self.frequencies)}, {"measurement_level": self._found.level_db}

    def drawing(
        self,
        name: str,
        y: Tensor | None = None,
        options: dict[str, Any] | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> Drawing:
        """What an open view draws; a view that cannot says why in the field `error`."""
        rate = self.signal.sample_rate
        asked, x, f, found = options or {}, self._x, self.frequencies, self._found
        scene = Scene(self.module, rate, self.device, f, x, y, asked, pause, self.window, self.axes, found)
        try:
            with torch.no_grad():
                return views_of(self.module)[name].draw(scene)
        except Overtaken:
            raise
        except Exception as error:
            return {"error": describe_error(error)}, {}

    # -- faults -------------------------------------------------------------------------------------------------

    def _undo(self) -> None:
        for slot, value in self._before:
            slot.set(value)
        self._before = []
        self.shown.retry(self._client, self._moved)  # what was at fault is tried again with the next move

    def _judge(self, y: Any) -> None:
        """A render that cannot be played is a fault, not a burst of noise."""
        name = type(self.module).__name__
        if not isinstance(y, Tensor):
            raise FxlabError(f"{name} returned {type(y).__name__}, not a tensor.")
        if y.ndim != 2 or y.shape[-1] == 0 or not y.is_floating_point():
            raise FxlabError(f"{name} returned {y.dtype} of shape {tuple(y.shape)}; a panel plays (channels, time).")
        low, high = torch.aminmax(y)
        peak = float(torch.maximum(-low, high))
        if not peak <= LOUDEST:
            shown = f"a peak of {20 * math.log10(peak):.0f} dBFS" if math.isfinite(peak) else "NaN or infinite samples"
            loud = float(self._x.abs().max()) > LOUDEST / 1000
            cause = "The input is very loud itself." if loud else "Is the filter unstable, or a gain far too large?"
            raise FxlabError(f"The output has {shown}, so it is not played: the limit is +120 dBFS. {cause}")

    def _fault(self, error: Exception) -> Fault:
        """Undo the values, and say what was wrong with which."""
        path = self._culprit() if isinstance(error, ParameterError) else None
        self._undo()
        if isinstance(error, FxlabError):
            return Fault(str(error), path)
        return Fault(f"{type(self.module).__name__} raised {describe_error(error)}")

    def _culprit(self) -> str | None:
        """The path of the first value that is not valid at this sample rate."""
        for path, slot in control_bindings(self.module):
            try:
                slot.check(self.signal.sample_rate)
            except ParameterError:
                return path
        return None
