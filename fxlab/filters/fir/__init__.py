"""Finite impulse response filters by the common design methods.

Each filter computes its taps in `design`, which its base class `fxlab.module.Finite` calls.

- `windowed_sinc`, `multiband_sinc`, `kaiser`, `frequency_sampling`: the window method; the windows are in `window`.
- `equiripple`, `least_squares`: optimal designs of one low-pass, high-pass, band-pass or band-stop; `transition` has
  their band edges and cosine series.
- `multiband_equiripple`, `multiband_least_squares`: the same for any bands; `bands` is their base.
- `remez`, `weighted_squares`: the taps that these return, with gradients; `minimax` is the exchange algorithm.
- `differentiator`, `hilbert`: antisymmetric taps by the window method, or equiripple.
- `minimum_phase`: the minimum-phase version of any of them.
- `moving_average`, `convolve`: the mean of the last samples, and a recorded impulse response.
- `linear_phase`: the bases of filters with linear phase, and the windowed ideal response.
"""
