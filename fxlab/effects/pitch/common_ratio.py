"""The parameter of effects that change the length of a sound, and the check that all examples share its value."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.torch_support.known_values import all_true, any_true
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import ParameterError
from fxlab.module import Param
from fxlab.module.checks import not_recordable

ADVICE = "Apply it to the sounds outside the graph, and record the remaining stages only."
_SAME = (
    "it must be the same for all examples, because their outputs would have different lengths. Give one number, or "
    "process the examples one by one."
)


def playback_rate(doc: str) -> Param:
    """Declare a playback rate, relative to the original speed."""
    return Param(1.0, low=0.25, high=4.0, scale="log", at_least=0.05, at_most=20.0, doc=doc)


def check_single(value: Tensor, owner: str, name: str = "rate") -> Tensor:
    """Return, as a scalar, the value of the parameter `name`, which must have one value for all examples.

    Raises:
        ParameterError: The values differ, or `torch.vmap` maps over them.
        FxlabError: A graph is being recorded.
    """
    if is_recorded():
        raise not_recordable(owner, f"the length of its output depends on {name}", ADVICE)
    first = value.reshape(-1)[0]
    if any_true(value != first):
        low, high = float(value.detach().min()), float(value.detach().max())
        raise ParameterError(f"{owner}: {name} is from {low:g} to {high:g}; {_SAME}")
    if not all_true(value == first):
        raise ParameterError(f"{owner}: torch.vmap maps over {name}; {_SAME}")
    return first
