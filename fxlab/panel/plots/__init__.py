"""The curves of the magnitude plot, the measurements of modules, and the sender of the open views.

The `Renderer` in `fxlab.panel.rendering` computes the curves with these files, and the `Worker` there sends the views
with `view_sender.py`.

- `frequency_grid.py`, `interpolation.py`  the frequencies of the curves, and spectra at these frequencies
- `module_curves.py`    the responses and taps of a module; `stage_responses.py` the responses of its stages
- `movement.py`         the values of moving parameters, and the responses, during a part of the sound
- `target_curve.py`     the target of a fit
- `tone_spectrum.py`    the harmonics and aliases of a tone
- `measure_module.py`   measurements of modules without a known response
- `taps.py`             the finite impulse response
- `view_sender.py`      draws the views in `fxlab.panel.views`, and sends them
"""
