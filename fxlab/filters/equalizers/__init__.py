"""Graphic and parametric equalizers."""
