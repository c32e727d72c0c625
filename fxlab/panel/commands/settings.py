"""The command that selects one of the settings A to D, and the query that copies the selected settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.registry import Answer, command, query
from fxlab.panel.protocol import SettingsRef

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("select_settings")
def select_settings(panel: Panel, fields: SettingsRef) -> None:
    """Select the settings A, B, C or D, according to the field `letter`.

    Raises:
        ParameterError: The letter is not A, B, C or D.
    """
    panel.settings.select(fields["letter"])


@query("copy_settings")
def copy_settings(panel: Panel, fields: SettingsRef, _buffers: list[Any]) -> Answer:
    """Copy the selected settings to the letter that is in the field `letter`.

    Raises:
        ParameterError: The letter is not A, B, C or D.
    """
    panel.settings.copy(panel.settings.selected, fields["letter"])
    return Answer()
