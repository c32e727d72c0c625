"""The errors for code that cannot be compiled, with its line and, for most of them, an alternative."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch import Tensor

from fxlab.errors import CompileError
from fxlab.page.compiler.source_line import loop_line, source_line

ASSIGNMENT = (
    "Use torch.where in place of an assignment to x[mask], and y[..., start:stop] += frame or torch.istft in place of "
    "index_add and torch.nn.functional.fold."
)
ADVICE = {"aten::index_put": ASSIGNMENT, "aten::index_put_": ASSIGNMENT}
"""Advice in errors: alternatives to operations that the compiler does not have."""
OTHER_ADVICE = "Write it with operations of elements, sums, or the functions of fxlab.engine."


def refuse_operation(name: str) -> NoReturn:
    """Raise the `CompileError` for the operation `name`, which the compiler does not have."""
    raise CompileError(
        f"{source_line(full=True)}: the compiler of live pages has no operation {name.replace('::', '.')}. "
        f"{ADVICE.get(name, OTHER_ADVICE)}"
    )


def refuse_length(limit: int) -> NoReturn:
    """Raise the `CompileError` for code that runs more than `limit` operations, such as a loop over samples."""
    raise CompileError(
        f"{loop_line()}: the module runs more than {limit} operations, as a loop over samples does, and a page would "
        "contain each of them. Use an operator of fxlab.engine in place of the loop, such as one_pole, sosfilt or "
        'delay_recurrence, or save the page with fallback="samples".'
    )


def refuse_sound_values(name: str) -> NoReturn:
    """Raise the `CompileError` for code that reads values of the sound by the operation `name`."""
    advice = "Use torch.where."
    if name in ("numpy", "__array__"):
        advice = "Use functions of PyTorch in place of those of NumPy."
    raise CompileError(
        f"{source_line(full=True)}: the code reads a value that depends on the sound "
        f"({name.replace('aten::', '')}), so that its operations would differ from block to block. {advice}"
    )


def refuse_random_numbers(func: Any, kwargs: dict[str, Any]) -> None:
    """Raise a `CompileError` if an operation draws random numbers without a generator of its own."""
    if torch.Tag.nondeterministic_seeded in func.tags and kwargs.get("generator") is None:
        raise CompileError(
            f"{source_line(full=True)}: the code draws random numbers ({func._schema.name.replace('aten::', '')}), and "
            "a page would repeat the same ones in each block. Make them in __init__ with fx.noise, or give a "
            "torch.Generator with a seed."
        )


def run_operation(func: Any, args: Any, kwargs: Any) -> Any:
    """Return the result of an operation; an error about mixed floating-point types is explained.

    Raises:
        CompileError: The operation fails, and its operands have different floating-point types.
        RuntimeError: The operation fails for another reason.
    """
    try:
        return func(*args, **kwargs)
    except RuntimeError as error:
        operands = tensors_in([*args, *kwargs.values()])
        types = sorted({str(part.dtype) for part in operands if part.is_floating_point()})
        if len(types) < 2:
            raise
        name = func._schema.name.replace("aten::", "")
        raise CompileError(
            f"{source_line(full=True)}: {name} has operands of {' and '.join(types)}. A page computes in "
            "float64: give constants the type of the sound, as in torch.ones(5, dtype=x.dtype)."
        ) from error


def tensors_in(values: Any) -> list[Tensor]:
    """Return the tensors among values, including those within lists and tuples."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += tensors_in(value)
    return found


class ValueReadError(CompileError):
    """The error for code that reads a value that depends on parameters, such as the length of a delay line."""

    def __init__(self, place: str, paths: set[str]) -> None:
        names = ", ".join(sorted(path.removesuffix("[]") for path in paths))
        super().__init__(f"{place}: the operations of the module depend on the value of {names}")
        self.place, self.paths = place, paths
