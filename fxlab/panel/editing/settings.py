"""`Settings`: the four settings of a panel, A to D, between which one listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.panel.editing.snapshot import Snapshot

LETTERS = ("A", "B", "C", "D")


class Settings:
    """Four places for values and stages: one is heard, and keeps what is changed while it is; the others rest.

    `panel.settings["B"]` is a module of its own that sounds as B does, to play or to compare. A letter that was never
    used takes what is heard when it is first selected.
    """

    def __init__(
        self,
        heard: Callable[[], Snapshot],
        restore: Callable[[Snapshot], None],
        edit: Callable[[Callable[[], None]], None],
    ) -> None:
        self._heard, self._restore, self._edit = heard, restore, edit
        self.held: dict[str, Snapshot] = {}
        """What the letters that are not heard hold."""
        self._selected = "A"

    @property
    def selected(self) -> str:
        """The letter that is heard."""
        return self._selected

    def select(self, letter: str) -> None:
        """Hear the settings of `letter`.

        Raises:
            ParameterError: It is none of A, B, C and D.
        """
        _check(letter)
        self._edit(lambda: self._select(letter))

    def copy(self, source: str, target: str) -> None:
        """Let `target` hold what `source` holds.

        Raises:
            ParameterError: One is no letter, or `source` was never used.
        """
        _check(target)
        snapshot = self._snapshot(source)
        self._edit(lambda: self._take(target, snapshot))

    def _select(self, letter: str) -> None:
        if letter == self._selected:
            return
        self.held[self._selected] = self._heard()
        self._selected = letter
        kept = self.held.pop(letter, None)
        if kept is not None:
            self._restore(kept)

    def _take(self, letter: str, snapshot: Snapshot) -> None:
        if letter == self._selected:
            self._restore(snapshot)
        else:
            self.held[letter] = snapshot

    def put_back(self, selected: str, held: dict[str, Snapshot]) -> None:
        """As they were before; what is heard is restored apart."""
        self._selected, self.held = selected, dict(held)

    def _snapshot(self, letter: Any) -> Snapshot:
        _check(letter)
        if letter == self._selected:
            return self._heard()
        if letter not in self.held:
            raise ParameterError(
                f"panel.settings: {letter} was never used, so it holds nothing; {', '.join(self)} "
                f"{'do' if len(list(self)) > 1 else 'does'}. Select it, or copy to it."
            )
        return self.held[letter]

    def __getitem__(self, letter: str) -> Module:
        return self._snapshot(letter).made()

    def __contains__(self, letter: object) -> bool:
        return letter == self._selected or letter in self.held

    def __iter__(self) -> Iterator[str]:
        return (letter for letter in LETTERS if letter in self)

    def __repr__(self) -> str:
        lines = [f"{'> ' if letter == self._selected else '  '}{letter}: {self[letter]!r}" for letter in self]
        return "\n".join(lines)


def _check(letter: Any) -> None:
    if letter not in LETTERS:
        raise ParameterError(f"panel.settings: there is no {letter!r}; there are {', '.join(LETTERS)}.")
