"""Convolution with finite impulse responses, one-shot and streaming."""
