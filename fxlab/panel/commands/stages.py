"""Adding, taking out, moving, bypassing and soloing stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.panel.catalogue import catalogue, stage
from fxlab.panel.commands.command import answer, command, faults_answered
from fxlab.panel.edit import chain_of

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@command("catalogue")
@faults_answered
def list_catalogue(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> bool:
    """What can be added; answered with `stages`."""
    return answer(panel, content, stages=list(catalogue()))


@command("add")
def add(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Add a module of `kind` at the end, or as stage `index`."""
    panel.desk.add(stage(str(content["kind"])), content.get("index"))


@command("remove")
def remove(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Take stage `index` out."""
    del chain_of(panel.module)[int(content["index"])]


@command("move")
def move(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Let stage `index` be stage `to`."""
    chain_of(panel.module).move(int(content["index"]), int(content["to"]))


@command("leave out")
def leave_out(panel: Panel, content: dict[str, Any], _buffers: list[Any]) -> None:
    """Bypass or solo stage `index`, as `how` says, or no longer: `on`."""
    chain, index = chain_of(panel.module), int(content["index"])
    how = "soloed" if content["how"] == "soloed" else "bypassed"
    held = getattr(chain, how)
    setattr(chain, how, held | {index} if content["on"] else held - {index})
