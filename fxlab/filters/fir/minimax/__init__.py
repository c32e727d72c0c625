"""The Parks-McClellan algorithm in NumPy: the best approximation of a response by a cosine series.

- `specification`: the bands of a filter, with gains and weights.
- `approximation`: the polynomial approximation problem of a specification.
- `equilibrium`: the points at which the exchange starts.
- `barycentric`: interpolation between extremal points.
- `exchange`: the exchange of extremal points until the error alternates with equal peaks.
- `series`: the coefficients of the cosine series through the extremal points.
- `refined`: the refinement of SciPy's filter, for up to 202 taps.
- `solution`: the complete algorithm, with as many taps as float64 resolves.
"""
