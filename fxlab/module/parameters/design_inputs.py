"""`DesignInputs`: a record of all values that the design and the check of a module depend on.

The values are compared, and not the versions of tensors, which do not count a write through `.data` or through a NumPy
array that shares the memory. A number on the CPU is compared in a quarter of a microsecond.
"""

from __future__ import annotations

import math
from operator import is_
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.overrides import _get_current_function_mode_stack
from torch.utils._device import DeviceContext

from fxlab.engine.torch_support.tracing import is_recorded, is_transformed
from fxlab.module.parameters.design_code import CodeInputs, code_inputs, is_constant

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

Environment = tuple[Any, ...]
"""The settings of PyTorch on which a design may depend; see `torch_environment`."""

NOT_ATTRIBUTES = frozenset(vars(nn.Module())) - {"training"} | {"_discrete"}
"""The entries of a torch module's `__dict__` that are not its attributes: dictionaries of tensors, parts and hooks."""
HOOKS = ("_forward_pre_hooks", "_forward_hooks")
INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
MAX_RESULTS = 8
"""The largest number of results that a record keeps, and of sample rates at which its values are known to be valid."""


class UnrecordableError(Exception):
    """The error for a module with an object that may change without detection."""


class DesignInputs:
    """The values of a module that its design and its check may read, as they were when the record was made.

    The record contains the class and the values that its code reads, the parameters, buffers and other attributes, and
    the records of the parts. `results` contains the designs computed from them, by key and each with its version, and
    `checked` the sample rates in Hz at which the values are known to be valid.

    Raises:
        UnrecordableError: The module has an object that may change without detection, such as a list or a neural
            network.
    """

    def __init__(self, module: ParameterOwner, code: CodeInputs, environment: Environment) -> None:
        inside = module.__dict__
        self.kind, self.code, self.environment, self.size = type(module), code, environment, len(inside)
        self.reads_more = any(code)
        self.discrete: dict[str, Any] = dict(inside["_discrete"])
        own = [(name, value) for name, value in inside.items() if name not in NOT_ATTRIBUTES]
        own = [(name, value) for name, value in own if name not in module.not_design_inputs]
        self.attribute_names, self.attributes = [name for name, _ in own], [value for _, value in own]
        held = {**inside["_parameters"], **inside["_buffers"]}
        self.held: tuple[Tensor | None, ...] = tuple(held.values())
        self.tensors = [tensor for tensor in self.held if tensor is not None]
        self.has_batch = any(v is not None and v.ndim > module.ranks.get(name, 0) for name, v in held.items())
        for value in self.attributes:
            if isinstance(value, Tensor):
                self.tensors.append(value)
            else:
                _require(is_constant(value))
        self.numbers: list[Tensor] = []
        self.arrays: list[tuple[Tensor, Tensor]] = []
        self.tensors_on_devices: dict[torch.device, list[Tensor]] = {}
        for tensor in self.tensors:
            _require(type(tensor) in (Tensor, nn.Parameter) and tensor.layout is torch.strided and not tensor.is_meta)
            if not tensor.is_cpu:
                self.tensors_on_devices.setdefault(tensor.device, []).append(tensor)
            elif tensor.ndim == 0 and tensor.is_floating_point():
                self.numbers.append(tensor)
            else:
                self.arrays.append((tensor, _bits(tensor).clone()))
        self.number_values = [number.item() for number in self.numbers]
        self.zero_signs = zero_signs(self.number_values)
        self.bits_on_devices = self._bits_on_devices()
        self.parts: list[tuple[str, ParameterOwner, DesignInputs]] = [
            (name, part, _inputs_of_part(part, environment)) for name, part in inside["_modules"].items()
        ]
        self.results: dict[Any, tuple[Tensor, int]] = {}
        self.checked: frozenset[float] = frozenset()

    def are_current(self, module: ParameterOwner, environment: Environment) -> bool:
        """Return whether `module` has the same tensors, attributes and parts as recorded, all with unchanged values.

        Its discrete values and PyTorch's settings, `environment`, must be equal to those recorded. Other tensors count
        as a change even if their values are equal; see `are_same`.
        """
        inside = module.__dict__
        held = (*inside["_parameters"].values(), *inside["_buffers"].values())
        return (
            type(module) is self.kind
            and inside["_discrete"] == self.discrete
            and environment == self.environment
            and len(inside) == self.size
            and len(held) == len(self.held)
            and all(map(is_, held, self.held))
            and (values := [n.item() if n.ndim == 0 else math.nan for n in self.numbers]) == self.number_values
            and (not self.zero_signs or zero_signs(values) == self.zero_signs)
            and all(map(is_, map(inside.get, self.attribute_names), self.attributes))
            and (not self.arrays or all(has_bits(array, bits) for array, bits in self.arrays))
            and len(inside["_modules"]) == len(self.parts)
            and (not self.parts or self._has_parts(inside["_modules"], environment))
            and (not self.bits_on_devices or self._has_bits_on_devices())
            and (not self.reads_more or self.code.are_unchanged())
        )

    def are_same(self, other: DesignInputs) -> bool:
        """Return whether both records of a module contain equal values, even if in different tensors.

        Attributes other than parameters and buffers must be the same objects. For modules with parts or with tensors on
        other devices than the CPU, the result is False.
        """
        return (
            self.kind is other.kind
            and self.code is other.code
            and self.environment == other.environment
            and self.discrete == other.discrete
            and self.attribute_names == other.attribute_names
            and all(map(is_, self.attributes, other.attributes))
            and [_kind(tensor) for tensor in self.tensors] == [_kind(tensor) for tensor in other.tensors]
            and self.number_values == other.number_values
            and self.zero_signs == other.zero_signs
            and all(torch.equal(a, b) for (_, a), (_, b) in zip(self.arrays, other.arrays, strict=True))
            and not (self.bits_on_devices or other.bits_on_devices or self.parts or other.parts)
        )

    def require_gradient(self) -> bool:
        """Return whether one of the tensors, including those of the parts, requires a gradient."""
        for tensor in self.tensors:
            if tensor.requires_grad:
                return True
        return any(inputs.require_gradient() for _, _, inputs in self.parts)

    def versions(self) -> list[int]:
        """Return the versions of all tensors, including those of the parts.

        A version counts the operations that changed a tensor in place; it is −1 for a tensor made in inference mode.
        """
        own = [-1 if tensor.is_inference() else tensor._version for tensor in self.tensors]
        return [*own, *(version for _, _, inputs in self.parts for version in inputs.versions())]

    def share_memory_with(self, result: Tensor) -> bool:
        """Return whether `result` shares memory with one of the tensors, including those of the parts."""
        memory = result.untyped_storage().data_ptr()
        return any(tensor.untyped_storage().data_ptr() == memory for tensor in self.tensors) or any(
            inputs.share_memory_with(result) for _, _, inputs in self.parts
        )

    def keep(self, key: Any, result: Tensor) -> None:
        """Keep a result under `key`; if `MAX_RESULTS` results are kept already, the oldest of them is dropped."""
        latest = list(self.results.items())[1 - MAX_RESULTS :]
        self.results = {**dict(latest), key: (result, result._version)}

    def keep_checked(self, rate: float) -> None:
        """Record that the values are valid at the sample rate `rate` in Hz, so that they are not checked again.

        If `MAX_RESULTS` rates are recorded already, all of them are dropped first.
        """
        self.checked = (self.checked if len(self.checked) < MAX_RESULTS else frozenset()) | {rate}

    # -- comparing ----------------------------------------------------------------------------------------------

    def _has_parts(self, parts: dict[str, Any], environment: Environment) -> bool:
        return all(
            parts.get(name) is part and not _has_hooks(part) and inputs_of(part, environment) is inputs
            for name, part, inputs in self.parts
        )

    def _has_bits_on_devices(self) -> bool:
        now = self._bits_on_devices()
        return all(
            now[device].shape == bits.shape and torch.equal(now[device], bits)
            for device, bits in self.bits_on_devices.items()
        )

    def _bits_on_devices(self) -> dict[torch.device, Tensor]:
        """Return the bits of all tensors on each device other than the CPU as one tensor of bytes, `(n,)`."""
        # One comparison per device then suffices.
        return {
            device: torch.cat(
                [_bits(tensor).reshape(-1).contiguous().view(torch.uint8).to(device) for tensor in tensors]
            )
            for device, tensors in self.tensors_on_devices.items()
        }


_RECORDS: WeakKeyDictionary[ParameterOwner, DesignInputs] = WeakKeyDictionary()


def inputs_of(module: ParameterOwner, environment: Environment | None) -> DesignInputs | None:
    """Return the record of the current values of `module`, made if necessary, or None if results must not be kept.

    They must not be kept if the module has, or the code of its class reads, an object that may change without
    detection, if a part of the module has hooks, or if `environment`, the result of `torch_environment`, is None.
    """
    if environment is None:
        return None
    record = _RECORDS.get(module)
    if record is not None and record.are_current(module, environment):
        return record
    code = code_inputs(type(module))
    try:
        latest = None if code is None else DesignInputs(module, code, environment)
    except UnrecordableError:
        latest = None
    if latest is None:
        _RECORDS.pop(module, None)
        return None
    if record is not None and latest.are_same(record):
        latest.results, latest.checked = record.results, record.checked
    _RECORDS[module] = latest
    return latest


def torch_environment() -> Environment | None:
    """Return PyTorch's default dtype and device and its autocast settings, on which a design may depend.

    Return None if PyTorch records or transforms the code, or if a mode other than a default device may change the
    operations.
    """
    if is_recorded() or is_transformed() or torch._C._len_torch_dispatch_stack():
        return None
    defaults: Environment = (torch.get_default_dtype(),)
    if torch._C._len_torch_function_stack():
        modes = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]
        if not all(type(mode) is DeviceContext for mode in modes):
            return None
        defaults += tuple(mode.device for mode in modes)
    if torch._C._is_any_autocast_enabled():
        kinds = ("cpu", "cuda")
        defaults += tuple((torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)) for kind in kinds)
    return defaults


def _inputs_of_part(part: nn.Module | None, environment: Environment) -> DesignInputs:
    from fxlab.module.parameters.owner import ParameterOwner

    if isinstance(part, ParameterOwner) and not _has_hooks(part):
        inputs = inputs_of(part, environment)
        if inputs is not None:
            return inputs
    raise UnrecordableError


def _has_hooks(module: nn.Module) -> bool:
    return any(module.__dict__[name] for name in HOOKS)


def zero_signs(values: list[float]) -> list[float]:
    """Return the sign, 1 or -1, of each value that is 0; a design may distinguish 0 and -0, which are equal."""
    return [math.copysign(1.0, value) for value in values if value == 0]


def _require(is_known: bool) -> None:
    if not is_known:
        raise UnrecordableError


def _kind(tensor: Tensor) -> tuple[torch.Size, torch.dtype]:
    return tensor.shape, tensor.dtype


def _bits(tensor: Tensor) -> Tensor:
    """Return the numbers as integers with the same bits, for an exact comparison that includes NaN and -0."""
    tensor = tensor.detach()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    return tensor.resolve_neg().view(INTEGERS[tensor.element_size()])


def has_bits(tensor: Tensor, bits: Tensor) -> bool:
    """Return whether `tensor` is on the CPU and its numbers have the recorded `bits`, as returned by `_bits`."""
    if not tensor.is_cpu:  # `.data` has been replaced
        return False
    now = _bits(tensor)
    return now.dtype == bits.dtype and now.shape == bits.shape and torch.equal(now, bits)
