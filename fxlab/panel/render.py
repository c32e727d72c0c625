"""One render: the values of the sliders in, sound and curves out."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.analysis import long_term_spectrum
from fxlab.errors import FxlabError, ParameterError
from fxlab.module import LTI, Chain, Declaration, Module, Param
from fxlab.panel.spec import decibels, grid
from fxlab.signal import Signal


class Fault(Exception):  # noqa: N818 - a report, not a class of error
    """What went wrong in a render, in words for the panel, and the path of the parameter at fault, if it is one."""

    def __init__(self, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path


class Renderer:
    """A module and a signal, rendered again for each set of values; touched by the worker's thread alone."""

    def __init__(self, module: Module, signal: Signal, device: str) -> None:
        self.module, self.signal = module, signal
        self.frequencies = grid(signal.sample_rate)
        self._input_spectrum: Tensor | None = None
        self.device = ""
        self.move(device)

    def move(self, device: str) -> None:
        """Run on `device` from now on."""
        if device != self.device:
            self.module.to(device)
            self._x = self.signal.samples.to(device)
            self.device = device

    def sound(self, values: dict[str, Any]) -> Tensor:
        """Set `values` on the module and run it: `(channels, time)`. A fault leaves the module as it was."""
        before = self._assign(values)
        try:
            with torch.no_grad():
                y = self.module(self._x, sample_rate=self.signal.sample_rate)
            self._judge(y)
        except Exception as error:
            self._restore(before)
            raise self._fault(error, values) from error
        return y

    def curves(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The total curves by name, and each stage's response by path, over `frequencies`; empty when it has none."""
        rate = self.signal.sample_rate
        named: dict[str, Tensor] = {"frequency": self.frequencies.float(), "input": self.input_spectrum()}
        stages: dict[str, Tensor] = {}
        module = self.module
        if module.is_lti and isinstance(module, LTI):
            with torch.no_grad():
                response = decibels(module.response(self.frequencies.to(self.device), rate)).cpu()
                if isinstance(module, Chain) and len(module) > 1:
                    for number, stage in enumerate(module):
                        if isinstance(stage, LTI):
                            stages[str(number)] = decibels(stage.response(self.frequencies.to(self.device), rate)).cpu()
            named["response"] = response
            # What a filter makes of a spectrum needs no second measurement.
            named["output"] = named["input"] + response
        return named, stages

    def input_spectrum(self) -> Tensor:
        """The signal's own long-term spectrum, measured once."""
        if self._input_spectrum is None:
            self._input_spectrum = long_term_spectrum(self._x, self.frequencies, self.signal.sample_rate)
        return self._input_spectrum

    def output_spectrum(self, y: Tensor) -> Tensor:
        """The long-term spectrum of a render, measured: for a module that has no response."""
        return long_term_spectrum(y, self.frequencies, self.signal.sample_rate)

    def _assign(self, values: dict[str, Any]) -> list[tuple[Module, Declaration, Any]]:
        """Set what differs, and return what was there; all or nothing."""
        before: list[tuple[Module, Declaration, Any]] = []
        known = {path: (owner, declaration) for path, owner, declaration in self.module.walk()}
        for path, value in values.items():
            if path not in known:
                continue  # from a page that shows an older state of the chain
            owner, declaration = known[path]
            held = getattr(owner, declaration.name)
            if isinstance(held, Tensor):
                if held.numel() > 1:
                    continue
                held = held.item()
            if held == value:
                continue
            try:
                _set(owner, declaration, value)
            except FxlabError as error:
                self._restore(before)
                raise Fault(str(error), path) from error
            before.append((owner, declaration, held))
        return before

    def _restore(self, before: list[tuple[Module, Declaration, Any]]) -> None:
        for owner, declaration, value in before:
            _set(owner, declaration, value)

    def _judge(self, y: Any) -> None:
        """A render that cannot be played is a fault, not a burst of noise."""
        if not isinstance(y, Tensor):
            raise FxlabError(f"{type(self.module).__name__} returned {type(y).__name__}, not a tensor.")
        if y.ndim != 2 or y.shape[-1] == 0:
            raise FxlabError(
                f"{type(self.module).__name__} returned shape {tuple(y.shape)}; a panel plays (channels, time)."
            )
        peak = torch.linalg.vector_norm(y.detach(), ord=math.inf).item()
        if not math.isfinite(peak) or peak > 1e6:
            shown = f"a peak of {20 * math.log10(peak):.0f} dBFS" if math.isfinite(peak) else "NaN or infinite samples"
            raise FxlabError(f"The output has {shown}, so it is not played. Is the filter unstable?")

    def _fault(self, error: Exception, values: dict[str, Any]) -> Fault:
        if isinstance(error, Fault):
            return error
        if isinstance(error, ParameterError):
            return Fault(str(error), self._culprit(values))
        if isinstance(error, FxlabError):
            return Fault(str(error))
        return Fault(f"{type(self.module).__name__} raised {type(error).__name__}: {error}")

    def _culprit(self, values: dict[str, Any]) -> str | None:
        """The path of the first value that is not valid at this sample rate."""
        for path, owner, declaration in self.module.walk():
            try:
                declaration.validate(values.get(path, getattr(owner, declaration.name)), "", self.signal.sample_rate)
            except ParameterError:
                return path
        return None


def _set(owner: Module, declaration: Declaration, value: Any) -> None:
    """Set a parameter; one that is being learned stays the same object, so that its optimizer goes on with it."""
    if isinstance(declaration, Param) and isinstance(stored := declaration.stored(owner), torch.nn.Parameter):
        declaration.validate(value, type(owner).__name__)
        with torch.no_grad():
            stored.fill_(value)
    else:
        setattr(owner, declaration.name, value)
