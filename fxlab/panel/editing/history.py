"""`History`: the states of a panel that undo and redo restore."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from fxlab.panel.editing.snapshot import Snapshot
from fxlab.signal import Signal

MAX_STATES = 200
MAX_SOUND_BYTES = 300_000_000  # all sounds but the current one; ten minutes of stereo at 48 kHz are 230 MB
MERGE_SECONDS = 0.5  # seconds: changes of the same values that are closer together than this are one step


@dataclass(frozen=True)
class State:
    """The state of a panel at one moment: the module, the settings A to D, and the sound."""

    snapshot: Snapshot
    """The stages and values of the module."""
    selected: str
    """The letter of the selected settings."""
    signal: Signal
    inactive: tuple[tuple[str, Snapshot], ...] = ()
    """The letters of the other settings that have been used, and the stages and values of each."""

    def differences(self, other: State) -> frozenset[Hashable]:
        """Return the differences from `other` as a set.

        It contains those of `Snapshot.differences`, `"settings"` if the settings differ, and `"signal"` if the signals
        differ.
        """
        found = self.snapshot.differences(other.snapshot)
        if self.selected != other.selected or self.inactive != other.inactive:
            found |= {"settings"}
        if self.signal is not other.signal:
            found |= {"signal"}
        return found


class History:
    """The history of a panel: the current state, at most `MAX_STATES` previous states, and the undone states.

    Changes of the same values in quick succession, as during a drag of a slider, are one step; see `record`.

    A step to another sound keeps the previous sound in memory. Earlier sounds are kept too while all previous sounds
    together take at most `MAX_SOUND_BYTES`; the steps that need older ones are removed.
    """

    def __init__(self, state: State) -> None:
        self.present = state
        self._past: list[State] = []
        self._future: list[State] = []
        self._dragged: frozenset[Hashable] = frozenset()
        """The values that the last step has changed; empty if no further change is merged with it."""
        self._last_change = 0.0
        self._is_held = False

    @property
    def can_undo(self) -> bool:
        """Whether there is a previous state."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone state; a change after an undo removes it."""
        return bool(self._future)

    def record(self, state: State, now: float) -> bool:
        """Record `state` as the current one; return False, and record nothing, if it equals the last one.

        The change is a step of its own if the stages, the length of an array, the settings or the signal have changed.
        Otherwise it belongs to the last step if it follows within `MERGE_SECONDS` and changes a value that the last
        step has changed, or if both are changes of values between `hold` and `release`. The undone states are removed.
        `now` is the time in seconds on a monotonic clock.
        """
        changed = state.differences(self.present)
        if not changed:
            return False
        is_own_step = changed & {"stages", "size", "settings", "signal"}
        is_drag = bool(changed & self._dragged) and now - self._last_change < MERGE_SECONDS
        if not is_own_step and (is_drag or (self._is_held and self._dragged)):
            self._dragged |= changed
        else:
            self._past = [*self._past, self.present][-MAX_STATES:]
            self._dragged = frozenset() if is_own_step else changed
        if "signal" in changed:
            del self._past[: self._excess(self._past, state.signal)]
        self.present, self._future, self._last_change = state, [], now
        return True

    def would_drop_sounds(self, signal: Signal) -> bool:
        """Return whether a step to `signal` would remove the oldest steps, because of `MAX_SOUND_BYTES`."""
        return self._excess([*self._past, self.present], signal) > 0

    def _excess(self, past: list[State], present: Signal) -> int:
        """Return the number of oldest states of `past` to remove, so that its sounds do not exceed `MAX_SOUND_BYTES`.

        The sound `present` is not counted, and the last other sound in `past` is always kept.
        """
        sizes = {id(present): 0}
        for index in reversed(range(len(past))):
            signal = past[index].signal
            sizes.setdefault(id(signal), signal.samples.nbytes)
            if len(sizes) > 2 and sum(sizes.values()) > MAX_SOUND_BYTES:
                return index + 1
        return 0

    def hold(self) -> None:
        """Merge successive changes of values into one step until `release`, however much time passes between them.

        Changes of the stages, the length of an array, the settings or the signal are steps of their own nevertheless.
        """
        self.end_drag()
        self._is_held = True

    def release(self) -> None:
        """End the effect of `hold`; changes in quick succession are still merged, as `record` describes."""
        self._is_held = False

    def end_drag(self) -> None:
        """Make the next change a step of its own, however soon it follows."""
        self._dragged = frozenset()

    def undo(self) -> State | None:
        """Make the previous state the current one; return it, or None if there is none."""
        return self._step(self._past, self._future)

    def redo(self) -> State | None:
        """Make the state that was undone last the current one; return it, or None if there is none."""
        return self._step(self._future, self._past)

    def _step(self, source: list[State], target: list[State]) -> State | None:
        if not source:
            return None
        target.append(self.present)
        self.present = source.pop()
        self.end_drag()
        return self.present
