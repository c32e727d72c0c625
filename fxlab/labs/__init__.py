"""Panels for exploring a Python function, a spectrogram, a convolution, or poles and zeros.

- `plot.py`              `Plot` and `Picture`, returned by an explored function to be drawn
- `exploration.py`       `Exploration`, a module that wraps a function
- `returned_values.py`   the conversion of a function's return value to a signal, plots and pictures
- `explore_function.py`  `explore`, which opens the panel of a function
- `spectrogram.py`, `convolution.py`, `pole_zero.py`  labs for lectures, each built on a function or a filter
"""

from fxlab.labs.convolution import convolution_lab
from fxlab.labs.explore_function import explore
from fxlab.labs.plot import Picture, Plot
from fxlab.labs.pole_zero import pole_zero_lab
from fxlab.labs.spectrogram import spectrogram_lab

__all__ = ["Picture", "Plot", "convolution_lab", "explore", "pole_zero_lab", "spectrogram_lab"]
