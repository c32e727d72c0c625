"""Parameters and numerical routines that several filter families share.

- `parameters`: declarations of common parameters, such as `hertz`, `quality` and `taps`.
- `edges`: the base class of filters with a kind and band edges.
- `band_width`: the choice of the meaning of q for band filters.
- `ordering`: checks of the order of two parameters, and of the order and range of the numbers of an array.
- `lengths`: limits for the number of taps, and the largest number in a batch.
- `magnitude_fit`: digital sections that approximate the magnitude response of an analog filter.
- `extend_signal`, `gustafsson`: two treatments of the ends of the signal in forward-backward filtering.
- `order_by_default`: the order of a filter whose coefficients have no values, for the length of the extension.
- `extrema`: minima and zero crossings of a response over frequency, e.g. for the margins of a mask.
- `comb_roots`: roots and sections of comb filters.
"""
