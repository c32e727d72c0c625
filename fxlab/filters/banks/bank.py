"""`Bank`: filters side by side that take a sound apart into bands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, overload

import torch
from torch import Tensor

from fxlab.engine import frequency_response, roots, sosfilt
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import ParameterError, SignalError
from fxlab.filters.coefficients.sos import SOS
from fxlab.module import LTI, LinearAnalysis, StatefulModule
from fxlab.module.checks import check_audio, rate_of_signal, stale_state
from fxlab.module.lti.cascade_sum import CascadeSum
from fxlab.module.lti.cascades import existing_roots
from fxlab.module.lti.frequencies import Frequencies
from fxlab.module.lti.sum_zeros import Branch
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.design_cache import cached_design
from fxlab.signal import Signal


class Bank(StatefulModule, CascadeSum, LTI):
    """Filters side by side: `split` gives what each lets through, calling it gives their sum.

    A subclass declares its parameters, among them `gains_db`, and writes `design` and `layout`. All bands run as one
    call of the engine.

    Shape:
        `(time,)` or `(..., channels, time)`; the bands are `(..., channels, bands, time)`.
    """

    gains_db: Any

    # -- what a subclass writes ---------------------------------------------------------------------------------

    @abstractmethod
    def design(self, sample_rate: float) -> Tensor:
        """The sections of every band, `(..., bands, sections, 6)`, for the parameters as they are."""

    @abstractmethod
    def layout(self, sample_rate: float) -> Tensor:
        """Where each band begins, has its middle and ends, in Hz: `(..., bands, 3)`."""

    def names(self, sample_rate: float | None = None) -> list[str]:
        """What each band is called: its middle, as `"1 kHz"`; of a batch, its number."""
        middle = self._edged(sample_rate)[..., 1]
        if middle.ndim > 1:
            return [f"band {number + 1}" for number in range(middle.shape[-1])]
        return [in_hertz(value) for value in middle.tolist()]

    # -- bands --------------------------------------------------------------------------------------------------

    @overload
    def split(self, x: Signal, sample_rate: None = None) -> list[Signal]: ...
    @overload
    def split(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def split(self, x: Signal | Tensor, sample_rate: float | None = None) -> list[Signal] | Tensor:
        """What each band lets through, the lowest first; their sum is what calling the bank gives.

        Of a `Signal` a list of Signals, of a tensor `(..., channels, time)` one of `(..., channels, bands, time)`.
        """
        if isinstance(x, Signal):
            rate = rate_of_signal(x, sample_rate, self._name())
            return [Signal(band, rate) for band in self.split(x.samples, rate).unbind(-2)]
        rate = self._resolve_rate(sample_rate)
        check_audio(x, self._name())
        with self._parameters_for(x, rate):
            return self._apart(x, rate)[0]

    def levels_db(self, x: Signal | Tensor, sample_rate: float | None = None) -> Tensor:
        """The level of each band in dB, `(..., channels, bands)`: 20 log10 of its RMS, minus infinity of silence."""
        if isinstance(x, Signal):
            sample_rate = rate_of_signal(x, sample_rate, self._name())
            x = x.samples
        bands = self.split(x, sample_rate)
        if bands.shape[-1] == 0:
            raise SignalError(f"{self._name()}: of a sound of no samples there is no level.")
        power = bands.double().square().mean(-1)
        level = 10 * torch.where(power > 0, power, torch.ones_like(power)).log10()
        return torch.where(power > 0, level, -torch.inf)

    def filters(self, sample_rate: float | None = None) -> list[SOS]:
        """Each band as a filter on its own, designed for this sample rate."""
        rate = self._checked_rate(sample_rate)
        return [SOS(rows, sample_rate=rate) for rows in self._rows(rate).unbind(-3)]

    def edges(self, sample_rate: float | None = None) -> Tensor:
        """Where each band begins and ends in Hz, `(..., bands, 2)`."""
        return self._edged(sample_rate)[..., ::2]

    def centres(self, sample_rate: float | None = None) -> Tensor:
        """The middle of each band in Hz, `(..., bands)`."""
        return self._edged(sample_rate)[..., 1]

    def band_responses(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """The complex response of each band, `(..., bands, frequencies)`; their sum is `response`."""
        rate = self._checked_rate(sample_rate)
        grid, single = self._frequency_grid(frequencies, rate)
        found = frequency_response(self._rows(rate), grid, rate)
        return found.squeeze(-1) if single else found

    # -- sound --------------------------------------------------------------------------------------------------

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Add what the bands let through of the next block."""
        bands, after = self._apart(x, sample_rate, state)
        return bands.sum(-2), after

    def _apart(self, x: Tensor, rate: float, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        rows = self._rows(rate).to(x.device)
        if state is not None and state.shape[-3:-1] != rows.shape[-3:-1]:
            raise stale_state(self._name(), "the number of its bands or their order changed")
        lead = rows.ndim - 3
        missing = x.ndim - 1 - lead
        if lead and missing > 0:
            rows = rows.reshape(rows.shape[:lead] + (1,) * missing + rows.shape[lead:])
        return sosfilt(x.unsqueeze(-2), rows, state)

    # -- response -----------------------------------------------------------------------------------------------

    def _count(self, rate: float) -> int:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.layout(rate).shape[-2]

    def _rows(self, rate: float) -> Tensor:
        """What `design` gives, each band with its gain."""
        return cached_design(self, rate, lambda: self._run_design(rate))

    def _run_design(self, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            rows = self.design(rate)
            return scaled(rows, (10 ** (self.gains_db / 20))[..., None, None])

    def _edged(self, sample_rate: float | None) -> Tensor:
        rate = self._checked_rate(sample_rate)
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.layout(rate)

    def _numbered_parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        return [(number % 2, band) for number, band in enumerate(self.filters(rate))]

    def _part_labels(self, rate: float) -> list[str]:
        return self.names(rate)

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        found = self.band_responses(grid, rate)
        found = first_example(found, 2)
        return [number % 2 for number in range(len(found))], found.unbind(0)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        return frequency_response(self._rows(rate), frequencies, rate).sum(-2)

    def _poles(self, rate: float) -> Tensor:
        return existing_roots(roots(self._rows(rate).flatten(-3, -2))[1])

    def _memory(self, rate: float, tolerance: float) -> int | None:
        return SOS(self._rows(rate).detach().flatten(-3, -2))._memory(rate, tolerance)

    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        rows, poles = self._rows(rate), self._poles(rate)
        one = torch.ones((), dtype=torch.float64, device=rows.device)
        flat = rows.reshape(-1, *rows.shape[-3:])
        lines = poles.reshape(len(flat), -1)
        return rows.shape[:-3], [([(one, band) for band in bands], own) for bands, own in zip(flat, lines, strict=True)]

    # -- what is valid ------------------------------------------------------------------------------------------

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        super().check(sample_rate)
        given, count = self.values()["gains_db"].shape[-1], self._count(sample_rate)
        if given not in (1, count):
            raise ParameterError(
                f"{self._name()}: gains_db has {given} values, but there are {count} bands; give one for each, "
                "or one for all."
            )


def scaled(rows: Tensor, gain: Tensor) -> Tensor:
    """The sections `(..., sections, 6)` times a gain `(..., 1, 1)`, which the first of them takes."""
    above = rows[..., :1, :3] * gain.to(rows.device)
    rows = rows.expand(*above.shape[:-2], -1, -1)
    return torch.cat([torch.cat([above, rows[..., :1, 3:]], -1), rows[..., 1:, :]], -2)


def in_hertz(value: float) -> str:
    """A frequency in few digits: `"31.5 Hz"`, `"1.25 kHz"`."""
    return f"{value / 1000:.3g} kHz" if value >= 999.5 else f"{value:.3g} Hz"
