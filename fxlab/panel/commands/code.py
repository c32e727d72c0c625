"""The query that returns Python code for the module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.commands.registry import Answer, query

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@query("code")
def get_code(panel: Panel, _fields: dict[str, Any], _buffers: list[Any]) -> Answer:
    """Return the Python code that builds the module, in the field `text`.

    Raises:
        ParameterError: An array of the module is too long to be written as code.
    """
    return Answer({"text": panel.code()})
