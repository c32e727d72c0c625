"""`FlowControl`: how much may lie on the way to the page, learned from how long pieces take to arrive."""

from __future__ import annotations

from collections import deque
from statistics import median

LOOKS = 32  # pieces that the figures rest on
CALM = 0.025  # seconds: a piece that was held up for less says that the line carries more
QUEUE = 0.06  # seconds: one that was held up for longer says that it carries less
START = (
    200_000  # bytes that may be under way on a line of which nothing is known; the least has room for two first pieces
)
LEAST, MOST = 150_000, 1_000_000
USED = 0.2  # of what may be under way: a piece that went with less tells nothing


class FlowControl:
    """What is under way on a line, and how much may be.

    A piece that takes longer than the quickest of the last ones has waited behind others. Where that is little, more
    may be under way; where it is much, less: so a fast line is filled, and on a slow one no new sound waits long behind
    an old one.

    Source:
        S. Shalunov, G. Hazel, J. Iyengar and M. Kuehlewind, "Low Extra Delay Background Transport (LEDBAT)",
        RFC 6817 (2012).

    >>> link = FlowControl()
    >>> for number in range(4):
    ...     link.went(number, 150_000, at=float(number))
    ...     link.came(number, at=number + 0.1 + 0.1 * (number > 0))
    >>> link.base, link.window < START, link.pieces
    (0.1, True, 0)
    """

    def __init__(self) -> None:
        self._under_way: dict[int, tuple[float, int, int]] = {}
        self._looks: deque[float] = deque(maxlen=LOOKS)
        self.window = float(START)
        """Bytes that may be under way."""

    def went(self, number: int, size: int, at: float) -> None:
        """A piece of `size` bytes was sent."""
        self._under_way[number] = (at, size, self.bytes + size)

    def came(self, number: int, at: float, held: float = 0.0) -> None:
        """It is acknowledged `at` a time, after the page had waited `held` seconds to say so."""
        known = self._under_way.pop(number, None)
        if known is None:
            return
        sent, size, load = known
        took = round(max(at - held - sent, 1e-3), 6)
        self._looks.append(took)
        waited = took - self.base
        if waited > QUEUE:
            self.window = max(LEAST, 0.8 * self.window)
        elif waited < CALM and load >= USED * self.window:
            self.window = min(MOST, self.window + size / 2)

    def lost(self, before: float) -> None:
        """What was sent before that time counts as lost."""
        self._under_way = {number: piece for number, piece in self._under_way.items() if piece[0] >= before}

    def clear(self) -> None:
        """Nothing is under way any more."""
        self._under_way.clear()

    @property
    def pieces(self) -> int:
        """How many are under way."""
        return len(self._under_way)

    @property
    def bytes(self) -> int:
        """How many bytes are under way."""
        return sum(size for _, size, _ in self._under_way.values())

    @property
    def base(self) -> float:
        """Seconds that a piece takes where nothing lies before it, with the answer; 0 until one is known."""
        return min(self._looks, default=0.0)

    @property
    def usual(self) -> float:
        """Seconds that the last ones took."""
        return median(self._looks) if self._looks else 0.0
