"""Parameters and numerical routines that several filter families share.

- `parameters`: declarations of common parameters, such as `hertz`, `quality` and `taps`.
- `edges`: the base class of filters with a kind and band edges.
- `ordering`: the check that one parameter lies below another.
- `lengths`: limits for the number of taps.
- `extrema`: minima and zero crossings of a response over frequency, e.g. for the margins of a mask.
- `comb_roots`: roots and sections of comb filters.
"""
