"""The plots on the cards, and the computation of their data.

The functions in `fxlab.display.cards` call the `draw_…` functions with a canvas and a position on it.

- `bode.py`               magnitude, phase and group delay, from `ResponseCurves`
- `zplane.py`             poles and zeros, from `ResponseCurves`
- `mask_plot.py`          the mask of a filter in its magnitude plot
- `response_curves.py`    `ResponseCurves`: the arrays to draw for a linear time-invariant module
- `tone_plots.py`         envelopes, spectra, and output against input, from a `ToneResponse` or a signal
- `tone_response.py`      `ToneResponse`: the output of any other module for a test tone
- `taps.py`               the taps of a finite impulse response
- `rounding.py`           the effects of fixed-point arithmetic
- `spectrogram.py`        levels over time and frequency, also for the view of the panel
- `spectrum.py`, `waveform_envelope.py`  data for the plots of spectra and waveforms
- `feature_map.py`        a feature as a picture; `cells.py` and `color_map.py` its cells and colors
- `effect_plots.py`       echoes, decay, static curve and LFO of an effect
- `control_curve.py`, `response_range.py`  the values of a control, and the range of a response while parameters move
- `drawing.py`            plots that a module defines itself
- `time_axis.py`          the axis of plots over time
"""
