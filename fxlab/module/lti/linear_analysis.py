"""`LinearAnalysis`: response, delays, roots and sections of every module that may be linear and time-invariant."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from fxlab.engine import multiplied, noise_gain, settling
from fxlab.errors import FxlabError, ParameterError
from fxlab.module.lti.export import written
from fxlab.module.lti.phase import continuous_phase
from fxlab.module.module import Module
from fxlab.signal.samples import is_number

Frequencies = Tensor | Sequence[float] | float


class LinearAnalysis(Module):
    """The analysis of linear time-invariant systems: frequency response, delays, poles and zeros.

    Its subclasses are `LTI`, which always has a response, and the modules made of other modules (`Chain`, `Sum`,
    `Mix`), which have one while all their parts do: `has_response` says so. Without one every method raises a
    `ParameterError` that names the part at fault.

    Every method takes the sample rate in Hz, unless the module was constructed with one. Results are float64 (or
    complex128), keep the gradient to the parameters, and carry the parameters' `(batch,)` or `(batch, channels)`
    dimensions in front. Frequencies are in Hz.
    """

    _abstract_hint = (
        " For a filter derive from fx.Recursive or fx.Finite and define design(self, sample_rate); for known "
        "coefficients use fx.SOS(…), fx.ZPK(…), fx.TransferFunction(…) or fx.FIR(…)."
    )
    is_causal = True
    """Whether nothing comes out before it went in."""
    mask: Any = None
    """What it is meant to do, as an `fxlab.Mask` says it: its card draws the mask. `design` sets it; copies keep it."""

    # -- what a subclass answers --------------------------------------------------------------------------------

    @abstractmethod
    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        """The complex response `(..., frequencies)`."""

    @abstractmethod
    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        """The group delay `(..., frequencies)` in samples."""

    @abstractmethod
    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        """Zeros and poles in the z plane, each `(..., n)`; NaN where one example of a batch has fewer."""

    def _modes(self, rate: float) -> Tensor:
        """The poles `(..., n)` by whose radius a sound dies away: of what runs backwards, as they are forwards."""
        return self._poles(rate)

    @abstractmethod
    def _sos(self, rate: float) -> Tensor:
        """Second-order sections `(..., sections, 6)`."""

    @property
    def has_response(self) -> bool:
        """Whether it has a frequency response, so that the methods of this class may be called."""
        return self._why_no_response() is None

    def _why_no_response(self) -> str | None:
        """Return the sentence that says why it has no response, or None where it has one."""
        return None

    # -- questions ----------------------------------------------------------------------------------------------

    def response(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """The complex frequency response, shape `(..., frequencies)`.

        Raises:
            ParameterError: A frequency that is negative or beyond half the sample rate, or no number.
        """
        rate = self._ready(sample_rate)
        grid, single = self._frequencies(frequencies, rate)
        return _scalar(self._response(grid, rate), single)

    def magnitude_db(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """The level of the response in dB, `(..., frequencies)`; minus infinity on a zero."""
        response = self.response(frequencies, sample_rate)
        silent = response == 0
        level = 20 * torch.where(silent, torch.ones_like(response), response).abs().log10()
        return torch.where(silent, -torch.inf, level)

    def group_delay(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """The delay of an envelope at each frequency, in samples, from the exact derivative of the phase."""
        rate = self._ready(sample_rate)
        grid, single = self._frequencies(frequencies, rate)
        return _scalar(self._group_delay(grid, rate), single)

    def phase_delay(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """The delay of a tone at each frequency, in samples: unwrapped phase over angular frequency.

        At 0 Hz, where a tone has no phase, it is the group delay.
        """
        rate = self._ready(sample_rate)
        grid, single = self._frequencies(frequencies, rate)
        omega = 2 * math.pi * grid / rate
        delay = -self._phase(grid, rate) / torch.where(omega > 0, omega, 1.0)
        if bool((omega == 0).any()):
            delay = torch.where(omega > 0, delay, self._group_delay(grid, rate))
        return _scalar(delay, single)

    def phase(self, frequencies: Frequencies, sample_rate: float | None = None, *, wrapped: bool = False) -> Tensor:
        """The phase in radians, continuous from 0 Hz up whatever the spacing of `frequencies`.

        That of a chain is the sum of its stages'; a high-pass of order n starts at n quarter turns.

        Args:
            frequencies: In Hz.
            sample_rate: In Hz.
            wrapped: Give the angle of the response as it is, from −π to π.
        """
        rate = self._ready(sample_rate)
        grid, single = self._frequencies(frequencies, rate)
        if wrapped:
            return _scalar(torch.angle(self._response(grid, rate)), single)
        return _scalar(self._phase(grid, rate), single)

    def impulse_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """What comes out for a single 1: `(..., time)`.

        Args:
            sample_rate: In Hz.
            duration: In seconds; left out, until the slowest pole has decayed by 80 dB (at least 64 samples, at most
                4 seconds).

        Raises:
            ParameterError: A duration that is not above 0.
            FxlabError: A part of it is not causal.
        """
        rate = self._ready(sample_rate)
        for part in self.modules():
            if isinstance(part, LinearAnalysis) and not part.is_causal:
                raise FxlabError(
                    f"{self._name()}: {part!r} in it answers before it is asked, so an impulse at time 0 would "
                    "tell half of it: run it on an impulse in the middle of silence."
                )
        frames = self._decay(rate) if duration is None else self._frames(duration, rate)
        device = self._device()
        lead = self._response(torch.zeros(1, dtype=torch.float64, device=device), rate).shape[:-1]
        shape = (*lead, *(1,) * (len(lead) == 1), frames)  # in the place of channels, where only examples differ
        impulse = torch.zeros(shape, dtype=torch.float64, device=device)
        impulse[..., 0] = 1.0
        out = self(impulse, sample_rate=rate)
        return out[..., 0, :] if len(lead) == 1 else out

    def step_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """What comes out for a 1 that stays: the running sum of the impulse response, `(..., time)`."""
        return self.impulse_response(sample_rate, duration=duration).cumsum(-1)

    def sos(self, sample_rate: float | None = None) -> Tensor:
        """Second-order sections `(..., sections, 6)`, as `b0 b1 b2 a0 a1 a2` with `a0 = 1`."""
        return self._sos(self._ready(sample_rate))

    def ba(self, sample_rate: float | None = None) -> tuple[Tensor, Tensor]:
        """Numerator and denominator as polynomials of `1/z`, each `(..., order + 1)`, with `a[0] = 1`.

        For looking at, and for what asks for them: multiplied out, a high order at a low corner loses its digits. To
        filter, take `sos`.
        """
        return multiplied(self.sos(sample_rate))

    def export(self, form: str, sample_rate: float | None = None, *, name: str = "") -> str:
        """The second-order sections as source text for another tool.

        Args:
            form: `"c"`, a header with doubles; `"cmsis"`, floats in the order of CMSIS-DSP; `"matlab"`; `"json"`;
                `"numpy"`, for SciPy.
            sample_rate: In Hz.
            name: Of the array; the class's own in small letters where none is given.

        Raises:
            ParameterError: A form or a name that is not valid, or parameters that differ by example.
        """
        rate = self._ready(sample_rate)
        return written(self._sos(rate), rate, form, name or self._name().lower(), repr(self))

    def zpk(self, sample_rate: float | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Zeros and poles, as `zeros` and `poles` give them, and the gain, `(...)`, that they leave open.

        `H = gain · z^-n · ∏(1 − zero/z) / ∏(1 − pole/z)`.
        """
        rate = self._ready(sample_rate)
        b0, b1, b2 = self._sos(rate)[..., :3].unbind(-1)
        return *self._roots(rate), torch.where(b0 != 0, b0, torch.where(b1 != 0, b1, b2)).prod(-1)

    def margin(self, sample_rate: float | None = None) -> Tensor:
        """How far inside the unit circle the outermost pole lies, `(...)`: 1 without poles, below 0 when unstable."""
        radius = torch.nan_to_num(self._modes(self._ready(sample_rate)).abs(), nan=0.0)
        return 1 - torch.nn.functional.pad(radius, (0, 1)).amax(-1)

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """The power of what comes out for white noise of power 1: the energy of the impulse response, `(...)`."""
        try:
            return noise_gain(self.sos(sample_rate))
        except FxlabError:  # too long for sections: then from the samples themselves
            if not self.is_causal:
                raise
            return self.impulse_response(sample_rate).square().sum(-1)

    def memory(self, sample_rate: float | None = None, *, left: float = 1e-5) -> int | None:
        """After how many samples no more than `left` of what went in still sounds.

        None where that is never, or where it looks ahead.
        """
        return self._memory(self._ready(sample_rate), left)

    def poles(self, sample_rate: float | None = None) -> Tensor:
        """Poles in the z plane, complex128, `(..., n)`."""
        return self._poles(self._ready(sample_rate))

    def zeros(self, sample_rate: float | None = None) -> Tensor:
        """Zeros in the z plane, complex128, `(..., n)`."""
        return self._roots(self._ready(sample_rate))[0]

    def is_stable(self, sample_rate: float | None = None) -> bool:
        """Whether every pole lies inside the unit circle (for every example of a batch)."""
        return not bool((self._modes(self._ready(sample_rate)).abs() >= 1).any())

    # -- within -------------------------------------------------------------------------------------------------

    def _parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        """Return the parts with a response that a picture shows; parts with the same number share a colour."""
        return []

    def _part_names(self, rate: float) -> list[str]:
        """What each of its parts is called."""
        return [type(part).__name__ for _, part in self._parts(rate)]

    def _part_responses(self, grid: Tensor, rate: float) -> tuple[list[int], Sequence[Tensor]]:
        """The number of each part that has a response, and that response."""
        parts = self._parts(rate)
        return [number for number, _ in parts], [part.response(grid, rate) for _, part in parts]

    def _resolved(self, grid: Tensor, rate: float) -> tuple[Tensor, list[int], Sequence[Tensor]]:
        """The response, and of each part that has one its number and response."""
        return self._response(grid, rate), *self._part_responses(grid, rate)

    def _poles(self, rate: float) -> Tensor:
        return self._roots(rate)[1]

    def _memory(self, rate: float, left: float) -> int | None:
        return settling(self._sos(rate), left)

    def _ready(self, sample_rate: float | None) -> float:
        reason = self._why_no_response()
        if reason is not None:
            raise ParameterError(reason)
        rate = self._rate(sample_rate)
        for module in self._needed():
            if isinstance(module, Module):
                module.check(rate)
        return rate

    def _needed(self) -> Iterator[nn.Module]:
        """The modules whose values must be valid for it to answer, itself first."""
        return self.modules()

    def _frequencies(self, frequencies: Any, rate: float) -> tuple[Tensor, bool]:
        """The frequencies as a vector, and whether they were a single number."""
        try:
            grid = torch.as_tensor(frequencies, dtype=torch.float64, device=self._device())
        except (TypeError, ValueError, RuntimeError):
            raise ParameterError(f"{self._name()}: frequencies are numbers in Hz, not {frequencies!r}.") from None
        if grid.ndim > 1:
            raise ParameterError(
                f"{self._name()}: frequencies are a number or a vector, not of shape {tuple(grid.shape)}."
            )
        single = grid.ndim == 0
        grid = grid.reshape(-1)
        good = (grid >= 0) & (grid <= rate / 2)
        if not bool(good.all()):
            bad = grid[~good].flatten()[0].item()
            raise ParameterError(
                f"{self._name()}: asked for the response at {bad:g} Hz; at a sample rate of {rate:g} Hz frequencies "
                f"lie from 0 to {rate / 2:g} Hz."
            )
        return grid, single

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        return continuous_phase(self, grid, rate)

    def _device(self) -> torch.device:
        return next((value.device for value in (*self.parameters(), *self.buffers())), torch.device("cpu"))

    def _frames(self, duration: float, rate: float) -> int:
        if not is_number(duration) or not 0 < duration < math.inf:
            raise ParameterError(f"{self._name()}: duration is {duration!r}; it must be a number of seconds above 0.")
        return max(1, round(duration * rate))

    def _decay(self, rate: float) -> int:
        radius = self._modes(rate).detach().abs()
        radius = radius[radius < 1]
        slowest = float(radius.max()) if radius.numel() else 0.0
        if slowest == 0:
            return 64
        # Poles that lie together die away as t^n e^-t.
        together = int((1 - radius < 1.01 * (1 - slowest)).sum())
        times = start = math.log(1e4)
        for _ in range(4):
            times = start + max(0, together - 2) / 2 * math.log(times)  # they come in conjugate pairs
        return int(min(max(64, -times / math.log(slowest)), 4 * rate))


def has_response(module: Module) -> TypeGuard[LinearAnalysis]:
    """Return `module.has_response`, in a form that type checkers follow: where it is True, `module.response` exists."""
    return module.has_response


def _scalar(values: Tensor, single: bool) -> Tensor:
    """A number asked for is a number answered."""
    return values.squeeze(-1) if single else values
