"""The specification of a parameter that moves: the controls of its LFO, automation or other control."""

from __future__ import annotations

from collections.abc import Callable

from fxlab.control import Automation
from fxlab.module import Module, Param, ParameterDeclaration, Recursive
from fxlab.module.parameters.control import Control
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.panel import protocol
from fxlab.panel.controls.control_binding import PointsBinding

Describe = Callable[[str, ParameterOwner, ParameterDeclaration, float], protocol.Param]
"""A function of path, owner, declaration and sample rate that returns the specification of one parameter."""


def can_move(owner: ParameterOwner, declaration: ParameterDeclaration) -> bool:
    """Return whether the value of a parameter may be a control.

    It must be a single number or a control already, and belong to a module that does not list it among its fixed
    parameters.
    """
    return (
        isinstance(owner, Module)
        and isinstance(declaration, Param)
        and declaration.name not in owner.fixed_parameters
        and (declaration.name in owner.controls() or declaration.stored(owner).numel() == 1)
    )


def movement(
    path: str, owner: ParameterOwner, declaration: ParameterDeclaration, rate: float, describe: Describe
) -> protocol.Movement | None:
    """Return the specification of the control that moves a parameter.

    It is None if the parameter does not move, or if it is moved by an object that is not a `Control`.

    Args:
        path: The path of the parameter.
        owner: The module to which the parameter belongs.
        declaration: The declaration of the parameter.
        rate: The sample rate in Hz.
        describe: Returns the specification of each parameter of the control.
    """
    control = owner.controls().get(declaration.name)
    if not isinstance(control, Control):
        return None
    jumps: protocol.ShownWhen | None = None
    if control.jumping_choices is not None:
        choice, names = control.jumping_choices
        jumps = {"path": f"{path}.{choice}", "values": list(names)}
    found: protocol.Movement = {
        "kind": type(control).__name__,
        "params": [],
        "more": [],
        "holds": jumps if isinstance(control, Automation) else None,
        "clicks": jumps if isinstance(owner, Recursive) and owner.clicks_at_jumps else None,
    }
    for name, declared in control.declarations.items():
        if isinstance(control, Automation) and name == "times":
            continue  # the points have times and values
        param = describe(f"{path}.{name}", control, declared, rate)
        if name in control.value_parameters:
            _measure_like(param, declaration, rate)
        if isinstance(control, Automation) and name == "points":
            _make_points(param, PointsBinding(control, declared))
        found["more" if name in control.secondary_parameters else "params"].append(param)
    return found


def all_params(params: list[protocol.Param]) -> list[protocol.Param]:
    """Return the parameters, followed by those of the controls that move them."""
    found = list(params)
    for param in params:
        moves = param["movement"]
        if moves is not None:
            found += [*moves["params"], *moves["more"]]
    return found


def _measure_like(param: protocol.Param, moved: ParameterDeclaration, rate: float) -> None:
    """Give `param` the range, the scale and the unit of `moved`, and the role of `moved` if that is frequency or gain.

    `moved` is the parameter that a control moves, and `param` is a parameter of this control. The default of `param`
    becomes its current value. `rate` is the sample rate in Hz, on which the range may depend.
    """
    assert isinstance(moved, Param)
    param["low"], param["high"] = moved.span(rate)
    # The default that the control itself declares, such as 0 Hz, makes no sense for the moved parameter.
    param.update({"scale": moved.scale, "unit": moved.unit, "default": param["value"]})
    if param["kind"] == "number" and moved.role in ("frequency", "gain"):
        param["role"] = moved.role


def _make_points(param: protocol.Param, binding: PointsBinding) -> None:
    """Turn `param` into the points of an automation, unless they cannot be dragged."""
    value = binding.value
    if value is not None:
        param.update({"kind": "points", "value": value, "default": value})
