"""Adaptive filters: LMS, NLMS, affine projection and RLS, as modules that stream."""

from fxlab.learn.adaptive.adaptive_filter import Adaptation, AdaptiveFilter
from fxlab.learn.adaptive.affine_projection import AffineProjection
from fxlab.learn.adaptive.lms import LMS, NLMS
from fxlab.learn.adaptive.rls import RLS

__all__ = ["LMS", "NLMS", "RLS", "Adaptation", "AdaptiveFilter", "AffineProjection"]
