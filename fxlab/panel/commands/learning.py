"""The queries that set and remove the target of a fit, and the commands that start and stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.registry import Answer, command, query
from fxlab.panel.commands.upload import check_duration, receive_part
from fxlab.panel.learning import read_target
from fxlab.panel.protocol import UploadPart

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@query("upload_target")
def upload_target(panel: Panel, fields: UploadPart, buffers: list[Any]) -> Answer:
    """Append a part to the file that is being uploaded; after the last part, make its sound or curve the target.

    This ends a running fit to an earlier target.

    Raises:
        FileError: The file is too large, too long, silent, or neither a sound nor a curve; or the part does not belong
            to the unfinished upload of this panel.
    """
    file = receive_part(panel, fields, buffers)
    if file is not None:
        check_duration(file)
        panel._session.learning.set_target(read_target(file.name, file), file.name)
    return Answer()


@query("forget_target")
def forget_target(panel: Panel, _fields: dict[str, Any], _buffers: list[Any]) -> Answer:
    """Remove the target, and end a running fit to it."""
    panel._session.learning.set_target(None)
    return Answer()


@command("start_learning")
def start_learning(panel: Panel, _fields: dict[str, Any]) -> None:
    """Start a fit of the module to the target; see `PanelLearning.start_to_target` for the errors."""
    panel._session.learning.start_to_target()


@command("stop_learning")
def stop_learning(panel: Panel, _fields: dict[str, Any]) -> None:
    """Make a running fit end at its next step; the module keeps the best values so far."""
    panel._session.learning.stop()
