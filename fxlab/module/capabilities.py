"""`Capabilities`: what a module takes and returns, as attributes that panels, chains and pages read."""

from __future__ import annotations

from typing import ClassVar


class Capabilities:
    """The base class of `Module` with attributes that describe a module; the defaults are those of an effect."""

    differentiable: bool = True
    """Whether the output has gradients with respect to input and parameters; False for computations with integers."""
    has_output: bool = True
    """Whether a panel plays the output; False for a module that only draws."""
    gives_sound: bool = True
    """Whether the output is a sound; False for modules that return a feature."""
    takes_sound: bool = True
    """Whether the input is a sound; False for modules that process features."""
    takes_input: bool = True
    """Whether the output depends on the input; False for a module that generates its sound."""
    is_standalone: bool = False
    """Whether the module fills a panel by itself and cannot be a stage of a chain there."""
    _is_describable: ClassVar[bool] = True
    """Whether `from_dict` may find the class by its name."""
