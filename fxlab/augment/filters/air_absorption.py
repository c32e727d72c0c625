"""`AirAbsorption`: the attenuation of a sound by air, which depends on frequency and distance."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range

KELVIN = 273.15
REFERENCE = 293.15  # K
TRIPLE_POINT = 273.16  # K
SPREAD = 256
"""The number of zeros appended to the sound, so that less of the symmetric response wraps around to the other end."""


def air_attenuation(frequency: Tensor, temperature: Tensor, humidity: Tensor) -> Tensor:
    """Return the attenuation by air in dB per meter, at sea level.

    Args:
        frequency: The frequency in Hz.
        temperature: The temperature in degrees Celsius.
        humidity: The relative humidity in percent.

    Source:
        ISO 9613-1:1993, equations 3 to 5 and annex B.

    >>> round(1000 * air_attenuation(*torch.tensor([1000.0, 20.0, 70.0]).double()).item(), 2)
    4.98
    """
    kelvin = temperature + KELVIN
    relative = kelvin / REFERENCE
    saturation = 10 ** (-6.8346 * (TRIPLE_POINT / kelvin) ** 1.261 + 4.6151)
    vapor = humidity * saturation  # molar concentration of water vapor in percent
    oxygen = 24 + 4.04e4 * vapor * (0.02 + vapor) / (0.391 + vapor)
    nitrogen = relative**-0.5 * (9 + 280 * vapor * torch.exp(-4.170 * (relative ** (-1 / 3) - 1)))
    vibration = 0.01275 * torch.exp(-2239.1 / kelvin) / (oxygen + frequency**2 / oxygen)
    vibration = vibration + 0.1068 * torch.exp(-3352.0 / kelvin) / (nitrogen + frequency**2 / nitrogen)
    return 8.686 * frequency**2 * (1.84e-11 * relative**0.5 + relative**-2.5 * vibration)


class AirAbsorption(Augmentation):
    """Absorption by air over a drawn distance, at a drawn temperature and humidity.

    Each frequency is attenuated by `air_attenuation` times the distance, high frequencies most; the phase is unchanged.
    The decrease of the level with the distance from the source is not included; add a `Gain` for it.

    Shape:
        `(time,)` or `(..., channels, time)`.

    Source:
        ISO 9613-1:1993, at a pressure of 101.325 kPa.

    >>> AirAbsorption(p=1.0)(torch.randn(8, 1, 1000), 16_000).shape
    torch.Size([8, 1, 1000])
    """

    temperature = Range((10.0, 20.0), low=-20.0, high=50.0, unit="°C", above=-KELVIN, doc="Temperature of the air.")
    humidity = Range((30.0, 90.0), low=0.0, high=100.0, unit="%", at_least=0.0, at_most=100.0, doc="Relative humidity.")
    distance = Range((10.0, 100.0), low=0.0, high=200.0, unit="m", at_least=0.0, doc="Distance from the source.")

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return `x` `(rows, channels, time)`, each frequency attenuated as by air over the drawn distance."""
        if x.dtype in (torch.float16, torch.bfloat16):  # PyTorch has no Fourier transform of them
            return self.augment(x.float(), sample_rate, drawn).to(x.dtype)
        sound = pad(x, (0, SPREAD))
        bins = sound.shape[-1] // 2 + 1
        frequency = torch.linspace(0, sample_rate / 2, bins, dtype=torch.float64, device=x.device)
        loss = drawn["distance"] * air_attenuation(frequency, drawn["temperature"], drawn["humidity"])
        spectrum = torch.fft.rfft(sound) * (10 ** (-loss / 20)).to(x.dtype)
        y: Tensor = torch.fft.irfft(spectrum, sound.shape[-1])
        return y[..., : x.shape[-1]]
