"""Signals of tests: noise from a seed, the bytes of a sound file, and the output of a stream that is cut in blocks."""

from __future__ import annotations

import io
import itertools
from typing import Any

import torch
from torch import Tensor

import fxlab as fx


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Return white noise of power 1 in float64."""
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def encode(signal: fx.Signal, format: str = "wav", **options: Any) -> bytes:
    """Return the bytes of a sound file with `signal`; the options are those of `Signal.save`."""
    file = io.BytesIO()
    signal.save(file, format=format, **options)
    return file.getvalue()


def run_in_blocks(module: fx.Module, x: Tensor, cuts: list[int], sample_rate: float) -> Tensor:
    """Return the output of a stream of `module` for `x`, cut at the samples `cuts`, with what it flushes at the end."""
    stream = module.stream(sample_rate)
    edges = [0, *sorted(cuts), x.shape[-1]]
    return torch.cat([*(stream(x[..., a:b]) for a, b in itertools.pairwise(edges)), stream.flush()], -1)
