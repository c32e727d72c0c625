"""The four settings, the presets, and the Python that makes what is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.command import answer, command, faults_answered

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("select_settings")
def select(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Hear the settings of `letter`."""
    panel.settings.select(content["letter"])
    return True


@command("copy_settings")
@faults_answered
def copy(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Let the settings of `letter` be those that are heard."""
    panel.settings.copy(panel.settings.selected, content["letter"])
    return answer(panel, content)


@command("save_preset")
@faults_answered
def keep(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Keep what is heard as the preset `preset`."""
    panel.presets[content["preset"]] = panel.module
    return answer(panel, content)


@command("recall_preset")
def recall(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Hear the preset `preset`."""
    panel.presets.recall(content["preset"])
    return True


@command("delete_preset")
@faults_answered
def forget(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Delete the preset `preset`."""
    del panel.presets[content["preset"]]
    return answer(panel, content)


@command("code")
@faults_answered
def code(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """Answered with `text`, the Python that makes the module."""
    return answer(panel, content, text=panel.code())
