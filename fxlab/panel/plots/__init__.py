"""The curves of the magnitude plot, measurements of modules, and the sender of the open views.

The `Renderer` in `fxlab.panel.rendering` computes the curves with these files, and the `Worker` there sends the views
with `view_sender.py`.

- `frequency_grid.py`, `interpolation.py`  the frequencies of the curves, and spectra at these frequencies
- `stage_responses.py`  the known responses of a module and its stages
- `measure_module.py`   measurements of modules without a known response
- `taps.py`             the finite impulse response
- `view_sender.py`      draws the views in `fxlab.panel.views`, and sends them
"""
