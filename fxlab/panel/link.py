"""`Link`: how much the line to the page carries, and how long it takes, as the acknowledgements tell."""

from __future__ import annotations

from collections import deque

LOOKS = 16  # acknowledgements that the figures rest on
QUEUE = 0.1  # seconds: no more than the line carries in that time may lie before it


class Link:
    """Bytes a second and delay of a line, learned from when pieces went and came.

    The rate is what arrived between the sending and the arrival of a piece, the best of the last few: a line that is
    not used to the full looks slower than it is, and looks its true self as soon as two pieces follow one another.

    >>> link = Link()
    >>> link.rate is None
    True
    >>> for number in range(4):
    ...     link.went(number, 50_000, at=float(number))
    ...     link.came(number, at=number + 0.1)
    >>> round(link.rate), round(link.delay, 3)
    (500000, 0.0)
    """

    def __init__(self) -> None:
        self._under_way: dict[int, tuple[float, int]] = {}
        self._arrived: deque[tuple[float, int]] = deque(maxlen=2 * LOOKS)
        self._looks: deque[tuple[float, float, int]] = deque(maxlen=LOOKS)

    def went(self, number: int, size: int, at: float) -> None:
        """A piece of `size` bytes was sent."""
        self._under_way[number] = (at, size)

    def came(self, number: int, at: float, held: float = 0.0) -> None:
        """It is acknowledged `at` a time, after the page had waited `held` seconds to say so."""
        known = self._under_way.pop(number, None)
        if known is None:
            return
        sent, size = known
        arrived = max(at - held, sent + 1e-3)
        self._arrived.append((arrived, size))
        between = sum(bytes_ for time, bytes_ in self._arrived if sent < time <= arrived)
        self._looks.append((arrived - sent, between / (arrived - sent), size))

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
        return sum(size for _, size in self._under_way.values())

    @property
    def rate(self) -> float | None:
        """Bytes a second; None until enough is known."""
        return max(rate for _, rate, _ in self._looks) if len(self._looks) >= 3 else None

    @property
    def delay(self) -> float:
        """Seconds from sending to the answer's arrival, beside the time that the bytes themselves take."""
        rate = self.rate
        return 0.0 if rate is None else max(0.0, min(took - size / rate for took, _, size in self._looks))

    @property
    def budget(self) -> float:
        """Bytes that may be under way: what travels, and what waits for `QUEUE` seconds."""
        rate = self.rate
        return float("inf") if rate is None else rate * (self.delay + QUEUE)
