"""The commands that add, remove, move, bypass and solo stages, and the query that lists available modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.module import Chain
from fxlab.panel.commands.registry import Answer, command, query
from fxlab.panel.editing.module_catalog import create_module, module_catalog
from fxlab.panel.editing.stage_edits import require_chain
from fxlab.panel.protocol import AddStage, MoveStage, SetStageState, StageRef

if TYPE_CHECKING:
    from fxlab.panel.panel import Panel


@query("module_catalog")
def list_modules(_panel: Panel, _fields: dict[str, Any], _buffers: list[Any]) -> Answer:
    """Return the modules that can be added, in the field `stages`."""
    return Answer({"stages": list(module_catalog())})


@command("add_stage")
def add_stage(panel: Panel, fields: AddStage) -> None:
    """Add a module of the class `kind` before stage `index`, or at the end if there is no index.

    If the module of the panel is not a chain, it becomes a stage of a new chain.

    Raises:
        ParameterError: No module of this class can be added.
        IndexError: `index` is neither that of a stage of the chain nor the number of stages.
    """
    panel.editor.add_stage(create_module(str(fields["kind"])), fields.get("index"))


@command("remove_stage")
def remove_stage(panel: Panel, fields: StageRef) -> None:
    """Remove a stage from the chain, unless it has been removed already.

    Raises:
        ParameterError: The module of the panel is not a chain.
        IndexError: `fields` has no `id`, and there is no stage at its `index`.
    """
    chain = require_chain(panel.module)
    index = find_stage(chain, fields)
    if index is not None:
        del chain[index]


@command("move_stage")
def move_stage(panel: Panel, fields: MoveStage) -> None:
    """Move a stage by the distance from the field `index` to the field `to`.

    The stage may have another index than `index` by now, because other stages have been added, moved or removed. Its
    new index is clamped to the range of the indices of the chain. A stage that has been removed is ignored.

    Raises:
        ParameterError: The module of the panel is not a chain.
        IndexError: `fields` has no `id`, and there is no stage at its `index`.
    """
    chain = require_chain(panel.module)
    index = find_stage(chain, fields)
    if index is not None:
        to = index + int(fields["to"]) - int(fields["index"])
        chain.move(index, max(0, min(to, len(chain) - 1)))


@command("set_stage_state")
def set_stage_state(panel: Panel, fields: SetStageState) -> None:
    """Set or clear the bypass or the solo of a stage; a stage that has been removed is ignored.

    Raises:
        ParameterError: The module of the panel is not a chain, or `fields` has no `id` and there is no stage at its
            `index` to bypass or solo.
    """
    chain = require_chain(panel.module)
    index = find_stage(chain, fields)
    if index is None:
        return
    state = "soloed" if fields["state"] == "soloed" else "bypassed"
    stages = getattr(chain, state)
    setattr(chain, state, stages | {index} if fields["on"] else stages - {index})


def find_stage(chain: Chain, ref: StageRef) -> int | None:
    """Return the current index of the stage with the `id` of `ref`, or None if it has been removed.

    If `ref` has no `id`, its `index` is returned, even if there is no such stage.
    """
    index, identity = int(ref["index"]), ref.get("id")
    if identity is None or (0 <= index < len(chain) and id(chain[index]) == identity):
        return index
    return next((number for number, stage in enumerate(chain) if id(stage) == identity), None)
