"""`SendQueue`: what the page is still to get of the input and of the newest render, and which piece of it is next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from fxlab.panel.protocol import MatchGain
from fxlab.panel.streaming.outbox import Outbox
from fxlab.panel.streaming.send_order import LONGEST, SendOrder, ahead
from fxlab.signal import Signal

Loop = tuple[float, float] | None
"""From where to where it loops, in seconds; None where it plays to the end."""

HEAD_START = 1.0  # seconds that the render is ahead of the input, which is seldom heard


@dataclass(frozen=True)
class Ask:
    """What a page says of its playhead when little lies before it, or after a seek: all in seconds."""

    position: float
    loop: Loop
    wet: float
    """How much of the newest render it has from there on."""
    dry: float
    """The same of the input."""


@dataclass
class Sound:
    """The input or a render, as the page gets it: `take` tells its pieces from those of others."""

    take: int
    seq: int
    dry: bool
    frames: int
    channels: int
    rate: float
    way: SendOrder
    told: MatchGain = field(default_factory=MatchGain)
    """What else is said with each of its pieces."""

    def piece(self, longest: float) -> tuple[int, int] | None:
        """The next piece, of no more than `longest` bytes where a first one is not longer."""
        return self.way.peek(min(LONGEST, longest / (2 * self.channels * self.rate)))


class SendQueue:
    """What is owed to the page. What follows the playhead comes first, of a long sound no more than lies ahead."""

    def __init__(self, line: Outbox) -> None:
        self._line = line
        self._takes = count(1)
        self._signal: Signal | None = None
        self.wet: Sound | None = None
        self.dry: Sound | None = None

    def offer(self, signal: Signal, seq: int, position: float, loop: Loop, *, dry: bool) -> None:
        """A new render is to be sent, with `dry` the input too."""
        frames, channels, rate = signal.frames, signal.channels, signal.sample_rate
        way = _way(frames, channels, rate, position, loop)
        self.wet = Sound(next(self._takes), seq, False, frames, channels, rate, way)
        if dry:
            known = self.dry if signal is self._signal else None
            take = known.take if known else next(self._takes)
            self._signal = signal
            self.dry = Sound(take, seq, True, frames, channels, rate, _way(frames, channels, rate, position, loop))

    def aim(self, position: float, loop: Loop) -> Sound:
        """The render is to be sent from another place on; none of it has gone yet."""
        assert self.wet is not None
        wet = self.wet
        wet.way = _way(wet.frames, wet.channels, wet.rate, position, loop)
        return wet

    def reshape(self, frames: int, channels: int, position: float, loop: Loop) -> None:
        """The render has another shape than the input: it is sent anew."""
        assert self.wet is not None
        seq, rate = self.wet.seq, self.wet.rate
        way = _way(frames, channels, rate, position, loop)
        self.wet = Sound(next(self._takes), seq, False, frames, channels, rate, way)

    def ask(self, ask: Ask) -> None:
        """A page plays here now, and has so much."""
        for sound, has in ((self.wet, ask.wet), (self.dry, ask.dry)):
            if sound is None:
                continue
            position, rate = int(ask.position * sound.rate), sound.rate
            most = ahead(sound.frames, rate, sound.channels)
            if most is None and sound.way:
                sound.way.turn(position)
                continue
            most = most or sound.frames
            skip = int(min(has * rate, most)) if has > 0 else None
            if skip is None or skip < most:
                loop = _frames(ask.loop, rate)
                sound.way = SendOrder(sound.frames, position, rate, sound.channels, loop=loop, skip=skip, most=most)

    def next(self, there: Callable[[Sound, int, int], bool]) -> Sound | None:
        """Whose piece is to go next: the one that would be missed first, if it is `there`."""
        found = None
        for sound, delay in ((self.wet, 0.0), (self.dry, HEAD_START)):
            piece = sound.piece(self._line.longest) if sound else None
            if sound is None or piece is None or not there(sound, *piece):
                continue
            key = sound.way.passed / sound.rate + delay
            if found is None or key < found[0]:
                found = (key, sound)
        return None if found is None else found[1]


def _way(frames: int, channels: int, rate: float, position: float, loop: Loop) -> SendOrder:
    most = ahead(frames, rate, channels)
    return SendOrder(frames, int(position * rate), rate, channels, loop=_frames(loop, rate), most=most)


def _frames(loop: Loop, rate: float) -> tuple[int, int] | None:
    return None if loop is None else (round(loop[0] * rate), round(loop[1] * rate))
