"""Finite impulse response filters by the common design methods.

Each filter computes its taps in `design`, which its base class `fxlab.module.Finite` calls.

- `windowed_sinc`, `kaiser`, `differentiator`, `hilbert`: the window method; the windows are in `window`.
- `equiripple`, `least_squares`: optimal designs with transition bands; `transition` has their band edges and cosine
  series. `remez` has the taps that `Equiripple` returns, with their gradients, and `minimax` the exchange algorithm.
- `moving_average`, `convolve`: the mean of the last samples, and a recorded impulse response.
- `linear_phase`: the base of `WindowedSinc`, `Equiripple` and `LeastSquares`, and the windowed ideal response, which
  `Kaiser` uses too.
"""
