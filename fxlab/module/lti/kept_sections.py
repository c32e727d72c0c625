"""`kept_sections`: the sections of filters that have not changed since their last call.

A call of a filter checks its values, and a chain collects the designs of its stages. The result is the same until a
value changes. A `SectionsRecord` contains everything that the result depends on, over all stages, and is compared in a
few microseconds. Like `DesignInputs`, from which it is made, it compares the values of parameters and not the versions
of their tensors, which do not count every change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, is_, itemgetter
from typing import TYPE_CHECKING, Any
from weakref import ref

import torch
from torch import Tensor

from fxlab.engine.recursion.prepared_sections import PreparedSections
from fxlab.module.parameters.design_cache import checked_design
from fxlab.module.parameters.design_inputs import (
    DesignInputs,
    Environment,
    has_bits,
    inputs_of,
    torch_environment,
    zero_signs,
)
from fxlab.module.parameters.observers import latest_change
from fxlab.module.parameters.owner import ParameterOwner

if TYPE_CHECKING:
    from fxlab.module.module import Module

read_contents = itemgetter(
    *("_modules", "_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks"),
    *("_parameters", "_buffers", "_discrete"),
)
"""A function that reads the parts and the hooks of a filter, of which there must be none, and its values."""
requires_grad = attrgetter("requires_grad")
read_methods = attrgetter("__call__", "check", "check_input", "forward", "forward_block", "_run_block", "_sos")
"""A function that reads the methods of a class that are not called if the sections are kept."""


class SectionsRecord:
    """The sections of filters in series at a sample rate, and everything that they depend on.

    Args:
        stages: The filters; the record keeps no reference to them.
        inputs: The record of the values of each filter.
        sos: The sections of all filters, `(sections, 6)`.
        rate: The sample rate in Hz.
    """

    def __init__(self, stages: Sequence[Module], inputs: Sequence[DesignInputs], sos: Tensor, rate: float) -> None:
        self.run, self._version = PreparedSections(sos), sos._version
        self._rate, self._environment = rate, inputs[0].environment
        numbers = [number for each in inputs for number in each.numbers]
        self._read_numbers: list[Callable[[], Any]] = [number.tolist for number in numbers]
        self._numbers: list[Any] = [value for each in inputs for value in each.number_values]
        self._zero_signs = [sign for each in inputs for sign in each.zero_signs]
        self._arrays = [array for each in inputs for array in each.arrays]
        self._tensors = [tensor for each in inputs for tensor in each.tensors]
        self._codes = [each.code for each in inputs if each.reads_more]
        self._attributes = [each.attribute_names for each in inputs]
        self._kinds = list(dict.fromkeys(map(type, stages)))
        self._methods = list(map(read_methods, self._kinds))
        self._held = self._read(stages)

    def are_unchanged(self, stages: Sequence[Module], rate: float, environment: Environment) -> bool:
        """Return whether nothing that the sections depend on has changed, and no gradient is required.

        The filters must have the same classes, and the same objects as parameters, buffers and attributes, as when the
        record was made, with the same values; other tensors with equal values count as a change.

        Args:
            stages: The filters.
            rate: The sample rate in Hz.
            environment: The current settings of PyTorch.
        """
        if rate != self._rate or environment != self._environment or len(stages) != len(self._attributes):
            return False
        held = self._read(stages)
        return (
            len(held) == len(self._held)
            and all(map(is_, held, self._held))
            # A number whose shape has changed is a list.
            and (numbers := [read() for read in self._read_numbers]) == self._numbers
            and (not self._zero_signs or zero_signs(numbers) == self._zero_signs)
            and (not self._arrays or all(has_bits(array, bits) for array, bits in self._arrays))
            and not (torch.is_grad_enabled() and any(map(requires_grad, self._tensors)))
            and list(map(read_methods, self._kinds)) == self._methods
            and (not self._codes or all(code.are_unchanged() for code in self._codes))
            and self.run.sos._version == self._version
        )

    def _read(self, stages: Sequence[Module]) -> list[object]:
        """Return the objects that are compared by identity.

        For each filter they are the class, the number of attributes, whether there are parts or hooks, the attributes
        that a `DesignInputs` records, the tensors and the discrete values.
        """
        held: list[object] = []
        for stage, attributes in zip(stages, self._attributes, strict=True):
            inside = stage.__dict__
            parts, before, after, before_back, after_back, parameters, buffers, discrete = read_contents(inside)
            held += (
                type(stage),
                len(inside),
                bool(parts or before or after or before_back or after_back),
                *map(inside.get, attributes),
                *parameters.values(),
                *buffers.values(),
                *discrete.values(),
            )
        return held


_RECORDS: dict[int, tuple[ref[Module], SectionsRecord]] = {}
"""The latest record of each module, by its `id`; a dictionary with weak references as keys takes ten times as long."""


def kept_sections(
    owner: Module, stages: Sequence[Module], x: Tensor, rate: float, join: Callable[[list[Tensor]], Tensor]
) -> PreparedSections | None:
    """Return the sections of filters in series if they are known to be valid for `rate`, or None.

    The result is None unless the designs are cached, their values have been checked at `rate`, each filter does nothing
    but run its sections, all tensors are on the CPU, no value has batch dimensions, and no gradient is needed. It is
    also None where `torch_environment` returns None, as in a recorded graph.

    Args:
        owner: The module that is called: the filter, or a chain of filters.
        stages: The filters.
        x: The input, which may be invalid.
        rate: The sample rate in Hz.
        join: A function that joins the sections of the filters to one cascade.
    """
    environment = torch_environment() if isinstance(x, Tensor) and x.is_cpu else None
    if environment is None:
        return None
    found = _RECORDS.get(id(owner))
    if found is not None and found[0]() is owner:
        if found[1].are_unchanged(stages, rate, environment):
            return found[1].run
        _RECORDS.pop(id(owner), None)
    record = _make_record(stages, rate, environment, join)
    if record is None:
        return None
    key = id(owner)
    _RECORDS[key] = ref(owner, lambda reference: _forget(key, reference)), record
    return record.run


def has_call_hooks(module: Module) -> bool:
    """Return whether a call does more than run the `forward` of the class.

    A call does more if the module has hooks, a `forward` of its own, or compiled code.
    """
    inside = module.__dict__
    return any(read_contents(inside)[1:5]) or "forward" in inside or "_compiled_call_impl" in inside


def _make_record(
    stages: Sequence[Module], rate: float, environment: Environment, join: Callable[[list[Tensor]], Tensor]
) -> SectionsRecord | None:
    """Return a record of filters whose checked designs are cached, or None in the cases that `kept_sections` lists."""
    from fxlab.module.lti.recursive import Recursive

    change, designs, inputs = latest_change(), [], []
    for stage in stages:
        if not (isinstance(stage, Recursive) and stage._only_runs_sections() and not stage._modules):
            return None
        if type(stage).check is not ParameterOwner.check:
            return None
        kept = checked_design(stage, rate, environment)
        if kept is None or kept[0].ndim != 2 or not kept[0].is_cpu:
            return None
        if kept[1].has_batch or kept[1].parts or kept[1].tensors_on_devices:
            return None
        designs.append(kept[0])
        inputs.append(kept[1])
    record = SectionsRecord(stages, inputs, join(designs), rate)
    # Another thread may have changed a filter meanwhile.
    is_current = all(inputs_of(stage, environment) is each for stage, each in zip(stages, inputs, strict=True))
    return record if is_current and latest_change() is change else None


def _forget(key: int, reference: ref[Module]) -> None:
    found = _RECORDS.get(key)
    if found is not None and found[0] is reference:
        _RECORDS.pop(key, None)
