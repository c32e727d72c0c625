"""`impulse_response`: the impulse response of a device from the recording of a sweep."""

from __future__ import annotations

import math

import torch

from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal
from fxlab.signal.samples import is_number

FLOOR = 1e-7
"""The constant that is added to the power spectrum of the sweep, relative to its maximum. It limits the amplification
of noise outside the band of the sweep; inside, for a sweep over ten octaves, its error is below 0.01 dB."""


def impulse_response(recording: Signal, sweep: Signal, duration: float = 0.5) -> Signal:
    """Return the impulse response of a device that has played `sweep`, such as an `fx.chirp`.

    The spectrum of the recording is divided by that of the sweep. For an exponential sweep, the harmonics that the
    device adds appear before time 0, so they are not in the result. The recording should go on after the sweep until
    the device is silent; a delay of the recording is a delay of the impulse response.

    Args:
        recording: The output of the device for the sweep, one or several channels, each of which gives a channel of the
            result.
        sweep: The signal that was played, one channel.
        duration: The length of the impulse response in seconds, rounded to samples.

    Raises:
        ParameterError: The duration is not above 0, or is longer than that of the recording.
        SignalError: An argument is not a Signal, the sample rates differ, or the sweep has several channels, is silent,
            or is longer than the recording.

    Source:
        A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique", AES 108th
        Convention, 2000.

    From a recorded sweep to a recursive filter, which `fit` refines:

    >>> import fxlab as fx
    >>> device = fx.Peak(1000.0, gain_db=8.0, q=2.0) | fx.HighShelf(6000.0, gain_db=-5.0)
    >>> sweep = fx.chirp(20.0, 20_000.0, duration=1.0)
    >>> played = fx.Signal(torch.nn.functional.pad(sweep.samples, (0, 11_025)), 44_100)
    >>> recording = (played | device) + 1e-4 * fx.noise(duration=1.25, seed=1)
    >>> h = impulse_response(recording, sweep, duration=0.1)
    >>> hz = torch.logspace(math.log10(40), math.log10(16_000), 200, dtype=torch.float64)
    >>> level = 20 * fx.FIR(h.samples[0]).response(hz, 44_100).abs().log10()
    >>> found = fx.match_response(hz, level, order=4, sample_rate=44_100)
    >>> result = fx.fit(found.learn(), target=(hz, level), optimizer="lbfgs", steps=40, progress=False)
    >>> wanted = 20 * device.response(hz, 44_100).abs().log10()
    >>> bool((20 * found.response(hz).abs().log10() - wanted).abs().max() < 0.3), found.is_stable()
    (True, True)
    """
    for name, signal in (("recording", recording), ("sweep", sweep)):
        if not isinstance(signal, Signal):
            raise SignalError(f"impulse_response: the {name} is {type(signal).__name__}; it must be a Signal.")
    if recording.sample_rate != sweep.sample_rate:
        raise SignalError(
            f"impulse_response: the recording has a sample rate of {recording.sample_rate:g} Hz and the sweep "
            f"{sweep.sample_rate:g} Hz; resample one of them with fx.Resample."
        )
    if sweep.channels != 1 or not bool(sweep.samples.any()):
        peak = float(sweep.samples.abs().max())
        raise SignalError(
            f"impulse_response: the sweep has {sweep.channels} channels and a peak of {peak:g}; it must have one "
            "channel that is not silent."
        )
    if recording.frames < sweep.frames:
        raise SignalError(
            f"impulse_response: the recording lasts {recording.duration:g} s and the sweep {sweep.duration:g} s; "
            "record until the device is silent again."
        )
    if not is_number(duration) or not 0 < duration <= recording.duration:
        raise ParameterError(
            f"impulse_response: duration is {duration!r}; it must be a number of seconds above 0 and at most that of "
            f"the recording ({recording.duration:g} s)."
        )
    size = 2 ** math.ceil(math.log2(recording.frames + sweep.frames))
    played, recorded = (torch.fft.rfft(signal.samples.double(), size) for signal in (sweep, recording))
    power = played.abs().square()
    response = torch.fft.irfft(recorded * played.conj() / (power + FLOOR * power.max()), size)
    frames = max(1, round(duration * recording.sample_rate))
    return Signal._of_channels(response[..., :frames].to(recording.samples.dtype), recording.sample_rate)
