"""The commands that undo and redo a step of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.registry import command

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("undo")
def undo(panel: Panel, _fields: dict[str, Any]) -> None:
    """Undo the last change of the module, the settings or the sound."""
    panel.undo()


@command("redo")
def redo(panel: Panel, _fields: dict[str, Any]) -> None:
    """Repeat the last change that was undone."""
    panel.redo()
