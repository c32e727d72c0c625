"""`LinearAnalysis`: response, delays, roots and sections of modules that can be linear and time-invariant."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

import torch
from torch import Tensor

from fxlab.engine import noise_gain, sos_to_tf
from fxlab.errors import FxlabError, ParameterError
from fxlab.module.lti.conditioning import check_coefficients
from fxlab.module.lti.decay import frames_of
from fxlab.module.lti.export_sections import PROGRAM_FORMATS, format_sections
from fxlab.module.lti.frequencies import Frequencies
from fxlab.module.lti.linear_definition import LinearDefinition
from fxlab.module.lti.phase import continuous_phase
from fxlab.module.lti.scipy_pairing import PAIRINGS, paired_by_scipy
from fxlab.module.module import Module
from fxlab.signal.samples import is_number


class LinearAnalysis(LinearDefinition):
    """The base class for the analysis of linear time-invariant modules: response, delays, poles and zeros.

    Its subclasses are `LTI`, which always has a response, and modules that consist of other modules, such as `Chain`,
    `Sum` and `Mix`. These have a response while all parts that process the signal have one; see `has_response`. Without
    a response, the methods of this class raise a `ParameterError` that names the part that is not linear and
    time-invariant; only `export` may then return a program.

    Every method needs the sample rate in Hz, unless the module was constructed with one. Tensors that are returned are
    float64 or complex128, have the parameters' `(batch,)` or `(batch, channels)` dimensions in front, and are
    differentiable with respect to the parameters unless a method or a subclass states otherwise. Frequencies are in Hz;
    for a single number, the results have no dimension of frequencies. Roots of polynomials of an order above 256 are
    not computed: methods that need them raise an `FxlabError`.
    """

    _abstract_hint = (
        " For a filter derive from fx.Recursive or fx.Finite and define design(self, sample_rate); for known "
        "coefficients use fx.SOS(…), fx.ZPK(…), fx.TransferFunction(…) or fx.FIR(…)."
    )
    mask: Any = None
    """The `fxlab.Mask` for which `fxlab.design` designed the filter, drawn on its card; None for other filters."""

    # -- responses ----------------------------------------------------------------------------------------------

    @property
    def has_response(self) -> bool:
        """Whether the module has a frequency response, so that the methods of this class may be called."""
        return self._why_no_response() is None

    def response(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """Return the complex frequency response, `(..., frequencies)`.

        A `BadCoefficientsWarning` is issued if the rounding of coefficients can change it by more than 0.1 dB.

        Raises:
            ParameterError: A frequency is not a number from 0 to half the sample rate, or there is no response.
        """
        rate = self._checked_rate(sample_rate)
        grid, is_single = self._frequency_grid(frequencies, rate)
        with check_coefficients(self, rate):
            return _squeeze_if(is_single, self._response(grid, rate))

    def magnitude_db(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """Return the magnitude of the response in dB, `(..., frequencies)`; minus infinity where the response is 0."""
        is_silent = (response := self.response(frequencies, sample_rate)) == 0
        level = 20 * torch.where(is_silent, torch.ones_like(response), response).abs().log10()
        return torch.where(is_silent, -torch.inf, level)

    def group_delay(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """Return the group delay in samples, `(..., frequencies)`.

        It is minus the derivative of the phase with respect to the angular frequency in radians per sample. At a zero
        of the response, where the phase jumps, it is the limit.
        """
        rate = self._checked_rate(sample_rate)
        grid, is_single = self._frequency_grid(frequencies, rate)
        return _squeeze_if(is_single, self._group_delay(grid, rate))

    def phase_delay(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """Return the delay of a sine in samples, `(..., frequencies)`: −(unwrapped phase) / (angular frequency).

        At 0 Hz it is the group delay.
        """
        rate = self._checked_rate(sample_rate)
        grid, is_single = self._frequency_grid(frequencies, rate)
        omega = 2 * math.pi * grid / rate
        delay = -self._phase(grid, rate) / torch.where(omega > 0, omega, 1.0)
        if bool((omega == 0).any()):
            delay = torch.where(omega > 0, delay, self._group_delay(grid, rate))
        return _squeeze_if(is_single, delay)

    def phase(self, frequencies: Frequencies, sample_rate: float | None = None, *, wrapped: bool = False) -> Tensor:
        """Return the unwrapped phase in radians, `(..., frequencies)`, for any spacing of `frequencies`.

        It is continuous from 0 Hz, except for jumps at zeros and poles on the unit circle. The phase of a chain is the
        sum of the phases of its stages; a high-pass of order n starts at n π/2.

        Args:
            frequencies: The frequencies in Hz.
            sample_rate: The sample rate in Hz.
            wrapped: Whether to return the angle of the response, from −π to π, instead.
        """
        rate = self._checked_rate(sample_rate)
        grid, is_single = self._frequency_grid(frequencies, rate)
        phase = torch.angle(self._response(grid, rate)) if wrapped else self._phase(grid, rate)
        return _squeeze_if(is_single, phase)

    def impulse_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """Return the output for a unit impulse, `(..., time)`.

        Args:
            sample_rate: The sample rate in Hz.
            duration: The length in seconds; by default, the complete response of a finite filter, and for other filters
                an estimate of the time in which it decays by 80 dB, between 64 samples and 4 seconds.

        Raises:
            ParameterError: The duration is not a finite number above 0.
            FxlabError: The module or a part of it is not causal.
        """
        rate = self._checked_rate(sample_rate)
        for part in self.modules():
            if isinstance(part, LinearAnalysis) and not part.is_causal:
                reason = "is not causal, so half of the response to an impulse at time 0 would be missing"
                raise FxlabError(f"{self._name()}: {part!r} {reason}; run it on an impulse in the middle of silence.")
        frames = self._decay_length(rate) if duration is None else frames_of(duration, rate, self._name())
        device = self._device()
        batch = self._response(torch.zeros(1, dtype=torch.float64, device=device), rate).shape[:-1]
        shape = (*batch, *(1,) * (len(batch) == 1), frames)  # with one channel for parameters of shape (batch,)
        impulse = torch.zeros(shape, dtype=torch.float64, device=device)
        impulse[..., 0] = 1.0
        out = self(impulse, sample_rate=rate)
        return out[..., 0, :] if len(batch) == 1 else out

    def step_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """Return the output for a unit step, `(..., time)`: the running sum of the impulse response.

        See `impulse_response` for the arguments.
        """
        return self.impulse_response(sample_rate, duration=duration).cumsum(-1)

    # -- coefficients and roots ---------------------------------------------------------------------------------

    def sos(self, sample_rate: float | None = None, *, pairing: str = "fxlab") -> Tensor:
        """Return second-order sections `(..., sections, 6)`, as `b0 b1 b2 a0 a1 a2` with `a0 = 1`.

        A `BadCoefficientsWarning` is issued if the rounding of coefficients can change the response by over 0.1 dB.

        Args:
            sample_rate: The sample rate in Hz.
            pairing: `"fxlab"`, the pairing of this package; `"scipy"`, the rows of SciPy's design or of its `zpk2sos`,
                for comparison and without gradient. Both are the same filter.

        Raises:
            ParameterError: `pairing` is neither `"fxlab"` nor `"scipy"`.
            FxlabError: The module or a part of it is not causal.
        """
        if pairing not in PAIRINGS:
            raise ParameterError(f"{self._name()}: pairing is {pairing!r}; it must be 'fxlab' or 'scipy'.")
        with check_coefficients(self, rate := self._checked_rate(sample_rate)):
            return self._sos(rate).clone() if pairing == "fxlab" else self._scipy_sos(rate)

    def ba(self, sample_rate: float | None = None) -> tuple[Tensor, Tensor]:
        """Return the numerator `b` and the denominator `a` as the coefficients of `1, 1/z, 1/z², …`, with `a[0] = 1`.

        Each is `(..., order + 1)`. With a high order and low corner frequencies this form loses accuracy: use `sos` for
        filtering.
        """
        return sos_to_tf(self.sos(sample_rate))

    def zpk(self, sample_rate: float | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return the zeros and the poles, as `zeros` and `poles` do, and the gain, `(...)`.

        `H = gain · z^-n · ∏(1 − zero/z) / ∏(1 − pole/z)` for a filter with a pure delay of n samples, usually 0.
        """
        rate = self._checked_rate(sample_rate)
        b0, b1, b2 = self._sos(rate)[..., :3].unbind(-1)
        return *self._roots(rate), torch.where(b0 != 0, b0, torch.where(b1 != 0, b1, b2)).prod(-1)

    def zeros(self, sample_rate: float | None = None) -> Tensor:
        """Return the zeros in the z plane, complex128, `(..., n)`; NaN marks an entry without a zero."""
        return self._roots(self._checked_rate(sample_rate))[0]

    def poles(self, sample_rate: float | None = None) -> Tensor:
        """Return the poles in the z plane, complex128, `(..., n)`; NaN marks an entry without a pole."""
        return self._poles(self._checked_rate(sample_rate))

    def export(self, format: str, sample_rate: float | None = None, *, name: str = "", channels: int = 2) -> str:
        """Return the second-order sections, or a program, as source code for another tool.

        Args:
            format: `"c"`, a header with doubles; `"cmsis"`, floats in the order of CMSIS-DSP; `"matlab"`; `"json"`;
                `"numpy"`, for SciPy. `"c-program"` and `"worklet"` are programs: see `Module.export`.
            sample_rate: The sample rate in Hz.
            name: The name of the array, or the start of the names in the code; by default the name of the class in
                lower case.
            channels: The number of input channels of a program.

        Raises:
            ParameterError: The format or the name is not valid; or sections are exported, and the parameters have batch
                dimensions or the module has no response.
            CompileError: A program is exported, and the module has an operation that the compiler does not support.
        """
        if format in PROGRAM_FORMATS or (format == "c" and not self.has_response):
            return super().export(format, sample_rate, name=name, channels=channels)
        rate = self._checked_rate(sample_rate)
        return format_sections(self.sos(rate), rate, format, name or self._name().lower(), repr(self))

    # -- stability and noise ------------------------------------------------------------------------------------

    def is_stable(self, sample_rate: float | None = None) -> bool:
        """Return whether every pole lies inside the unit circle, for every example of a batch.

        The poles are those that determine the decay; for a filter that also runs backward, its forward poles.
        """
        return not bool((self._modes(self._checked_rate(sample_rate)).abs() >= 1).any())

    def margin(self, sample_rate: float | None = None) -> Tensor:
        """Return the distance of the outermost pole from the unit circle, `(...)`; see `is_stable` for the poles.

        It is 1 without poles, and negative if the pole lies outside the circle.
        """
        radius = torch.nan_to_num(self._modes(self._checked_rate(sample_rate)).abs(), nan=0.0)
        return 1 - torch.nn.functional.pad(radius, (0, 1)).amax(-1)

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """Return the output power for white noise of power 1, `(...)`: the energy of the impulse response.

        It is infinite for an unstable filter.

        Raises:
            FxlabError: A part of the module is not causal.
        """
        try:
            return noise_gain(self.sos(sample_rate))
        except FxlabError:  # a long FIR filter has no sections: the energy is summed in time
            if not self.is_causal:
                raise
            return self.impulse_response(sample_rate).square().sum(-1)

    def memory(self, sample_rate: float | None = None, *, tolerance: float = 1e-5) -> int | None:
        """Return the number of samples after which at most a fraction `tolerance` of an input remains in the output.

        For a recursive filter the number is an estimate. It is None for a filter that does not decay or is not causal.

        Raises:
            ParameterError: `tolerance` is not a number above 0.
        """
        if not is_number(tolerance) or not 0 < tolerance < math.inf:
            raise ParameterError(f"{self._name()}: tolerance is {tolerance!r}; it must be a number above 0.")
        return self._memory(self._checked_rate(sample_rate), tolerance)

    # -- internal -----------------------------------------------------------------------------------------------

    def _scipy_sos(self, rate: float) -> Tensor:
        """Return the sections of SciPy's `zpk2sos`, `(..., sections, 6)`, without gradient.

        SciPy leaves out the pure delay of a filter; it is in sections after these, see `paired_by_scipy`.
        """
        return paired_by_scipy(*self.zpk(rate))

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        return continuous_phase(self, grid, rate)


def has_response(module: Module) -> TypeGuard[LinearAnalysis]:
    """Return `module.has_response`, as a type guard: where it is True, type checkers know that `response` exists."""
    return module.has_response


def _squeeze_if(is_single: bool, values: Tensor) -> Tensor:
    return values.squeeze(-1) if is_single else values
