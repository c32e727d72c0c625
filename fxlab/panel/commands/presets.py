"""The command and the queries for presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.registry import Answer, command, query
from fxlab.panel.protocol import PresetRef

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("recall_preset")
def recall_preset(panel: Panel, fields: PresetRef) -> None:
    """Set the module to the preset whose name is in the field `preset`.

    Raises:
        ParameterError: There is no preset of that name.
    """
    panel.presets.recall(fields["preset"])


@query("save_preset")
def save_preset(panel: Panel, fields: PresetRef, _buffers: list[Any]) -> Answer:
    """Save the current module as a preset with the name in the field `preset`.

    Raises:
        ParameterError: The name is empty, or the module cannot be written as plain data.
    """
    panel.presets[fields["preset"]] = panel.module
    return Answer()


@query("delete_preset")
def delete_preset(panel: Panel, fields: PresetRef, _buffers: list[Any]) -> Answer:
    """Delete the preset whose name is in the field `preset`.

    Raises:
        ParameterError: There is no preset of that name.
    """
    del panel.presets[fields["preset"]]
    return Answer()
