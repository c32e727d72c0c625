"""Butterworth, Chebyshev, elliptic, Bessel and Linkwitz-Riley filters."""
