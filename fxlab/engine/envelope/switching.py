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

from fxlab.engine.delay.lanes import Lanes, segments
from fxlab.engine.torch_support.buffer_pool import allocate, allocate_like
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.errors import EngineError

ALLOWED = "a smoother's pole lies from 0 (at once) to 1 (never): smoothing_pole(time_ms, sample_rate) gives it"

ROUGH_STRIDES = (16,)  # the first guesses look at every so manyth sample
ROUGH = 3e-3  # and end when they change by less than this, of the row's largest sample
ROUGH_ROUNDS = 32
SAME = 1e-13  # a chunk's start that changes by less than this, of the row's largest sample, is the same


class Law(Enum):
    """How the next envelope follows from the last one, y, and the input, x."""

    SMOOTH = "smooth"  # x > y: towards x by the attack, else towards x by the release
    PEAK = "peak"  # the larger of x and y released towards zero

    def rises(self, x: Tensor, y: Tensor, release: Tensor) -> Tensor:
        """Where the attack is chosen, y being the envelope one sample before."""
        return x > y * release if self is Law.PEAK else x > y


def switch(  # noqa: PLR0917
    x: Tensor, attack: Tensor, release: Tensor, state: Tensor, law: str, keep: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Follow x (..., time) from `state` (..., 1): the envelope, its last value in float64, where it attacked.

    `attack` and `release` are the poles, (..., 1); leading dimensions are the same throughout. Where it attacked is
    wanted by gradients alone, and empty unless `keep`.
    """
    for name, pole in (("attack_pole", attack), ("release_pole", release)):
        outside = pole[~((pole >= 0) & (pole <= 1))]
        if outside.numel():
            raise EngineError(f"an envelope's {name} holds {outside[0].item():g}; {ALLOWED}")
    lead, time = x.shape[:-1], x.shape[-1]
    exact = widest_dtype(x)
    kind = Law(law)
    x = x.reshape(prod(lead), time)
    poles = [p.reshape(-1, 1).to(exact) for p in (attack, release)]
    state = state.reshape(-1, 1).to(exact, copy=True)
    out = allocate_like(x)
    rises = torch.empty((len(x), time if keep else 0), dtype=torch.bool, device=x.device)
    for start, stop in segments(x.shape[0], time, 1):
        part = x[:, start:stop]
        lanes = Lanes.cut(x.shape[0], stop - start, 1, multiple=max(ROUGH_STRIDES, default=1))
        samples = lanes.spread(part)
        envelope = _solve(samples.flatten(1), part, poles, state, kind, lanes)
        after = envelope[1:].view(samples.shape)
        lanes.gather(after, out[:, start:stop])
        if keep:
            up = kind.rises(samples, envelope[:-1].view(samples.shape), poles[1][:, None])
            lanes.gather(up, rises[:, start:stop])
        state = lanes.tail(after)
    return out.reshape(*lead, time), state.reshape(*lead, 1), rises.reshape(*lead, rises.shape[-1])


def _solve(  # noqa: PLR0917
    samples: Tensor, part: Tensor, poles: list[Tensor], state: Tensor, law: Law, lanes: Lanes
) -> Tensor:
    """Give the envelope before the first and after every step: (steps + 1, rows * chunks)."""
    rows, chunks = lanes.rows, lanes.chunks
    lowest, highest = (v.to(state).unsqueeze(1) for v in torch.aminmax(part, dim=1))
    scale = lowest.abs().maximum(highest.abs()).maximum(state.abs())
    convex = poles[0] <= poles[1]
    begin = torch.where(convex, lowest, highest).expand(rows, chunks).clone()
    begin[:, :1] = state
    rough = [stride for stride in ROUGH_STRIDES if chunks > 1 and lanes.steps >= 2 * stride]
    for stride in (*rough, 1):
        some = samples[stride // 2 :: stride]
        tolerance = scale * (SAME if stride == 1 else ROUGH)
        maps = Maps(some, [p.expand(rows, chunks).reshape(-1) ** stride for p in poles], law)
        moved: Tensor | None = None
        for _ in range(chunks if stride == 1 else ROUGH_ROUNDS):
            maps.run(begin.view(-1), moved)
            if chunks == 1:
                break
            better = maps.joined(state, convex)
            # Written so that NaN is carried on to the next chunk until it is everywhere it belongs.
            settled = ((better - begin).abs() <= tolerance) | (better.isnan() & begin.isnan())
            moved = torch.nonzero(~settled.view(-1))[:, 0]
            if not len(moved):
                break
            begin = torch.where(settled, begin, better)
    return maps.envelope


class Maps:
    """Each lane's end as a function of its beginning, which is bent but never falls, by two straight lines.

    One is the tangent where the lane was last run. The other is the slower of the two poles throughout, which is
    what a lane does that begins far from its input; it carries a peak on through lanes that were run without it.
    Where the slower pole is the release the function is convex and both lines lie below it, else above.
    """

    def __init__(self, samples: Tensor, poles: list[Tensor], law: Law) -> None:
        self.samples, self.law = samples, law
        self.poles = torch.stack(poles)
        # A pole of 0 gets a logarithm so low that its power is 0 all the same, and is 1 where it was never chosen.
        self.logs = self.poles.clamp_min(1e-300).log()
        self.envelope = allocate((len(samples) + 1, samples.shape[1]), samples.dtype, samples.device)
        self.slope, self.end = torch.empty_like(samples[0]), torch.empty_like(samples[0])
        self.slow: tuple[list[float], list[float]] | None = None

    def run(self, begin: Tensor, moved: Tensor | None) -> None:
        """Run the lanes `moved`, or all, from `begin`."""
        if moved is not None and 2 * len(moved) < len(begin):
            some = Maps(self.samples[:, moved], list(self.poles[:, moved]), self.law)
            some.run(begin[moved], None)
            self.envelope[:, moved], self.slope[moved], self.end[moved] = some.envelope, some.slope, some.end
            return
        self.envelope[0] = begin
        _run(self.samples, self.envelope, self.poles[0], self.poles[1], self.law)
        up = self.law.rises(self.samples, self.envelope[:-1], self.poles[1]).sum(0, dtype=torch.int32).to(begin)
        down = self.logs[1] * len(self.samples)
        torch.exp(down.addcmul_(up, self.logs[0] - self.logs[1]), out=self.slope)
        torch.addcmul(self.envelope[-1], self.slope, begin, value=-1, out=self.end)

    def slowly(self) -> tuple[list[float], list[float]]:
        """Give the line of the slower pole: its slope and its value at 0."""
        if self.slow is None:
            slower = self.poles.amax(0)
            end = torch.zeros_like(slower)
            if self.law is Law.SMOOTH:
                for x in self.samples.unbind(0):
                    torch.lerp(end, x, 1 - slower, out=end)
            self.slow = (slower ** len(self.samples)).tolist(), end.tolist()
        return self.slow

    def joined(self, first: Tensor, convex: Tensor) -> Tensor:
        """Give the states that the chunks of each row begin with when every chunk follows the outer of its lines."""
        rows = len(first)
        lines = [self.slope.tolist(), self.end.tolist(), *self.slowly()]
        chunks = len(lines[0]) // rows
        begin: list[float] = []
        for row, (y, larger) in enumerate(zip(first[:, 0].tolist(), convex[:, 0].tolist(), strict=True)):
            four = zip(*(v[row * chunks : (row + 1) * chunks] for v in lines), strict=True)
            begin.append(y)
            # Thousands of times a round, so spelt out; where one is not a number, NaN goes on to the next chunk.
            if larger:
                begin += [y := slow if (slow := d * y + e) > (near := b * y + c) else near for b, c, d, e in four]
            else:
                begin += [y := near if (slow := d * y + e) > (near := b * y + c) else slow for b, c, d, e in four]
            begin.pop()
        return first.new_tensor(begin).view(rows, chunks)


def _run(samples: Tensor, envelope: Tensor, attack: Tensor, release: Tensor, law: Law) -> None:
    """Fill envelope[1:] from envelope[0], one step of all lanes after the other."""
    to_attack, to_release = 1 - attack, 1 - release
    other = torch.empty_like(release)
    # The two maps of SMOOTH cross at y = x, so choosing by x > y is taking the larger where the attack is faster.
    faster = attack <= release
    choose = torch.maximum if law is Law.PEAK or bool(faster.all()) else torch.minimum
    mixed = choose is torch.minimum and bool(faster.any())
    y = envelope[0]
    for x, after in zip(samples.unbind(0), envelope[1:].unbind(0), strict=True):
        torch.lerp(y, x, to_attack, out=after)
        if law is Law.SMOOTH:
            torch.lerp(y, x, to_release, out=other)
        else:
            torch.mul(y, release, out=other)
        if mixed:
            torch.where(x > y, after, other, out=after)
        else:
            choose(after, other, out=after)
        y = after
