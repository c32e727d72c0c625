"""`Mp3Compression`: encoding as MP3 and decoding."""

from __future__ import annotations

import io

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.engine.torch_support.tracing import is_transformed, needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import ParameterError, SignalError

RATES = {(8000, 11_025, 12_000, 16_000, 22_050, 24_000): (8.0, 160.0), (32_000, 44_100, 48_000): (32.0, 320.0)}
"""The lowest and the highest bit rate of MP3 in kbit/s, for groups of sample rates in Hz."""


class Mp3Compression(Augmentation):
    """Encoding as MP3 at a drawn constant bit rate and decoding, by libsndfile on the CPU.

    The bit rate is rounded to one that MP3 has. The coder has no gradient; that of the identity is used in its place.
    A sound above full scale is scaled down for the coder, and its decoded samples are scaled back.

    Shape:
        `(time,)` or `(..., channels, time)`, with one or two channels.

    Raises:
        ParameterError: The range of the bit rate exceeds that of MP3 at the sample rate.
        SignalError: MP3 does not have the sample rate, the sound has more than two channels, or the call is inside a
            transformation of `torch.func` or forward-mode differentiation.

    >>> Mp3Compression(bitrate_kbps=32.0, p=1.0)(torch.zeros(2, 1, 4000), 16_000).shape
    torch.Size([2, 1, 4000])
    """

    bitrate_kbps = Range((32.0, 64.0), low=8.0, high=320.0, unit="kbit/s", above=0.0, doc="Bit rate of all channels.")

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        low, high = _limits(sample_rate)
        if self.bitrate_kbps[0] < low or self.bitrate_kbps[1] > high:
            raise ParameterError(
                f"{self._name()}: bitrate_kbps is from {self.bitrate_kbps[0]:g} to {self.bitrate_kbps[1]:g}; at "
                f"{sample_rate:g} Hz it must be from {low:g} to {high:g} kbit/s."
            )

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each sound encoded and decoded at its bit rate.

        Raises:
            SignalError: The sound has more than two channels, or the call is inside a transformation of `torch.func` or
                forward-mode differentiation.
        """
        if x.shape[1] > 2:
            raise SignalError(
                f"{self._name()}: the sound has {x.shape[1]} channels, and MP3 has at most 2. Use mode='per_channel'."
            )
        if is_transformed():
            raise SignalError(
                f"{self._name()}: torch.func (grad, vmap, …) and forward-mode differentiation hide the samples from "
                "the coder. Call it before the transformed function."
            )
        rates = drawn.row_values("bitrate_kbps").expand(len(x)).tolist()
        sounds = x.detach().cpu()
        # Each call of the coder processes one sound; the calls run in several threads.
        coded = torch.stack(
            run_parts(lambda row: _code(sounds[row], sample_rate, rates[row]), range(len(rates)), max_workers())
        )
        return x + (coded.to(x) - x).detach() if needs_derivative(x) else coded.to(x)


def _limits(sample_rate: float) -> tuple[float, float]:
    for rates, limits in RATES.items():
        if sample_rate in rates:
            return limits
    known = ", ".join(str(rate) for rates in RATES for rate in rates)
    raise SignalError(f"Mp3Compression: MP3 has no sample rate of {sample_rate:g} Hz, but {known} Hz. Resample first.")


def _code(sound: Tensor, sample_rate: float, bitrate: float) -> Tensor:
    """Return `sound`, `(channels, time)`, encoded at `bitrate` kbit/s and decoded, with its length and dtype."""
    import soundfile

    low, high = _limits(sample_rate)
    scale = max(1.0, float(sound.abs().max()))
    file = io.BytesIO()
    level = min(0.999, max(0.0, (high - bitrate) / (high - low)))
    data = (sound / scale).T.numpy()
    soundfile.write(file, data, int(sample_rate), format="MP3", bitrate_mode="CONSTANT", compression_level=level)
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
    y = torch.from_numpy(decoded.T)[..., : sound.shape[-1]] * scale
    return pad(y, (0, sound.shape[-1] - y.shape[-1])).to(sound.dtype)
