"""Adding, taking out, moving, bypassing and soloing stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.module import Chain
from fxlab.panel.commands.command import answer, command, faults_answered
from fxlab.panel.editing.module_catalogue import catalogue, stage
from fxlab.panel.editing.stage_edits import require_chain

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("module_catalog")
@faults_answered
def list_catalogue(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """What can be added; answered with `stages`."""
    return answer(panel, content, stages=list(catalogue()))


@command("add_stage")
def add(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Add a module of `kind` at the end, or as stage `index`."""
    panel.desk.add_stage(stage(str(content["kind"])), content.get("index"))


@command("remove_stage")
def remove(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Take stage `index` out."""
    chain = require_chain(panel.module)
    index = place(chain, content)
    if index is not None:
        del chain[index]


@command("move_stage")
def move(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Let stage `index` be stage `to`; where others came or went meanwhile, as many places up or down."""
    chain = require_chain(panel.module)
    index = place(chain, content)
    if index is not None:
        to = index + int(content["to"]) - int(content["index"])
        chain.move(index, max(0, min(to, len(chain) - 1)))


def place(chain: Chain, content: dict[str, Any]) -> int | None:
    """Where the stage is that a page means by `index`, or by `id` when it has moved; None where it is gone."""
    index, key = int(content["index"]), content.get("id")
    if key is None or (0 <= index < len(chain) and id(chain[index]) == key):
        return index
    return next((number for number, stage in enumerate(chain) if id(stage) == key), None)


@command("set_stage_state")
def leave_out(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Bypass or solo stage `index`, as `state` says, or no longer: `on`."""
    chain = require_chain(panel.module)
    index = place(chain, content)
    if index is None:
        return
    how = "soloed" if content["state"] == "soloed" else "bypassed"
    held = getattr(chain, how)
    setattr(chain, how, held | {index} if content["on"] else held - {index})
