"""The command that gives a parameter an LFO or an automation, and the query for the values of moving parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.registry import Answer, command, query
from fxlab.panel.plots.movement import moments
from fxlab.panel.protocol import MomentsRequest, SetMovement

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("set_movement")
def set_movement(panel: Panel, fields: SetMovement) -> None:
    """Replace the value of a parameter by an LFO or an automation, or by a number; see `SetMovement` for the fields.

    Raises:
        ParameterError: There is no such parameter or no such control, or the parameter cannot move.
        FxlabError: The module rejects the new value; the previous one is kept.
    """
    panel.editor.set_movement(str(fields["path"]), fields.get("kind"))


@query("moments")
def send_moments(panel: Panel, fields: MomentsRequest, _buffers: list[Any]) -> Answer:
    """Return the values of the moving parameters, and the responses, during the part of the sound that `fields` gives.

    At most the first 2 s of the part are used.
    """
    found, buffers = moments(panel._renderer, float(fields["start"]), float(fields["seconds"]))
    return Answer({"moments": found}, tuple(buffers))
