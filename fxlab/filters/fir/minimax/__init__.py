"""The Parks-McClellan algorithm in NumPy: best approximation of a response by the cosine series of symmetric taps.

- `specification`: bands with gains and weights, as `Equiripple` gives them.
- `approximation`: the same for the algorithm, with a factor that is common to all filters of a type divided out.
- `equilibrium`: the density of the extremal points for many taps, at which the algorithm starts.
- `barycentric`: interpolation between extremal points.
- `exchange`: the exchange of extremal points until the error alternates with equal peaks.
- `series`: the coefficients of the cosine or sine series through the extremal points.
- `refined`: the filter found from SciPy's, for up to 202 taps.
- `solution`: all of it for one specification, and the number of taps that float64 resolves.
"""
