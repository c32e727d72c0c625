"""`MinimumPhase`: an FIR filter with minimum phase and the magnitude response of another FIR filter."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common.lengths import MAX_TAPS
from fxlab.module import Choice, Count, Finite, Module, Switch

MAX_DEFAULT_POINTS = 1 << 22
TOLERANCE = 1e-6  # of symmetric taps, relative to the largest one


class MinimumPhase(Finite):
    """An FIR filter with minimum phase and the magnitude response of another FIR filter.

    Of all filters with this magnitude response it has the smallest delay, and its `latency` is 0. With `halve` it has
    half the taps, rounded up, and the square root of the magnitude response, which is half the gain in dB. The taps are
    those of `scipy.signal.minimum_phase`, where `halve` is called `half` and is the default.

    The homomorphic method applies to any FIR filter. It keeps the magnitude within about 1e-4 (0.001 dB in a passband,
    and stopbands down to -80 dB), or within 0.04 (0.1 with 3 taps) near a zero at a frequency of the transform, such as
    the zero of a `Hilbert` at 0 Hz; a larger `n_fft` reduces the error. With `halve` the impulse response is truncated,
    and the error is about 0.5 dB, or more if the amplitude response of `module` changes sign. The Hilbert method, which
    needs `halve`, is for equiripple filters with gains of 1 and 0: it raises the amplitude response until it is nowhere
    negative.

    Args:
        module: An FIR filter, such as `WindowedSinc`, `Equiripple` or `FIR`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `module` is not an FIR filter, has fewer than 3 taps, or has only taps of 0; `n_fft` is smaller
            than the number of taps; the method is "hilbert" without `halve`, with taps that are not symmetric, or with
            gains far above 1.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, on the complex cepstrum; N. Damera-Venkata,
        B. L. Evans, Optimal design of real and complex minimum phase digital FIR filters, ICASSP 1999.

    >>> from fxlab.filters import WindowedSinc
    >>> late = WindowedSinc(2000.0, taps=101)
    >>> early = MinimumPhase(late)
    >>> late.latency(48_000), early.latency(48_000), early.kernel(48_000).shape
    (50.0, 0.0, torch.Size([101]))
    >>> early.magnitude_db([500.0, 2000.0], 48_000).round(decimals=1).tolist()
    [0.0, -6.0]
    """

    refuses_moving_parts = "its taps are computed once, by transforms of many points."

    method = Choice("homomorphic", ("homomorphic", "hilbert"), doc="Method; hilbert needs halve.")
    halve = Switch(False, doc="Whether to halve the taps and the gain in dB.")
    n_fft = Count(
        0,
        low=0,
        high=1 << 17,
        at_least=0,
        at_most=16 * MAX_TAPS,
        doc="Points of the transform; 0: a power of two of at least 200 (taps − 1), or four million for long filters.",
    )

    def __init__(self, module: Any, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if not isinstance(module, Finite):
            name = repr(module) if isinstance(module, Module) else type(module).__name__
            raise ParameterError(
                f"{self._name()}: {name} is not a FIR filter; give one, such as fx.WindowedSinc(1000.0), or the taps "
                "of a combination of FIR filters: fx.FIR(module.impulse_response(sample_rate))."
            )
        self.module: Finite = module

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the method is "hilbert" without `halve`."""
        super()._check(sample_rate)
        if self.method == "hilbert" and not self.halve:
            raise ParameterError(
                f"{self._name()}: method is 'hilbert', which halves the taps and the gain in dB; set halve=True, or "
                "method='homomorphic'."
            )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`.

        Raises:
            ParameterError: `n_fft` is less than the number of taps of the module, or its taps do not suit the method.
        """
        taps = self.module.kernel(sample_rate).double()
        count = int(taps.shape[-1])
        self._check_taps(taps)
        points = self.n_fft or min(MAX_DEFAULT_POINTS, 1 << (200 * (count - 1) - 1).bit_length())
        if points < count:
            raise ParameterError(
                f"{self._name()}: n_fft is {points}, and {self.module!r} has {count} taps; use as many points or more."
            )
        found = _hilbert(taps, points) if self.method == "hilbert" else _homomorphic(taps, points, self.halve)
        return found[..., : (count + 1) // 2 if self.halve else count]

    def latency(self, sample_rate: float | None = None) -> float:
        """Return 0: no filter with this magnitude response has a smaller delay."""
        self._checked_rate(sample_rate)
        return 0.0

    def _check_taps(self, taps: Tensor) -> None:
        count, size = taps.shape[-1], taps.detach().abs().amax(-1)
        if count < 3:
            raise ParameterError(f"{self._name()}: {self.module!r} has {count} taps; it must have at least 3.")
        if any_true(size == 0):
            raise ParameterError(f"{self._name()}: all taps of {self.module!r} are 0, so its output has no phase.")
        if self.method != "hilbert":
            return
        unlike = (taps - taps.flip(-1)).detach().abs().amax(-1)
        if any_true(unlike > TOLERANCE * size):
            raise ParameterError(
                f"{self._name()}: method is 'hilbert', and the taps of {self.module!r} are not symmetric; use "
                "method='homomorphic'."
            )

    def _arguments(self) -> list[str]:
        return [repr(self.module), *super()._arguments()]


def _homomorphic(taps: Tensor, points: int, half: bool) -> Tensor:
    """Return the minimum-phase impulse response, `(..., points)`, from the causal part of the cepstrum.

    With `half`, its magnitude response is the square root of that of `taps`.
    """
    size = _magnitude(torch.fft.rfft(taps, points))
    # The logarithm stays finite at the zeros of the response.
    lowest = torch.where(size.detach() > 0, size.detach(), torch.inf).amin(-1, keepdim=True)
    level = torch.log(size + 1e-7 * lowest) * (0.5 if half else 1.0)
    cepstrum = torch.fft.irfft(level, points)
    window = torch.zeros(points, dtype=torch.float64, device=taps.device)
    window[0] = 1.0
    window[1 : points // 2] = 2.0
    if points % 2:
        window[points // 2] = 1.0  # as SciPy does
    found: Tensor = torch.fft.irfft(torch.exp(torch.fft.rfft(cepstrum * window)), points)
    return found


def _magnitude(spectrum: Tensor) -> Tensor:
    """Return the magnitude of a complex spectrum; where it is 0, its derivative is 0."""
    power = spectrum.real.square() + spectrum.imag.square()
    is_zero = power == 0
    return torch.where(is_zero, 0.0, torch.sqrt(torch.where(is_zero, 1.0, power)))


def _hilbert(taps: Tensor, points: int) -> Tensor:
    """Return the minimum-phase impulse response, `(..., points)`, from the raised amplitude response.

    Raises:
        ParameterError: A gain is so far above 1 that the response cannot be raised.
    """
    turns = torch.arange(points, dtype=torch.float64, device=taps.device) * (taps.shape[-1] // 2)
    angle = 2 * torch.pi / points * torch.remainder(turns, points)
    amplitude = (torch.fft.fft(taps, points) * torch.polar(torch.ones_like(angle), angle)).real
    above, below = amplitude.amax(-1, keepdim=True) - 1, -amplitude.amin(-1, keepdim=True)
    if any_true(1 - above + below <= 0):
        raise ParameterError(
            f"MinimumPhase: method is 'hilbert', which is made for gains of 1 and 0, and the gain reaches "
            f"{1 + above.detach().max().item():.3g}; scale the taps, or use method='homomorphic'."
        )
    scale = 4 / (torch.sqrt(1 + above + below) + torch.sqrt(1 - above + below)).square()
    raised = torch.clamp((amplitude + below) * scale, min=0.0)
    is_zero = raised == 0
    size = torch.where(is_zero, 0.0, torch.sqrt(torch.where(is_zero, 1.0, raised))) + 1e-10
    sign = torch.zeros(points, dtype=torch.float64, device=taps.device)
    sign[1 : points // 2], sign[points // 2 + 1 :] = 1.0, -1.0
    phase = torch.fft.fft(sign * torch.fft.ifft(torch.log(size)))
    found: Tensor = torch.fft.ifft(size * torch.exp(phase)).real
    return found
