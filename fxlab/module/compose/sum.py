"""`Sum`: modules in parallel, `a + b`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.compose.branch_list import BranchList
from fxlab.module.compose.parallel import Branches
from fxlab.module.module import Module
from fxlab.module.parameters.discrete import Switch
from fxlab.module.wrap import wrap


class Sum(BranchList):
    """Modules in parallel: `Sum(a, b)`, or `a + b`, adds the outputs of `a` and `b` for the same input.

    It has a response, and the methods of an `LTI`, while all its branches have one. Anything callable on a tensor may
    be a branch. If branches have different latencies, such as a filter with linear phase and a recursive filter, their
    sum can have notches like a comb filter; `align=True` delays the branches with less latency.

    Args:
        branches: Modules, or anything callable on a tensor; the branches of a nested sum become branches of this sum,
            unless the nested sum has a different `align` or sample rate.
        align: Whether branches with less latency are delayed to the latency of the others; by default they are not.
        sample_rate: The sample rate in Hz for calls without one.

    Shape:
        Input and output: `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: There is no branch, or a branch is neither a module nor callable; or in a call with
            `align=True`, latencies differ by a number of samples that is not whole.
        SignalError: In a call: the outputs of the branches have different sample rates, or different lengths without
            their tails.

    >>> from fxlab.filters import HighPass, LowPass
    >>> both = LowPass(cutoff=200.0) + HighPass(cutoff=2000.0)
    >>> both
    LowPass(cutoff=200.0) + HighPass(cutoff=2000.0)
    >>> round(both.response([0.0], sample_rate=48_000).abs().item(), 6)
    1.0
    """

    align = Switch(False, doc="Whether branches with less latency are delayed to the latency of the others.")

    def __init__(self, *branches: Any, align: bool = False, sample_rate: float | None = None) -> None:
        super().__init__(align=align, sample_rate=sample_rate)
        if not branches:
            raise ParameterError("Sum needs at least one branch.")
        modules: list[Module] = []
        for branch in branches:
            module = branch if isinstance(branch, Module) else wrap(branch)
            if type(module) is Sum and module.align == align and module.sample_rate in (None, self.sample_rate):
                modules.extend(module)
            else:
                modules.append(module)
        for index, module in enumerate(modules):
            self.add_module(str(index), module)

    def _branches(self) -> Branches:
        return [(1.0, branch) for branch in self]

    def _combine(self, outputs: Sequence[Tensor]) -> Tensor:
        return reduce(add, outputs)

    def __repr__(self) -> str:
        if len(self) < 2 or self._arguments():
            return f"Sum({', '.join([*map(repr, self), *self._arguments()])})"
        return " + ".join(f"({branch!r})" if " | " in repr(branch) else repr(branch) for branch in self)
