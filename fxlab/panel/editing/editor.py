"""`Editor`: what may be done to a panel's module as a whole, and undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fxlab.module import Chain, Module
from fxlab.module.serialization import from_dict, types_of
from fxlab.panel.editing.history import MOST_BYTES, History, State
from fxlab.panel.editing.presets import Presets
from fxlab.panel.editing.settings import Settings
from fxlab.panel.editing.snapshot import Snapshot
from fxlab.panel.editing.stage_edits import added, fitted
from fxlab.panel.protocol import EditorState
from fxlab.panel.rendering.renderer import Renderer
from fxlab.signal import Signal

Edit = Callable[[], None]

TOO_LARGE = f"Undo keeps {MOST_BYTES / 1e6:.0f} MB of sounds: the oldest are forgotten."


class Editor:
    """The stages, the four settings, the presets and the history of a panel.

    What changes the module runs inside `edit`, on the thread that renders.
    """

    def __init__(self, renderer: Renderer, edit: Callable[[Edit], None]) -> None:
        self._renderer = renderer
        self.settings = Settings(lambda: Snapshot.of(renderer.module), self._restore, edit)
        self.presets = Presets(lambda kept: edit(lambda: self.load(kept)), lambda: edit(lambda: None))
        self._edit = edit
        self.history = History(self._state())

    def add(self, stage: Any, index: int | None = None) -> None:
        """A stage more; what is no chain becomes the first stage of one."""
        self.take(added(self._renderer.module, stage, index))

    def load(self, description: dict[str, Any]) -> None:
        """Hold what was kept as `Module.to_dict` has it, and keep the stages of the same kind that are there."""
        module = self._renderer.module
        self.take(fitted(module, from_dict(description, types_of(module))))

    def take(self, module: Module) -> None:
        """Go on with `module`, which may be the same with other stages."""
        self._renderer.take(module)

    def play(self, signal: Signal) -> str:
        """Go on with another sound; the one before comes back with an undo. What the listener should know of that."""
        self._renderer.take(signal=signal)
        self.note()
        return TOO_LARGE if self.history.forgotten else ""

    def note(self) -> bool:
        """Keep how things are now as a step of the history; whether anything has changed since the last."""
        return self.history.note(self._state(), time.monotonic())

    def is_as(self, snapshot: Snapshot) -> bool:
        """Whether the module still holds what it did then."""
        return not snapshot.changed(Snapshot.of(self._renderer.module))

    def undo(self) -> None:
        """One step back."""
        self._edit(lambda: self._step(self.history.undo))

    def redo(self) -> None:
        """One step forward again."""
        self._edit(lambda: self._step(self.history.redo))

    def told(self) -> EditorState:
        """What the page shows of it all: docs/panel-protocol.md, `editor`."""
        module = self._renderer.module
        chain = isinstance(module, Chain)
        return {
            "can_undo": self.history.can_undo,
            "can_redo": self.history.can_redo,
            "selected": self.settings.selected,
            "used": list(self.settings),
            "presets": list(self.presets),
            "bypassed": sorted(module.bypassed) if isinstance(module, Chain) else [],
            "soloed": sorted(module.soloed) if isinstance(module, Chain) else [],
            "is_chain": chain,
        }

    def _state(self) -> State:
        others = tuple(sorted(self.settings.held.items(), key=lambda item: item[0]))
        renderer = self._renderer
        return State(Snapshot.of(renderer.module), self.settings.selected, renderer.signal, others)

    def _step(self, step: Callable[[], State | None]) -> None:
        self.note()
        state = step()
        if state is not None:
            self.settings.put_back(state.selected, dict(state.others))
            if state.signal is not self._renderer.signal:
                self._renderer.take(signal=state.signal)
            self._restore(state.heard)

    def _restore(self, snapshot: Snapshot) -> None:
        self.take(snapshot.restore())
