"""Finite impulse response filters by the common design methods.

Each filter computes its taps in `design`, which its base class `fxlab.module.Finite` calls.

- `windowed_sinc`, `multiband_sinc`, `kaiser`: the window method; the windows are in `window`.
- `frequency_sampling`: a response that is sampled on a grid of frequencies, and windowed in time.
- `equiripple`, `least_squares`: optimal designs of a low-pass, high-pass, band-pass or band-stop; `transition` computes
  their band edges and cosine series.
- `multiband_equiripple`, `multiband_least_squares`: optimal designs for any bands; `bands` has their base class.
- `remez`, `weighted_squares`: the functions that compute the taps of optimal designs, with gradients; `minimax` is the
  exchange algorithm.
- `differentiator`, `hilbert`: antisymmetric taps by the window method, or equiripple.
- `minimum_phase`: a filter with minimum phase and the magnitude response of another FIR filter.
- `moving_average`: the mean of the latest samples.
- `convolve`: convolution with a recorded impulse response.
- `linear_phase`: the base classes of filters with linear phase, and the windowed ideal response.
"""
