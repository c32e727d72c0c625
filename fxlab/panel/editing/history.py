"""`History`: the states that a panel has been in, to go back to and forward again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from fxlab.panel.editing.snapshot import Snapshot
from fxlab.signal import Signal

LONGEST = 200  # states
MOST_BYTES = 300_000_000  # of sounds before the present one: ten minutes of stereo at 48 kHz are 230 MB
TOGETHER = 0.5  # seconds: moves of the same values that follow each other within this time are one


@dataclass(frozen=True)
class State:
    """What is heard, under which letter, of which sound, and what the other letters hold."""

    heard: Snapshot
    selected: str
    signal: Signal
    others: tuple[tuple[str, Snapshot], ...] = ()

    def changed(self, other: State) -> frozenset[Hashable]:
        """What the two differ in, nothing where they are the same."""
        found = self.heard.changed(other.heard)
        if self.selected != other.selected or self.others != other.others:
            found |= {"settings"}
        if self.signal is not other.signal:
            found |= {"signal"}
        return found


class History:
    """States, the present one last, and those that were undone. A drag is one step, however many moves it has.

    A step to another sound keeps the one before it in memory. The last of them is always kept, and others while all
    are within `MOST_BYTES`; steps from before that are forgotten, and `forgotten` says that they were.
    """

    def __init__(self, state: State) -> None:
        self.present = state
        self.forgotten = False
        """Whether the last step had to make room for its sound."""
        self._past: list[State] = []
        self._future: list[State] = []
        self._moving: frozenset[Hashable] = frozenset()
        self._time = 0.0

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to go back to."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone, and nothing was changed since."""
        return bool(self._future)

    def note(self, state: State, now: float) -> bool:
        """Things are so at the time `now`, in seconds; whether anything has changed."""
        changed = state.changed(self.present)
        if not changed:
            return False
        alone = changed & {"stages", "settings", "signal"}
        if not alone and changed & self._moving and now - self._time < TOGETHER:
            self._moving |= changed
        else:
            self._past = [*self._past, self.present][-LONGEST:]
            self._moving = frozenset() if alone else changed
        self.forgotten = "signal" in changed and self._make_room(state.signal)
        self.present, self._future, self._time = state, [], now
        return True

    def _make_room(self, playing: Signal) -> bool:
        """Forget the oldest steps where the sounds before the one that plays are too large; whether any was."""
        sizes = {id(playing): 0}
        for number in reversed(range(len(self._past))):
            signal = self._past[number].signal
            sizes.setdefault(id(signal), signal.samples.nbytes)
            if len(sizes) > 2 and sum(sizes.values()) > MOST_BYTES:
                del self._past[: number + 1]
                return True
        return False

    def rest(self) -> None:
        """What was moved is let go: the next change is a step of its own, however soon it comes."""
        self._moving = frozenset()

    def undo(self) -> State | None:
        """Step back, and return what is to be restored; None where there is nothing before."""
        return self._step(self._past, self._future)

    def redo(self) -> State | None:
        """Step forward again."""
        return self._step(self._future, self._past)

    def _step(self, source: list[State], target: list[State]) -> State | None:
        if not source:
            return None
        target.append(self.present)
        self.present = source.pop()
        self.rest()
        return self.present
