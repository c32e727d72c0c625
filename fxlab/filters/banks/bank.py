"""`Bank`: the base class of the filter banks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, overload

import torch
from torch import Tensor

from fxlab.engine import frequency_response, roots, sosfilt, sosfilt_zi
from fxlab.engine.response.quadrature import circle_quadrature
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import ParameterError, SignalError
from fxlab.filters.coefficients.sos import SOS
from fxlab.module import LTI, LinearAnalysis, StatefulModule
from fxlab.module.checked_values import checked_values
from fxlab.module.checks import check_audio, rate_of_signal, stale_state
from fxlab.module.lti.cascade_sum import CascadeSum
from fxlab.module.lti.cascades import align_design, existing_roots
from fxlab.module.lti.conditioning import CoefficientError, section_error
from fxlab.module.lti.filter_steps import filter_steps
from fxlab.module.lti.frequencies import Frequencies
from fxlab.module.lti.sum_zeros import Branch
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.design_cache import cached_design
from fxlab.module.parameters.moving_values import moving_values
from fxlab.signal import Signal


class Bank(StatefulModule, CascadeSum, LTI):
    """A filter bank: filters in parallel, one per band; `split` returns their outputs, and a call returns the sum.

    A subclass declares its parameters, including `gains_db`, and defines `design` and `layout`.

    Shape:
        Input and output: `(time,)` or `(..., channels, time)`; the bands: `(..., channels, bands, time)`.
    """

    gains_db: Any

    # -- defined by subclasses ----------------------------------------------------------------------------------

    @abstractmethod
    def design(self, sample_rate: float) -> Tensor:
        """Return the sections of every band without its gain in `gains_db`, `(..., bands, sections, 6)`."""

    @abstractmethod
    def layout(self, sample_rate: float) -> Tensor:
        """Return the lower edge, center and upper edge of each band in Hz, `(..., bands, 3)`."""

    def names(self, sample_rate: float | None = None) -> list[str]:
        """Return the name of each band: its center, such as `"1 kHz"`; `"band 1"`, … if the centers are batched."""
        centers = self.centers(sample_rate)
        if centers.ndim > 1:
            return [f"band {number + 1}" for number in range(centers.shape[-1])]
        return [format_frequency(value) for value in centers.tolist()]

    # -- bands --------------------------------------------------------------------------------------------------

    @overload
    def split(self, x: Signal, sample_rate: None = None) -> list[Signal]: ...
    @overload
    def split(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def split(self, x: Signal | Tensor, sample_rate: float | None = None) -> list[Signal] | Tensor:
        """Return the output of each band, lowest band first; their sum is the output of the bank.

        A `Signal` gives a list of Signals; a tensor `(..., channels, time)` gives a tensor
        `(..., channels, bands, time)`.

        Raises:
            ParameterError: A value is invalid.
            SignalError: `x` is not valid audio, there is no sample rate, or `sample_rate` is not that of the `Signal`.
        """
        if isinstance(x, Signal):
            rate = rate_of_signal(x, sample_rate, self._name())
            return [Signal._of_channels(band, rate) for band in self.split(x.samples, rate).unbind(-2)]
        rate = self._resolve_rate(sample_rate)
        check_audio(x, self._name())
        with use_values(self, checked_values(self, x, rate)):
            return self._filter_bands(x, rate)[0]

    def levels_db(self, x: Signal | Tensor, sample_rate: float | None = None) -> Tensor:
        """Return the RMS level of each band in dB relative to 1, `(..., channels, bands)`; −∞ for silence.

        Raises:
            ParameterError: A value is invalid.
            SignalError: `x` has no samples or is not valid audio, there is no sample rate, or `sample_rate` is not that
                of the `Signal`.
        """
        if isinstance(x, Signal):
            sample_rate = rate_of_signal(x, sample_rate, self._name())
            x = x.samples
        bands = self.split(x, sample_rate)
        if bands.shape[-1] == 0:
            raise SignalError(f"{self._name()}: a signal of 0 samples has no level; pass at least one sample.")
        power = bands.double().square().mean(-1)
        level = 10 * torch.where(power > 0, power, torch.ones_like(power)).log10()
        return torch.where(power > 0, level, -torch.inf)

    def filters(self, sample_rate: float | None = None) -> list[SOS]:
        """Return an `SOS` filter for each band, designed for this sample rate; it includes the gain of the band.

        Raises:
            ParameterError: A value is invalid at this sample rate.
            SignalError: There is no sample rate.
        """
        rate = self._checked_rate(sample_rate)
        return [SOS(rows, sample_rate=rate) for rows in self._band_sections(rate).unbind(-3)]

    def edges(self, sample_rate: float | None = None) -> Tensor:
        """Return the lower and upper edge of each band in Hz, `(..., bands, 2)`.

        Raises:
            ParameterError: A value is invalid at this sample rate.
            SignalError: There is no sample rate.
        """
        return self._checked_layout(sample_rate)[..., ::2]

    def centers(self, sample_rate: float | None = None) -> Tensor:
        """Return the center of each band in Hz, `(..., bands)`.

        Raises:
            ParameterError: A value is invalid at this sample rate.
            SignalError: There is no sample rate.
        """
        return self._checked_layout(sample_rate)[..., 1]

    def band_responses(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """Return the complex response of each band at frequencies in Hz, `(..., bands, frequencies)`.

        The sum over the bands is `response`. For a single frequency, the result has the shape `(..., bands)`.

        Raises:
            ParameterError: A value is invalid, or a frequency is not from 0 to half the sample rate.
            SignalError: There is no sample rate.
        """
        rate = self._checked_rate(sample_rate)
        grid, single = self._frequency_grid(frequencies, rate)
        responses = frequency_response(self._band_sections(rate), grid, rate)
        return responses.squeeze(-1) if single else responses

    def split_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the bands of the next block of a stream, `(..., channels, bands, time)`, and the state after it.

        The state is None at the first block.

        Raises:
            ParameterError: A value is invalid.
            SignalError: The number of bands or of their sections has changed since `state` was returned.
        """
        with use_values(self, checked_values(self, x, sample_rate)):
            return self._filter_bands(x, sample_rate, state)

    # -- processing ---------------------------------------------------------------------------------------------

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the sum of the bands for the next block, and the state after it; see `split_block`."""
        bands, state = self._filter_bands(x, sample_rate, state)
        return bands.sum(-2), state

    def _filter_bands(self, x: Tensor, rate: float, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the output of each band, `(..., channels, bands, time)`, and the state after it.

        A `state` of None means zeros.

        Raises:
            SignalError: The number of bands or of their sections has changed since `state` was returned.
        """
        moving = moving_values(self)
        if moving is not None:
            with use_values(self, moving.design_values()):
                sos = self._design_with_gains(rate).movedim(-4, -3).to(x.device)
            return filter_steps(x.unsqueeze(-2), lambda steps: sos[..., steps, :, :], moving, state)
        sos = self._aligned_sections(x, rate)
        if state is not None and state.shape[-3:-1] != sos.shape[-3:-1]:
            raise stale_state(self._name(), "the number of its bands or their order changed")
        return sosfilt(x.unsqueeze(-2), sos, state)

    def settled_state(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        return x[..., None, None] * sosfilt_zi(self._aligned_sections(x, sample_rate))

    def _aligned_sections(self, x: Tensor, rate: float) -> Tensor:
        """Return the sections of the bands, `(..., bands, sections, 6)`, aligned with the leading dimensions of `x`."""
        return align_design(self, self._band_sections(rate), x, own_dims=3)

    # -- response -----------------------------------------------------------------------------------------------

    def _count(self, rate: float) -> int:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.layout(rate).shape[-2]

    def _band_sections(self, rate: float) -> Tensor:
        """Return the sections of `design`, `(..., bands, sections, 6)`, with each band multiplied by its gain."""
        return cached_design(self, rate, partial(self._run_design, rate))

    def _run_design(self, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self._design_with_gains(rate)

    def _design_with_gains(self, rate: float) -> Tensor:
        return apply_gain(self.design(rate), (10 ** (self.gains_db / 20))[..., None, None])

    def _checked_layout(self, sample_rate: float | None) -> Tensor:
        rate = self._checked_rate(sample_rate)
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.layout(rate)

    def _numbered_parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        return [(number % 2, band) for number, band in enumerate(self.filters(rate))]

    def _part_labels(self, rate: float) -> list[str]:
        return self.names(rate)

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        responses = first_example(self.band_responses(grid, rate), 2)
        return [number % 2 for number in range(len(responses))], responses.unbind(0)

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """Return the output power for white noise of power 1, `(...)`; infinite for an unstable filter.

        It is the mean of the squared magnitude response over all frequencies.
        """
        # The sections of the sum of many narrow bands are too badly conditioned for `LinearAnalysis.noise_gain`.
        rate = self._checked_rate(sample_rate)
        radius = torch.nan_to_num(self._modes(rate).detach().abs(), nan=0.0).amax(-1)
        poles = self._poles(rate).detach()
        turns, weights = circle_quadrature(poles[poles.abs() < 1])
        power = self._response(turns * rate, rate).abs().square() @ weights
        return torch.where(radius < 1, power, torch.inf)

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        return frequency_response(self._band_sections(rate), frequencies, rate).sum(-2)

    def _coefficient_error(self, rate: float) -> CoefficientError | None:
        return section_error(self._band_sections(rate), rate, lambda _: None)

    def _poles(self, rate: float) -> Tensor:
        return existing_roots(roots(self._band_sections(rate).flatten(-3, -2))[1])

    def _memory(self, rate: float, tolerance: float) -> int | None:
        return SOS(self._band_sections(rate).detach().flatten(-3, -2))._memory(rate, tolerance)

    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        sos, all_poles = self._band_sections(rate), self._poles(rate)
        weight = torch.ones((), dtype=torch.float64, device=sos.device)
        banks = sos.reshape(-1, *sos.shape[-3:])
        examples = zip(banks, all_poles.reshape(len(banks), -1), strict=True)
        return sos.shape[:-3], [([(weight, band) for band in bands], poles) for bands, poles in examples]

    # -- validation ---------------------------------------------------------------------------------------------

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or `gains_db` has neither 1 value nor one per band."""
        super()._check(sample_rate)
        gains, count = self.values()["gains_db"].shape[-1], self._count(sample_rate)
        if gains not in (1, count):
            raise ParameterError(
                f"{self._name()}: gains_db has {gains} values, but there are {count} bands; give 1 value, or {count}, "
                "one for each band."
            )


def apply_gain(sos: Tensor, gain: Tensor) -> Tensor:
    """Return the sections `(..., sections, 6)` with the first numerator multiplied by `gain`, `(..., 1, 1)`."""
    numerator = sos[..., :1, :3] * gain.to(sos.device)
    sos = sos.expand(*numerator.shape[:-2], -1, -1)
    return torch.cat([torch.cat([numerator, sos[..., :1, 3:]], -1), sos[..., 1:, :]], -2)


def format_frequency(value: float) -> str:
    """Return a frequency in Hz as text with up to three significant digits: `"31.5 Hz"`, `"1.25 kHz"`."""
    return f"{value / 1000:.3g} kHz" if value >= 999.5 else f"{value:.3g} Hz"
