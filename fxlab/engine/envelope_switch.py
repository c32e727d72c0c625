"""The recursion of envelope followers, whose pole depends on whether the input is above the envelope.

Each row is cut into chunks that advance in step (`delay_lanes`). What a chunk starts with is unknown at first: it
is guessed, all chunks are run from their guesses, and where each one ends, with the slope of that end over its
beginning, gives better guesses (Newton's method on the chunks' borders). As long as the guess changes it is done
again. The first chunk's start is known, so every round makes at least one more chunk exact, whatever the signal:
the end is the sample-by-sample answer, not an approximation. A round over every sixteenth sample costs little, so
the first guesses come from there. `docs/engine-nonlinear.md` compares this with the other routes.
"""

from __future__ import annotations

from enum import Enum
from math import prod

import torch
from torch import Tensor

from fxlab.engine.delay_lanes import Lanes, chain, segments, wide
from fxlab.engine.storage import fresh
from fxlab.errors import EngineError

ALLOWED = "a smoother's pole lies from 0 (at once) to 1 (never): smoothing_pole(time_ms, sample_rate) gives it"

STRIDE = 16  # the first guesses look at every so manyth sample
ROUGH = 3e-3  # and end when they change by less than this, of the row's largest sample
SAME = 1e-13  # a chunk's start that changes by less than this, of the row's largest sample, is the same


class Law(Enum):
    """How the next envelope follows from the last one, y, and the input, x."""

    SMOOTH = "smooth"  # x > y: towards x by the attack, else towards x by the release
    FALLING = "falling"  # x > y: towards x by the attack, else towards zero by the release
    PEAK = "peak"  # the larger of x and y released towards zero

    def rises(self, x: Tensor, y: Tensor, release: Tensor) -> Tensor:
        """Where the attack is chosen, y being the envelope one sample before."""
        return x > y * release if self is Law.PEAK else x > y


def switch(x: Tensor, attack: Tensor, release: Tensor, state: Tensor, law: str) -> tuple[Tensor, Tensor, Tensor]:
    """Follow x (..., time) from `state` (..., 1): the envelope, its last value in float64, where it attacked.

    `attack` and `release` are the poles, (..., 1); leading dimensions are the same throughout.
    """
    for name, pole in (("attack_pole", attack), ("release_pole", release)):
        outside = pole[~((pole >= 0) & (pole <= 1))]
        if outside.numel():
            raise EngineError(f"an envelope's {name} holds {outside[0].item():g}; {ALLOWED}")
    lead, time = x.shape[:-1], x.shape[-1]
    exact = wide(x)
    kind = Law(law)
    x = x.reshape(prod(lead), time)
    poles = [p.reshape(-1, 1).to(exact) for p in (attack, release)]
    state = state.reshape(-1, 1).to(exact, copy=True)
    out = fresh(x)
    rises = torch.empty_like(out, dtype=torch.bool)
    for start, stop in segments(x.shape[0], time, 1):
        part = x[:, start:stop]
        lanes = Lanes.cut(x.shape[0], stop - start, 1, multiple=STRIDE)
        samples = lanes.spread(part)
        envelope = _solve(samples.flatten(1), part, poles, state, kind, lanes)
        after = envelope[1:].view(samples.shape)
        lanes.gather(after, out[:, start:stop])
        up = kind.rises(samples, envelope[:-1].view(samples.shape), poles[1][:, None])
        lanes.gather(up, rises[:, start:stop])
        state = lanes.tail(after)
    return out.reshape(*lead, time), state.reshape(*lead, 1), rises.reshape(*lead, time)


def _solve(  # noqa: PLR0917
    samples: Tensor, part: Tensor, poles: list[Tensor], state: Tensor, law: Law, lanes: Lanes
) -> Tensor:
    """Give the envelope before the first and after every step: (steps + 1, rows * chunks)."""
    rows, chunks = lanes.rows, lanes.chunks
    scale = part.abs().amax(1, keepdim=True).to(state).maximum(state.abs())
    # Newton's rounds climb to the answer from below where the maps are convex, from above where they are concave.
    lowest = torch.where(
        poles[0] <= poles[1], part.amin(1, keepdim=True).to(state), part.amax(1, keepdim=True).to(state)
    )
    begin = lowest.expand(rows, chunks).clone()
    begin[:, :1] = state
    strides = (STRIDE, 1) if chunks > 1 and lanes.steps >= 2 * STRIDE else (1,)
    for stride in strides:
        attack, release = (p.expand(rows, chunks).reshape(-1) ** stride for p in poles)
        some = samples[stride // 2 :: stride]
        envelope = torch.empty(len(some) + 1, rows * chunks, dtype=state.dtype, device=state.device)
        tolerance = scale * (SAME if stride == 1 else ROUGH)
        for _ in range(chunks if stride == 1 else 2 * STRIDE):
            envelope[0] = begin.view(-1)
            _run(some, envelope, attack, release, law)
            if chunks == 1:
                break
            up = law.rises(some, envelope[:-1], release).sum(0, dtype=torch.int32)
            slope = attack**up * release ** (len(some) - up)
            end = envelope[-1] - slope * envelope[0]
            better = chain(slope.view(rows, chunks, 1), end.view(rows, chunks, 1), state).squeeze(2)
            # `not small` and not `large`, so that NaN goes on to the next chunk until it is everywhere it belongs.
            settled = ((better - begin).abs() <= tolerance) | (better.isnan() & begin.isnan())
            if settled.all():
                break
            begin = better
    return envelope


def _run(samples: Tensor, envelope: Tensor, attack: Tensor, release: Tensor, law: Law) -> None:
    """Fill envelope[1:] from envelope[0], one step of all lanes after the other."""
    to_attack, to_release = 1 - attack, 1 - release
    nothing = torch.zeros_like(release)
    other = torch.empty_like(release)
    if law is Law.SMOOTH:
        # The two maps cross at y = x, so choosing by x > y is taking the larger one where the attack is faster.
        faster = attack <= release
        mixed = bool(faster.any()) and not bool(faster.all())
        choose = torch.maximum if bool(faster.all()) else torch.minimum
    else:
        mixed, choose = law is Law.FALLING, torch.maximum
    y = envelope[0]
    for x, after in zip(samples.unbind(0), envelope[1:].unbind(0), strict=True):
        torch.lerp(y, x, to_attack, out=after)
        torch.lerp(y, x if law is Law.SMOOTH else nothing, to_release, out=other)
        if mixed:
            torch.where(x > y, after, other, out=after)
        else:
            choose(after, other, out=after)
        y = after
