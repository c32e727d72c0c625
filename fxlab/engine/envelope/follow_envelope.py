"""The recursion of envelope followers, whose pole depends on whether the input is above the envelope.

Each row is divided into chunks that are computed in parallel (`lane_layout`). The state before a chunk is unknown at
first, so it is guessed and all chunks are run from their guesses. The final state of each chunk and its slope with
respect to the first state give better guesses (Newton's method on the chunk boundaries), until no guess changes.
The state before the first chunk is known, so each round corrects at least one more chunk, whatever the signal, and the
result is that of the sample-by-sample loop to within `TOLERANCE`. Every sixteenth sample, followed in the same way,
provides the first guesses at little cost. `docs/engine-nonlinear.md` compares this with other methods.
"""

from __future__ import annotations

from math import prod, sqrt

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import LaneLayout, time_segments
from fxlab.engine.envelope.branches import Branches
from fxlab.engine.envelope.chunk_maps import ChunkMaps
from fxlab.engine.envelope.detector import POLE_RANGE, Detector
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.errors import EngineError

LONG_ROW = 1 << 16  # samples; rows that are as long or longer are processed one by one, on several threads
COARSE_STRIDES = (16,)  # the first guesses use every 16th sample
COARSE_TOLERANCE = 2e-2  # and are accepted when they change by less than this, relative to the row's largest sample
MAX_COARSE_ROUNDS = 32
TOLERANCE = {torch.float64: 1e-13, torch.float32: 1e-9}  # errors of a first state, relative to the row's largest sample
TANGENT_ROUNDS = 8  # rounds after the first guesses in which the tangents alone give the better first states
MIN_STEPS, MAX_STEPS = 16, 64  # of a chunk


def follow_envelope(  # noqa: PLR0917
    x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: str, keep_branches: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the envelope of `x`, its last value in float64, and a mask of the samples with the attack pole.

    The mask is needed for gradients only, and is empty unless `keep_branches` is true. On MPS, float32 replaces
    float64. Without samples, the last value is `state`.

    Shape:
        x: `(..., time)`, float32 or float64; attack, release: the poles, `(..., 1)`; state: the envelope before the
        first sample, `(..., 1)`. Leading dimensions are the same throughout. detector: the value of a `Detector`.
        Returns `(..., time)`, `(..., 1)` and `(..., time)`; an empty mask is `(..., 0)`.

    Raises:
        EngineError: A pole is not from 0 to 1.
    """
    branches = Branches() if keep_branches else None
    y, last = follow_rows(x, attack, release, state, detector, branches)
    if branches is None:
        return y, last, torch.empty_like(x[..., :0], dtype=torch.bool)
    return y, last, branches.rows(prod(x.shape[:-1]), x.shape[-1], x.device).reshape(x.shape)


def follow_rows(  # noqa: PLR0917
    x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: str, branches: Branches | None
) -> tuple[Tensor, Tensor]:
    """Return the envelope of `x` and its last value; see `follow_envelope`.

    The masks of the samples with the attack pole are added to `branches`, unless it is None.

    Raises:
        EngineError: A pole is not from 0 to 1.
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

    def follow(part: slice) -> None:
        own = [pole[part] for pole in poles]
        state[part] = _follow_part(x[part], own, state[part], form, out[part], part.start, branches)

    run_parts(follow, row_parts(x), max_workers())
    return out.reshape(*batch_shape, time), state.reshape(*batch_shape, 1)


def row_parts(x: Tensor) -> list[slice]:
    """Return the groups of rows of `x`, `(rows, time)`, that are computed together, each on one thread.

    On the CPU a row of at least `LONG_ROW` samples is a group by itself; otherwise all rows are one group.
    """
    size = 1 if x.is_cpu and x.shape[1] >= LONG_ROW else max(1, len(x))
    return [slice(first, first + size) for first in range(0, len(x), size)]


def _follow_part(  # noqa: PLR0917
    x: Tensor,
    poles: list[Tensor],
    state: Tensor,
    detector: Detector,
    out: Tensor,
    row: int,
    branches: Branches | None,
) -> Tensor:
    """Write the envelope of the rows `x`, the first of which has the index `row`, to `out`; return the last values.

    `poles` are the attack and the release pole of each row, and `state` is the envelope before the first sample,
    `(rows, 1)` each. The masks of the samples with the attack pole are added to `branches`, unless it is None.
    """
    convex = poles[0] <= poles[1]
    for start, stop in time_segments(x.shape[0], x.shape[1], 1):
        segment = x[:, start:stop]
        # `aminmax` takes ten times as long for a single row.
        lowest, highest = (v.to(state).unsqueeze(1) for v in (segment.amin(1), segment.amax(1)))
        scale = lowest.abs().maximum(highest.abs()).maximum(state.abs())
        layout = chunk_layout(*segment.shape)
        samples = layout.to_lanes(segment)
        guess = torch.where(convex, lowest, highest)
        starts = guess.expand(-1, layout.chunks).clone()
        starts[:, :1] = state
        if layout.chunks > 1:
            for stride in COARSE_STRIDES:
                _guess_starts(starts, segment, poles, detector, guess, scale, stride, layout.steps)
        maps = ChunkMaps(samples.flatten(1), poles, detector)
        tolerance = TOLERANCE[x.dtype] * scale
        if not maps.settle(starts, tolerance, TANGENT_ROUNDS if COARSE_STRIDES else 0):
            _solve(maps, starts, convex, tolerance, layout.chunks)
        after = maps.envelope[1:].view(samples.shape)
        layout.from_lanes(after, out[:, start:stop])
        if branches is not None:
            before = maps.envelope[:-1].view(samples.shape)
            branches.add(row, start, layout, detector.is_attack(samples, before, poles[1][:, None]))
        state = layout.last_samples(after)
    return state


def chunk_layout(rows: int, time: int) -> LaneLayout:
    """Return the division of `rows` rows of `time` samples into chunks of at most `MAX_STEPS` samples.

    The number of chunks is large because an operation on many lanes takes less time per lane.
    """
    unit = max(COARSE_STRIDES, default=MIN_STEPS)
    steps = unit * min(MAX_STEPS // unit, max(1, int(sqrt(rows * time) / (10 * unit))))
    return LaneLayout(rows, time, 1, steps, max(1, -(-time // steps)))


def _guess_starts(  # noqa: PLR0917
    starts: Tensor,
    x: Tensor,
    poles: list[Tensor],
    detector: Detector,
    guess: Tensor,
    scale: Tensor,
    stride: int,
    steps: int,
) -> None:
    """Write guesses of the state before each chunk except the first to `starts`, from every `stride`-th sample of `x`.

    `starts`, `(rows, chunks)`, has the state before the first chunk in its first column. `guess`, `(rows, 1)`, is the
    first guess of the states of each row; `steps` is the length of a chunk; `scale`, `(rows, 1)`, is the largest
    magnitude of each row.
    """
    strided = x[:, stride // 2 :: stride]
    layout = LaneLayout.choose(len(x), strided.shape[1], 1)
    samples = layout.to_lanes(strided)
    powers = [pole**stride for pole in poles]
    coarse = guess.expand(-1, layout.chunks).clone()
    coarse[:, :1] = starts[:, :1]
    maps = ChunkMaps(samples.flatten(1), powers, detector)
    _solve(maps, coarse, poles[0] <= poles[1], COARSE_TOLERANCE * scale, MAX_COARSE_ROUNDS)
    envelope = maps.envelope[1:].view(samples.shape).permute(1, 2, 0, 3).reshape(len(x), -1)
    every = steps // stride
    starts[:, 1:] = envelope[:, every - 1 :: every][:, : starts.shape[1] - 1]


def _solve(maps: ChunkMaps, starts: Tensor, convex: Tensor, tolerance: Tensor, rounds: int) -> None:
    """Run the chunks from the states `starts`, `(rows, chunks)`, and then from improved states until none changes.

    The improved states follow from both lines of `ChunkMaps`, which propagate a peak through any number of chunks. At
    most `rounds` rounds are run. `convex`, `(rows, 1)`, is that of `ChunkMaps.chunk_starts`; a state that changes by at
    most `tolerance`, `(rows, 1)`, counts as unchanged. The result is in `maps.envelope`.
    """
    changed: Tensor | None = None
    for _ in range(rounds):
        maps.run(starts.view(-1), changed)
        if starts.shape[1] == 1:
            break
        better = maps.chunk_starts(starts[:, :1], convex)
        # A new NaN counts as a change, so it propagates to each later chunk.
        unchanged = ((better - starts).abs() <= tolerance) | (better.isnan() & starts.isnan())
        changed = torch.nonzero(~unchanged.view(-1))[:, 0]
        if not len(changed):
            break
        starts = torch.where(unchanged, starts, better)
