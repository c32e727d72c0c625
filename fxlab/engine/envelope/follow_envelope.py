"""The recursion of envelope followers, whose pole depends on whether the input is above the envelope.

Each row is divided into chunks that advance in step (`lane_layout`). The state before a chunk is unknown at first, so
it is guessed and all chunks are run from their guesses. The final state of each chunk and its slope with respect
to the first state give better guesses (Newton's method on the chunk boundaries), repeated until no guess changes.
The state before the first chunk is known, so every round makes at least one more chunk exact, whatever the signal: the
result is that of the sample-by-sample loop, not an approximation. A round over every sixteenth sample costs little, so
it provides the first guesses. `docs/engine-nonlinear.md` compares this with other methods.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import LaneLayout, time_segments
from fxlab.engine.envelope.chunk_maps import ChunkMaps
from fxlab.engine.envelope.detector import POLE_RANGE, Detector
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import EngineError

LONG_ROW = 1 << 16  # samples; rows that are as long or longer are processed one by one, on several threads
COARSE_STRIDES = (16,)  # the first guesses use every 16th sample
COARSE_TOLERANCE = 3e-3  # and are accepted when they change by less than this, relative to the row's largest sample
MAX_COARSE_ROUNDS = 32
TOLERANCE = 1e-13  # a smaller change of a first state, relative to the row's largest sample, is ignored


def follow_envelope(  # noqa: PLR0917
    x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: str, keep_branches: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the envelope of `x`, its last value in float64, and a mask of the samples that chose the attack.

    The mask is needed for gradients only, and is empty unless `keep_branches` is true.

    Shape:
        x: `(..., time)`; attack, release: the poles, `(..., 1)`; state: `(..., 1)`. Leading dimensions are the same
        throughout.
    """
    for name, pole in (("attack_pole", attack), ("release_pole", release)):
        outside = pole[~((pole >= 0) & (pole <= 1))]
        if outside.numel():
            raise EngineError(f"an envelope's {name} contains {outside[0].item():g}; {POLE_RANGE}")
    batch_shape, time = x.shape[:-1], x.shape[-1]
    dtype = widest_dtype(x)
    form = Detector(detector)
    x = x.reshape(prod(batch_shape), time)
    poles = [p.reshape(-1, 1).to(dtype) for p in (attack, release)]
    state = state.reshape(-1, 1).to(dtype, copy=True)
    out = allocate_like(x)
    is_attack = torch.empty((len(x), time if keep_branches else 0), dtype=torch.bool, device=x.device)

    def follow(part: slice) -> None:
        own = [pole[part] for pole in poles]
        state[part] = _follow_rows(x[part], own, state[part], form, out[part], is_attack[part])

    # A long row has enough lanes by itself, so its result does not depend on the number of threads.
    size = 1 if x.is_cpu and time >= LONG_ROW else max(1, len(x))
    parts = [slice(first, first + size) for first in range(0, len(x), size)]
    run_parts(follow, parts, max_workers())
    return (
        out.reshape(*batch_shape, time),
        state.reshape(*batch_shape, 1),
        is_attack.reshape(*batch_shape, is_attack.shape[-1]),
    )


def _follow_rows(  # noqa: PLR0917
    x: Tensor, poles: list[Tensor], state: Tensor, detector: Detector, out: Tensor, is_attack: Tensor
) -> Tensor:
    """Write the envelope of rows to `out`, and the mask to `is_attack` unless it is empty; return the last values."""
    for start, stop in time_segments(x.shape[0], x.shape[1], 1):
        segment = x[:, start:stop]
        multiple = max(COARSE_STRIDES, default=1)
        layout = LaneLayout.choose(x.shape[0], stop - start, 1, step_multiple=multiple)
        samples = layout.to_lanes(segment)
        envelope = _solve_chunks(samples.flatten(1), segment, poles, state, detector, layout)
        after = envelope[1:].view(samples.shape)
        layout.from_lanes(after, out[:, start:stop])
        if is_attack.numel():
            branches = detector.is_attack(samples, envelope[:-1].view(samples.shape), poles[1][:, None])
            layout.from_lanes(branches, is_attack[:, start:stop])
        state = layout.last_samples(after)
    return state


def _solve_chunks(  # noqa: PLR0917
    samples: Tensor, segment: Tensor, poles: list[Tensor], state: Tensor, detector: Detector, layout: LaneLayout
) -> Tensor:
    """Return the envelope before the first step and after every step: (steps + 1, rows * chunks)."""
    rows, chunks = layout.rows, layout.chunks
    lowest, highest = (v.to(state).unsqueeze(1) for v in torch.aminmax(segment, dim=1))
    scale = lowest.abs().maximum(highest.abs()).maximum(state.abs())
    convex = poles[0] <= poles[1]
    starts = torch.where(convex, lowest, highest).expand(rows, chunks).clone()
    starts[:, :1] = state
    coarse_strides = [stride for stride in COARSE_STRIDES if chunks > 1 and layout.steps >= 2 * stride]
    for stride in (*coarse_strides, 1):
        strided = samples[stride // 2 :: stride]
        tolerance = scale * (TOLERANCE if stride == 1 else COARSE_TOLERANCE)
        maps = ChunkMaps(strided, [p.expand(rows, chunks).reshape(-1) ** stride for p in poles], detector)
        changed: Tensor | None = None
        for _ in range(chunks if stride == 1 else MAX_COARSE_ROUNDS):
            maps.run(starts.view(-1), changed)
            if chunks == 1:
                break
            better = maps.chunk_starts(state, convex)
            # A new NaN counts as a change, so it propagates to each later chunk.
            unchanged = ((better - starts).abs() <= tolerance) | (better.isnan() & starts.isnan())
            changed = torch.nonzero(~unchanged.view(-1))[:, 0]
            if not len(changed):
                break
            starts = torch.where(unchanged, starts, better)
    return maps.envelope
