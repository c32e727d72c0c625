"""Butterworth, Chebyshev, elliptic, Bessel and Linkwitz-Riley filters.

`classical.Classical` is the base class of all but `LinkwitzRiley`. Its `design` calls the subclass's `prototype`, which
returns an analog low-pass (`prototype.Prototype`), and passes it to `bilinear.sections`, which returns digital
second-order sections, each computed by `digital_section`. The prototypes are computed in `prototype`, except the
elliptic prototype, which `elliptic` computes with the Jacobi functions of `elliptic_functions`. `LinkwitzRiley` and
some filter banks call `bilinear.sections` directly.
"""
