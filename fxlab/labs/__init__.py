"""Panels made of the same parts for other things than a module: a function, a spectrogram, a convolution, roots.

- `plot.py`         what a function gives to be drawn: `Plot` and `Picture`
- `exploration.py`  a plain function as a module, its arguments as declared parameters
- `exploring.py`    the panel of a function
- `spectrogram.py`, `convolution.py`, `pole_zero.py`  laboratories for a lecture, each a function or a filter
"""

from fxlab.labs.convolution import convolution_lab
from fxlab.labs.exploring import explore
from fxlab.labs.plot import Picture, Plot
from fxlab.labs.pole_zero import pole_zero_lab
from fxlab.labs.spectrogram import spectrogram_lab

__all__ = ["Picture", "Plot", "convolution_lab", "explore", "pole_zero_lab", "spectrogram_lab"]
