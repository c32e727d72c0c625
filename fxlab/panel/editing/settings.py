"""`Settings`: the four settings of a panel, A to D, between which the user switches to compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.panel.editing.snapshot import Snapshot

LETTERS = ("A", "B", "C", "D")


class Settings:
    """The settings A to D of a panel, each with stages and values of its own.

    The selected settings are played and edited. `panel.settings["B"]` is a separate module with the stages and values
    of B; if B has never been used, the expression raises a `ParameterError`. A letter that has never been used starts
    with the current stages and values when it is selected. Iteration yields the letters that have been used.
    """

    def __init__(
        self,
        take_snapshot: Callable[[], Snapshot],
        restore_snapshot: Callable[[Snapshot], None],
        run_edit: Callable[[Callable[[], None]], None],
    ) -> None:
        self._take_snapshot, self._restore_snapshot, self._run_edit = take_snapshot, restore_snapshot, run_edit
        self.inactive: dict[str, Snapshot] = {}
        """The stages and values of the letters that have been used and are not selected."""
        self._selected = "A"

    @property
    def selected(self) -> str:
        """The letter of the selected settings, which are played and edited."""
        return self._selected

    def select(self, letter: str) -> None:
        """Select and play the settings of `letter`.

        Raises:
            ParameterError: `letter` is not A, B, C or D.
        """
        _check(letter)
        self._run_edit(lambda: self._select(letter))

    def copy(self, source: str, target: str) -> None:
        """Copy the settings of the letter `source` to the letter `target`.

        Raises:
            ParameterError: `source` or `target` is not A, B, C or D, or `source` has never been used.
        """
        _check(target)
        snapshot = self._snapshot(source)
        self._run_edit(lambda: self._set(target, snapshot))

    def _select(self, letter: str) -> None:
        if letter == self._selected:
            return
        self.inactive[self._selected] = self._take_snapshot()
        self._selected = letter
        snapshot = self.inactive.pop(letter, None)
        if snapshot is not None:
            self._restore_snapshot(snapshot)

    def _set(self, letter: str, snapshot: Snapshot) -> None:
        if letter == self._selected:
            self._restore_snapshot(snapshot)
        else:
            self.inactive[letter] = snapshot

    def restore(self, selected: str, inactive: dict[str, Snapshot]) -> None:
        """Store the selected letter, and the stages and values of the other letters; the module is not changed."""
        self._selected, self.inactive = selected, dict(inactive)

    def _snapshot(self, letter: Any) -> Snapshot:
        _check(letter)
        if letter == self._selected:
            return self._take_snapshot()
        if letter not in self.inactive:
            raise ParameterError(
                f"panel.settings: {letter} was never used, so it holds nothing; {', '.join(self)} "
                f"{'do' if len(list(self)) > 1 else 'does'}. Select it, or copy to it."
            )
        return self.inactive[letter]

    def __getitem__(self, letter: str) -> Module:
        return self._snapshot(letter).build_module()

    def __contains__(self, letter: object) -> bool:
        return letter == self._selected or letter in self.inactive

    def __iter__(self) -> Iterator[str]:
        return (letter for letter in LETTERS if letter in self)

    def __repr__(self) -> str:
        lines = [f"{'> ' if letter == self._selected else '  '}{letter}: {self[letter]!r}" for letter in self]
        return "\n".join(lines)


def _check(letter: Any) -> None:
    if letter not in LETTERS:
        raise ParameterError(f"panel.settings: there is no {letter!r}; there are {', '.join(LETTERS)}.")
