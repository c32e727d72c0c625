"""`TrackedTensors`: the buffers of a graph that stand for the tensors of a computation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import _disable_current_modes

from fxlab.page.compiler.graph import Buffer, View, contiguous_view
from fxlab.page.compiler.refusals import refuse_operation


class TrackedTensors:
    """The base class of `Recorder` with the tensors that are recorded, and those that are captured as constants."""

    def __init__(self) -> None:
        super().__init__()
        self._buffers: dict[int, Buffer] = {}  # by the address of the storage
        self._constants: dict[tuple[Any, ...], View] = {}
        self._unavailable: dict[int, str] = {}
        self._alive: list[Tensor] = []  # so that no address is used twice

    def track(self, tensor: Tensor, buffer: Buffer) -> View:
        """Make `buffer` the memory of a tensor from now on, and return the tensor's view."""
        self._buffers[tensor.untyped_storage()._cdata] = buffer
        self._alive.append(tensor)
        return self.view(tensor)

    def is_tracked(self, *values: Any) -> bool:
        """Return whether any of the values is a recorded tensor.

        Such a tensor depends on parameters, a state or the sound, or is a large constant that the page computes.
        """
        return any(isinstance(v, Tensor) and v.untyped_storage()._cdata in self._buffers for v in values)

    def view(self, tensor: Tensor) -> View:
        """Return the view that stands for a tensor; a tensor that is not recorded is captured as a constant.

        Raises:
            CompileError: The tensor was marked by `unavailable`.
        """
        buffer = self._buffers.get(tensor.untyped_storage()._cdata)
        if buffer is None:
            what = self._unavailable.get(tensor.untyped_storage()._cdata)
            if what is not None:
                refuse_operation(f"for {what}")
            return self._constant(tensor)
        step = 2 if tensor.is_complex() else 1
        # The view of a complex tensor as real numbers counts in them already.
        offset, strides = int(tensor.storage_offset()) * step, tuple(stride * step for stride in tensor.stride())
        return View(
            buffer, offset, tuple(tensor.shape), strides, tensor.is_complex(), tensor.is_conj(), tensor.is_neg()
        )

    def _constant(self, tensor: Tensor) -> View:
        with _disable_current_modes():
            if tensor.numel() and any(n > 1 and not s for n, s in zip(tensor.shape, tensor.stride(), strict=True)):
                once = tensor[tuple(slice(1) if stride == 0 else slice(None) for stride in tensor.stride())]
                return self._constant(once).expand(tensor.shape)
            plain = tensor.detach().resolve_conj().resolve_neg()
            numbers = torch.view_as_real(plain) if plain.is_complex() else plain
            values = numbers.double().flatten().tolist()
        key = (tuple(tensor.shape), tensor.is_complex(), tuple(values) if len(values) <= 64 else id(tensor))
        if key not in self._constants:
            self._alive.append(tensor)
            buffer = Buffer(len(values), "constant", values=values)
            self._constants[key] = contiguous_view(buffer, tensor.shape, tensor.is_complex())
        return self._constants[key]

    def new(self, tensor: Tensor) -> View:
        """Return the view of a result, in a new buffer."""
        size = tensor.untyped_storage().nbytes() // tensor.element_size() * (2 if tensor.is_complex() else 1)
        buffer = Buffer(size, whole=not (tensor.is_floating_point() or tensor.is_complex()))
        return self.track(tensor, buffer)

    def temporary(self, shape: tuple[int, ...], is_complex: bool = False) -> View:
        """Return a view of a new buffer that belongs to no tensor."""
        size = 2 if is_complex else 1
        for length in shape:
            size *= length
        return contiguous_view(Buffer(size), shape, is_complex)

    def unavailable(self, tensor: Tensor, what: str) -> None:
        """Mark a tensor as unusable; an operation that reads it raises a `CompileError` with the description `what`."""
        self._unavailable[tensor.untyped_storage()._cdata] = what
        self._alive.append(tensor)

    def _track_written(self, tensor: Tensor) -> None:
        """Give a constant tensor a buffer with its current values, because a recorded value is written into it."""
        with _disable_current_modes():
            whole = tensor.new_empty(0).set_(tensor.untyped_storage())
            numbers = torch.view_as_real(whole) if whole.is_complex() else whole
            values = numbers.double().flatten().tolist()
        self.track(tensor, Buffer(len(values), values=values))
