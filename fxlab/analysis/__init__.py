"""Measurements of sounds and modules: numerical results, without plots.

- `measurement.py`     `measure`: frequency response and harmonics of any module, from the sweep in `sweep.py`
- `distortion.py`      `thd`: harmonic distortion of a module for a sine tone
- `tone.py`            `measure_tone`: harmonic distortion and noise of a recorded tone
- `comparison.py`      `compare`: curves and key figures of several filters, one `FilterSummary` of `filter_summary.py`
                       per filter; calls `measure` for modules without a frequency response
- `loudness.py`        `loudness`, `loudness_over_time` and `loudness_range` of a Signal
- `peaks.py`           `true_peak` and `crest_factor` of a Signal
- `levels.py`          `measure_levels`: the loudness over time and in total, the peaks and the RMS of a Signal
- `spectrum.py`        `long_term_spectrum`: smoothed spectrum of a tensor of samples
- `click_response.py`  the echoes and the reverberation that a module adds to a click
- `transfer.py`        the output of a module as a function of its input, sample by sample and level by level
- `reverberation.py`   energy decay and reverberation times of impulse responses
- `signal_argument.py` the check that an argument is a Signal
- `isolated_run.py`    runs a module on a test signal without changing it; called by `measure`, `thd`, `transfer.py`
                       and the cards

The cards that draw the results are in `fxlab.display`.
"""

from fxlab.analysis.comparison import Comparison, compare
from fxlab.analysis.distortion import DistortionMeasurement, thd
from fxlab.analysis.filter_summary import FilterSummary
from fxlab.analysis.levels import LevelMeasurement, measure_levels
from fxlab.analysis.loudness import loudness, loudness_over_time, loudness_range
from fxlab.analysis.measurement import Measurement, measure
from fxlab.analysis.peaks import crest_factor, true_peak
from fxlab.analysis.spectrum import long_term_spectrum
from fxlab.analysis.tone import ToneMeasurement, measure_tone

__all__ = [
    "Comparison",
    "DistortionMeasurement",
    "FilterSummary",
    "LevelMeasurement",
    "Measurement",
    "ToneMeasurement",
    "compare",
    "crest_factor",
    "long_term_spectrum",
    "loudness",
    "loudness_over_time",
    "loudness_range",
    "measure",
    "measure_levels",
    "measure_tone",
    "thd",
    "true_peak",
]
