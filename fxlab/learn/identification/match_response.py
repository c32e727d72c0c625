"""`match_response`: a recursive filter for a response curve."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters import SOS
from fxlab.learn.identification.impulse_responses import stable, steiglitz_mcbride
from fxlab.learn.identification.linear_prediction import interpolate_curve
from fxlab.signal.samples import is_integer

LENGTH = 2048
"""The number of samples of the minimum-phase impulse response that is modeled."""


def match_response(
    frequencies: Tensor | list[float], levels_db: Tensor | list[float], order: int, sample_rate: float
) -> SOS:
    """Return a filter of second-order sections whose magnitude response is close to a curve.

    The cepstrum of the curve gives the impulse response of a minimum-phase filter with this magnitude, which
    `steiglitz_mcbride` models. Refine the result with `fit`, whose loss is the mean square error of the level in dB:
    `fx.fit(match_response(hz, db, 8, 48_000).learn(), target=(hz, db), optimizer="lbfgs", sample_rate=48_000)`.

    Args:
        frequencies: At least two frequencies in Hz, above 0 and at most half the sample rate.
        levels_db: The gains in dB, one for each frequency.
        order: The number of poles and of zeros.
        sample_rate: In Hz, also that of the returned module.

    Raises:
        ParameterError: The order is not from 1 to 64, or the curve is invalid.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 3rd ed., 2010, sec. 13.3.

    >>> import torch
    >>> import fxlab as fx
    >>> hz = torch.logspace(1.5, 4.3, 100, dtype=torch.float64)
    >>> wanted = 20 * fx.Peak(1000.0, gain_db=9.0).response(hz, 48_000).abs().log10()
    >>> found = match_response(hz, wanted, order=4, sample_rate=48_000)
    >>> bool((20 * found.response(hz, 48_000).abs().log10() - wanted).abs().max() < 0.1)
    True
    """
    if not is_integer(order) or not 1 <= order <= 64:
        raise ParameterError(f"match_response: order is {order!r}; it must be a whole number from 1 to 64.")
    level = interpolate_curve(frequencies, levels_db, sample_rate, "match_response") * (
        torch.log(torch.tensor(10.0)) / 20
    )
    cepstrum = torch.fft.irfft(level.to(torch.complex128))
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2.0
    cepstrum[half + 1 :] = 0.0
    h = torch.fft.irfft(torch.fft.rfft(cepstrum).exp())[:LENGTH]
    found = steiglitz_mcbride(h, order, order)
    gain = found.b[0]
    # Zeros beyond the circle are only noise of the model; the inverse filter is then stable as well.
    zeros = stable(found.b / gain)
    scale = (found.b.square().sum() / zeros.square().sum()).sqrt() * gain.sign()
    return SOS(_sections(zeros * scale, found.a), sample_rate=sample_rate)


def _sections(b: Tensor, a: Tensor) -> Tensor:
    from scipy.signal import tf2sos

    return torch.from_numpy(tf2sos(b.numpy(), a.numpy()).copy())
