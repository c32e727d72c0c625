"""`Editor`: makes changes to a panel's module and signal, and undoes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fxlab.module import Chain, Module
from fxlab.module.rebuild_with_types import from_dict, types_of
from fxlab.panel.editing.history import MAX_SOUND_BYTES, History, State
from fxlab.panel.editing.movement_edits import MovementEdits
from fxlab.panel.editing.presets import Presets
from fxlab.panel.editing.settings import Settings
from fxlab.panel.editing.snapshot import Snapshot
from fxlab.panel.editing.stage_edits import insert_stage, merge_into
from fxlab.panel.protocol import EditorState
from fxlab.panel.rendering.renderer import Renderer
from fxlab.signal import Signal

Edit = Callable[[], None]

FORGOTTEN_NOTE = f"Undo keeps at most {MAX_SOUND_BYTES / 1e6:.0f} MB of sounds; the oldest ones were removed."


class Editor:
    """The editor of a panel: it changes the module and the signal, and keeps the settings, the presets and the history.

    `add_stage`, `set_movement`, `load`, `set_module` and `set_signal` must be called within `Publisher.run_edit` or a
    command. `undo`, `redo`, `settings` and `presets` call `run_edit` themselves.

    Args:
        renderer: The owner of the module and the signal.
        run_edit: `Publisher.run_edit`.
    """

    def __init__(self, renderer: Renderer, run_edit: Callable[[Edit], None]) -> None:
        self._renderer = renderer
        self.settings = Settings(lambda: Snapshot.of(renderer.module), self._restore, run_edit)
        self.presets = Presets(lambda kept: run_edit(lambda: self.load(kept)), lambda: run_edit(lambda: None))
        self._run_edit = run_edit
        self._movements = MovementEdits()
        self.history = History(self._current_state())

    def add_stage(self, stage: Any, index: int | None = None) -> None:
        """Add a stage at the end, or before stage `index`; a module that is not a chain is put in a chain with it.

        See `insert_stage` for details.

        Raises:
            ParameterError: `stage` cannot be a stage of a chain.
            IndexError: The module is a chain, and `index` is neither that of a stage nor the number of stages.
        """
        self.set_module(insert_stage(self._renderer.module, stage, index))

    def set_movement(self, path: str, kind: str | None) -> None:
        """Replace the value of the parameter at `path`, such as `"0.cutoff"`, by a control or by a number.

        `kind` is the class of the control, `"LFO"` or `"Automation"`; None restores a number.

        Raises:
            ParameterError: There is no such parameter or no such control, or the parameter cannot move.
            FxlabError: The module rejects the new value; the previous one is kept.
        """
        self._movements.set(self._renderer.module, path, kind, self._renderer.signal)

    def load(self, description: dict[str, Any]) -> None:
        """Give the module the stages and values of a description that `Module.to_dict` returned.

        Stages whose classes and parts do not change stay the same objects; see `merge_into`.

        Raises:
            ParameterError: The description is not that of a module.
        """
        module = self._renderer.module
        self.set_module(merge_into(module, from_dict(description, types_of(module))))

    def set_module(self, module: Module) -> None:
        """Replace the module by `module`, which may be the current one with other stages."""
        self._renderer.replace(module)

    def set_signal(self, signal: Signal) -> None:
        """Replace the signal by `signal`, as a step of the history, which can be undone."""
        self._renderer.replace(signal=signal)
        self.record()

    def note_on(self, signal: Signal) -> str:
        """Return a note that setting `signal` removes old sounds from the history; an empty string if it does not."""
        return FORGOTTEN_NOTE if self.history.would_drop_sounds(signal) else ""

    def record(self) -> bool:
        """Record the current state as a step of the history; return whether it differs from the last state."""
        return self.history.record(self._current_state(), time.monotonic())

    def is_unchanged_since(self, snapshot: Snapshot) -> bool:
        """Return whether the module is still that of `snapshot`, with the same stages, values and sample rates."""
        return not snapshot.differences(Snapshot.of(self._renderer.module))

    def undo(self) -> None:
        """Restore the stages, values, settings and sound as they were before the last change, if there was one."""
        self._run_edit(lambda: self._step(self.history.undo))

    def redo(self) -> None:
        """Restore the stages, values, settings and sound of the state that was undone last.

        Nothing happens if there is none; a change after an undo removes all undone states.
        """
        self._run_edit(lambda: self._step(self.history.redo))

    def state(self) -> EditorState:
        """Return the fields of the message `editor`; see docs/panel-protocol.md."""
        module = self._renderer.module
        return {
            "can_undo": self.history.can_undo,
            "can_redo": self.history.can_redo,
            "selected": self.settings.selected,
            "used": list(self.settings),
            "presets": list(self.presets),
            "bypassed": sorted(module.bypassed) if isinstance(module, Chain) else [],
            "soloed": sorted(module.soloed) if isinstance(module, Chain) else [],
            "is_chain": isinstance(module, Chain),
        }

    def _current_state(self) -> State:
        inactive = tuple(sorted(self.settings.inactive.items(), key=lambda item: item[0]))
        renderer = self._renderer
        return State(Snapshot.of(renderer.module), self.settings.selected, renderer.signal, inactive)

    def _step(self, step: Callable[[], State | None]) -> None:
        self.record()
        state = step()
        if state is not None:
            self.settings.restore(state.selected, dict(state.inactive))
            if state.signal is not self._renderer.signal:
                self._renderer.replace(signal=state.signal)
            self._restore(state.snapshot)

    def _restore(self, snapshot: Snapshot) -> None:
        self.set_module(snapshot.restore())
