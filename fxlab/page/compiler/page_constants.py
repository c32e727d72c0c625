"""Large constants that a page computes so that its text need not contain them: expanded arrays and random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import _disable_current_modes

from fxlab.page.compiler.graph import Buffer
from fxlab.page.compiler.refusals import run_operation
from fxlab.page.compiler.source_line import is_inside_fxlab

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

MIN_EXPANDED, MIN_GENERATED, EXPANSION = 10_000, 512, 4
"""The smallest result of an operation on constants that the page computes, in elements, in a user's function
(`MIN_EXPANDED`) and in a generator of fxlab (`MIN_GENERATED`); it must also be more than `EXPANSION` times as large as
the operands."""
FUNCTIONS = {"aten::rand": "uniformNumbers", "aten::randn": "normalNumbers"}
"""The function of the engine for each operation that draws random numbers."""
BITS = {torch.float32: 24, torch.float64: 53}
"""The number of random bits of a uniform number, by dtype."""
MIN_NORMAL = 16
"""The least count of normal numbers that PyTorch computes from pairs of uniform ones in groups of 16."""


def run_on_constants(
    recorder: Recorder, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], operands: list[Tensor]
) -> Any:
    """Return the result of an operation on constants, and record the operation if the page computes the result.

    `operands` are the tensors among the arguments.
    """
    name: str = func._schema.name
    seed = unused_seed(name, kwargs) if recorder.is_function else None
    result = run_operation(func, args, kwargs)
    if seed is not None:
        _draw_in_page(recorder, name, seed, result)
    least = MIN_GENERATED if recorder.is_generating else MIN_EXPANDED
    is_computed = recorder.is_generating or (recorder.is_function and not is_inside_fxlab())
    if is_computed and is_expanded(operands, result, least):
        if name == "aten::arange":
            with _disable_current_modes():
                values = result.double().tolist()
            recorder.track(result, Buffer(len(values), "constant", values=values))
        elif name in recorder.lowerings:
            recorder.lowerings[name](recorder, args, kwargs, result)
    return result


def is_expanded(operands: list[Tensor], result: Any, least: int = MIN_EXPANDED) -> bool:
    """Return whether a result has at least `least` elements, and more than `EXPANSION` times as many as its operands.

    The size of an operand is that of its storage.
    """
    if not isinstance(result, Tensor) or result.numel() < least:
        return False
    sizes = (tensor.untyped_storage().nbytes() // tensor.element_size() for tensor in operands)
    return result.numel() > EXPANSION * sum(sizes)


def unused_seed(name: str, kwargs: dict[str, Any]) -> int | None:
    """Return the seed of the generator of an operation, or None.

    The result is None unless the operation is one of `FUNCTIONS`, and its generator is on the CPU and still unused.
    """
    generator = kwargs.get("generator")
    if name not in FUNCTIONS or generator is None or generator.device.type != "cpu":
        return None
    seed = int(generator.initial_seed())
    fresh = torch.Generator().manual_seed(seed)
    return seed if torch.equal(generator.get_state(), fresh.get_state()) else None


def _draw_in_page(recorder: Recorder, name: str, seed: int, result: Tensor) -> None:
    """Record that the page draws the numbers of `result`, if there are `MIN_EXPANDED` or more, of a dtype in `BITS`."""
    if result.numel() >= MIN_EXPANDED and result.dtype in BITS:
        out = recorder.new(result)
        recorder.call(FUNCTIONS[name], [out], [out, result.numel(), seed % 2**32, BITS[result.dtype]])
