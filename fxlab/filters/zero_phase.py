"""`ZeroPhase`: forward-backward filtering."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine import convolve, noise_gain
from fxlab.engine.torch_support.known_values import any_true, numpy_values
from fxlab.engine.torch_support.tracing import constant_in_graphs
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.filters.common.extend_signal import extend_signal
from fxlab.filters.common.gustafsson import filter_by_gustafsson, most_states
from fxlab.filters.common.order_by_default import order_by_default
from fxlab.module import (
    LTI,
    Chain,
    Choice,
    Count,
    LinearAnalysis,
    Module,
    Rational,
    has_response,
    wrap,
)
from fxlab.module.lti.cascades import align_design, join_cascades
from fxlab.module.parameters.broadcasting import align_to_input
from fxlab.module.parameters.design_cache import cache_designs

EXTENSIONS = ("odd", "even", "constant")
"""The choices of `padding` that extend the signal."""
GUSTAFSSON_TOLERANCE = 1e-16
"""The fraction to which the effect of the initial states must have decayed to be neglected."""


class ZeroPhase(LTI):
    """A zero-phase filter: it runs another filter forwards and then backwards, which squares the magnitude response.

    A level of −3 dB becomes −6 dB, and no frequency is delayed. The filter needs future samples, so it cannot stream
    and has no causal second-order sections. The signal is extended at both ends as specified by `padding`. Each
    extension has `pad_length` samples, by default `3 (order + 1)` as in SciPy, or fewer if the signal is shorter.
    Beyond the extensions the signal is assumed constant, and the filter starts in the steady state for that value.

    `padding="gustafsson"` assumes nothing beyond the ends: it starts both passes in the states for which filtering
    forwards and then backwards differs least from filtering backwards and then forwards. This is the method of SciPy's
    `filtfilt(method="gust")`, computed with second-order sections instead of polynomials. The gradients with respect to
    the parameters of the filter lose digits if the signal is much shorter than the impulse response.

    The poles and zeros of a `ZeroPhase` are those of the filter and their reciprocals. A `ZeroPhase` counts as stable
    if its filter is stable. The impulse response is symmetric about time 0.

    Args:
        module: A linear time-invariant module, such as a filter, or a `Chain` or `Sum` of filters.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `module` is not linear and time-invariant, or has a pole at 0 Hz, so that it has no steady
            state; with Gustafsson's method, `module` is not stable, or has more than 128 states (32 without poles).
        FxlabError: The method is Gustafsson's, and `module` has no second-order sections, like another `ZeroPhase` or
            an FIR filter with more than 257 taps.
        SignalError: The signal is not longer than `pad_length`, or `module` changes the number of samples.

    Source:
        SciPy's `sosfiltfilt`; F. Gustafsson, Determining the Initial States in Forward-Backward Filtering, IEEE
        Transactions on Signal Processing 44, 1996, on the assumptions about the ends.

    >>> from fxlab.filters import Butterworth
    >>> smooth = ZeroPhase(Butterworth(1000.0))
    >>> round(smooth.magnitude_db(1000.0, sample_rate=48_000).item(), 3)
    -6.021
    >>> smooth.group_delay([100.0, 1000.0], sample_rate=48_000).tolist()
    [0.0, 0.0]
    """

    is_causal = False
    refuses_moving_parts = "backwards, the filter would run through its changes in reverse order."

    padding = Choice(
        "odd",
        (*EXTENSIONS, "none", "gustafsson"),
        doc="Treatment of the ends. Extension: point-reflected (odd), mirrored (even), constant, or none. gustafsson: "
        "no extension, and initial states by Gustafsson's method.",
    )
    pad_length = Count(
        0,
        low=0,
        high=4800,
        at_least=0,
        unit="samples",
        only=("padding", EXTENSIONS),
        doc="Length of the extension at each end; 0: as in SciPy, 3 (order + 1) or less for a short signal.",
    )

    def __init__(self, module: Any, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.module: Module = module if isinstance(module, Module) else wrap(module)
        self._filter()

    def _why_no_response(self) -> str | None:
        if has_response(self.module):
            return None
        return (
            f"{self._name()}: {self.module!r} is not linear and time-invariant; ZeroPhase takes a filter, or a "
            "Chain or Sum of filters."
        )

    # -- processing ---------------------------------------------------------------------------------------------

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x`, `(..., time)`, filtered forwards and then backwards."""
        module, time = self._filter(), x.shape[-1]
        if time == 0:
            return module(x, sample_rate=sample_rate)
        work = x.to(torch.promote_types(x.dtype, torch.float32))
        if self.padding == "gustafsson":
            return self._filter_by_gustafsson(work, sample_rate).to(x.dtype)
        with cache_designs():
            at_zero_hz = module._response(torch.zeros(1, dtype=torch.float64, device=module._device()), sample_rate)
            gain = align_to_input({"gain": at_zero_hz.real[..., 0].to(x.device)}, work)["gain"]
            self._check_gain(gain)
            pad_length = self._extension(time, sample_rate)
            y = self._filter_settled(extend_signal(work, pad_length, self.padding), gain, sample_rate)
            y = self._filter_settled(y.flip(-1), gain, sample_rate).flip(-1)
        return y[..., pad_length : pad_length + time].to(x.dtype)

    def _extension(self, time: int, sample_rate: float) -> int:
        """Return the number of samples added at each end; raise a `SignalError` if `time` samples are too few."""
        if self.padding == "none":
            return 0
        if self.pad_length == 0:
            return min(3 * (self._filter_order(sample_rate) + 1), time - 1)
        if self.pad_length >= time:
            raise SignalError(
                f"{self._name()}: pad_length is {self.pad_length} samples, and the signal has {time}; it must have "
                "more. Choose a smaller pad_length, or padding='gustafsson'."
            )
        return int(self.pad_length)

    def _filter_by_gustafsson(self, x: Tensor, sample_rate: float) -> Tensor:
        module = self._filter()
        if any_true(module.margin(sample_rate).detach() <= 0):
            raise ParameterError(
                f"{self._name()}: {self.module!r} does not decay, so no initial states make both directions agree."
            )
        sos = module._sos(sample_rate)
        if (states := 2 * sos.shape[-2]) > (most := most_states(sos)):
            raise ParameterError(
                f"{self._name()}: {self.module!r} has {states} states; Gustafsson's method takes {most} of such a "
                "filter. Choose padding='odd'."
            )
        memory = module._memory(sample_rate, GUSTAFSSON_TOLERANCE)
        return filter_by_gustafsson(x.double(), align_design(self, sos, x), memory)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> NoReturn:
        """Raise an `FxlabError`, because backward filtering starts at the end of the signal.

        Raises:
            FxlabError: Always.
        """
        raise FxlabError(
            f"{self._name()} cannot stream: it also filters backwards, from the end of the signal. "
            f"Process the complete signal in one call, or stream {self.module!r} itself."
        )

    def _filter_settled(self, x: Tensor, gain: Tensor, rate: float) -> Tensor:
        """Return `x`, filtered as if all earlier samples were equal to its first; `gain` is the gain at 0 Hz.

        Raises:
            SignalError: The output of the filter has another number of samples than `x`.
        """
        first = x[..., :1]
        y: Tensor = self.module(x - first, sample_rate=rate)
        if y.shape[-1] != x.shape[-1]:
            raise SignalError(
                f"{self._name()}: {self.module!r} gives {y.shape[-1]} samples for {x.shape[-1]}, so output and input "
                "cannot be aligned."
            )
        return y + gain * first

    def _check_gain(self, gain: Tensor) -> None:
        if any_true(~torch.isfinite(gain)):
            raise ParameterError(
                f"{self._name()}: {self.module!r} has a pole at 0 Hz, so it never settles to the value before the "
                "signal; move the pole inside the unit circle."
            )

    @constant_in_graphs
    def _filter_order(self, rate: float) -> int:
        return _order(self._filter(), rate)

    def _filter(self) -> LinearAnalysis:
        if not has_response(self.module):
            raise ParameterError(str(self._why_no_response()))
        return self.module

    # -- response -----------------------------------------------------------------------------------------------

    def impulse_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """Return the impulse response, `(..., 2 n - 1)`, which is symmetric about time 0, its middle sample.

        Args:
            sample_rate: The sample rate in Hz.
            duration: The length in seconds of the impulse response of `module`, which has n samples. The default is
                that of `LinearAnalysis.impulse_response`.

        Raises:
            ParameterError: The duration is not above 0.
            FxlabError: `module` is a `Chain` or `Sum` with a part that is not causal.
        """
        rate = self._checked_rate(sample_rate)
        once = self._filter().impulse_response(rate, duration=duration)
        return convolve(pad(once, (0, once.shape[-1] - 1)), once.flip(-1))

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """Return the output power for white noise of power 1, `(...)`.

        Raises:
            FxlabError: `module` has no second-order sections, like another `ZeroPhase` or an FIR filter with more than
                257 taps.
        """
        sos = self._filter()._sos(self._checked_rate(sample_rate))
        return noise_gain(join_cascades([sos, sos]))

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        once = self._filter()._response(frequencies, rate)
        power = once.real**2 + once.imag**2
        return torch.complex(power, torch.zeros_like(power))

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        return torch.zeros_like(self._filter()._response(frequencies, rate).real)

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        return self._group_delay(grid, rate)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        zeros, poles = self._filter()._roots(rate)
        return torch.cat([zeros, _reciprocal(zeros)], -1), torch.cat([poles, _reciprocal(poles)], -1)

    def _modes(self, rate: float) -> Tensor:
        return self._filter()._modes(rate)

    def _memory(self, rate: float, left: float) -> None:
        """Return None: every output sample depends on future samples, so the output cannot be computed in parts."""

    def _sos(self, rate: float) -> Tensor:
        raise FxlabError(
            f"{self!r} has no second-order sections: it needs future samples, and sections run forwards. It runs "
            f"the sections of {self.module!r} once in each direction."
        )

    def _arguments(self) -> list[str]:
        return [repr(self.module), *super()._arguments()]


def _order(module: LinearAnalysis, rate: float) -> int:
    """Return the order of the filter at a sample rate in Hz, as SciPy counts it for the default `padlen`."""
    if isinstance(module, ZeroPhase):
        return 2 * _order(module._filter(), rate)
    if isinstance(module, Rational):
        return max(c.shape[-1] for c in module._polynomials(rate)) - 1
    try:
        sos = module._sos(rate).detach()
    except FxlabError:
        if isinstance(module, Chain):
            return sum(_order(stage, rate) for stage in module._linear_stages())
        return max(roots.shape[-1] for roots in module._roots(rate))
    rows = numpy_values(sos.reshape(-1, *sos.shape[-2:]))
    if rows is None:
        return order_by_default(module, rate)
    spare = min(int((rows[..., place] == 0).all(0).sum()) for place in (2, 5))
    return 2 * sos.shape[-2] - spare


def _reciprocal(roots: Tensor) -> Tensor:
    """Return `1 / conj(z)` of each root; NaN for a root at 0, whose reciprocal is at infinity."""
    is_zero = roots == 0
    reciprocal = 1 / torch.where(is_zero, torch.ones_like(roots), roots).conj()
    return torch.where(is_zero, torch.full_like(reciprocal, torch.nan), reciprocal)
