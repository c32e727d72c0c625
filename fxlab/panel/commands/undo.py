"""Undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.command import command

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("undo")
def undo(panel: Panel, _content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Take the last change back."""
    panel.undo()
    return True


@command("redo")
def redo(panel: Panel, _content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Make it again."""
    panel.redo()
    return True
