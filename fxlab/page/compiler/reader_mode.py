"""`ReaderMode`: the mode that intercepts functions of PyTorch which do not pass through its dispatcher."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from fxlab.page.compiler.clock import holds_position, with_tensors
from fxlab.page.compiler.explored_function import format_later, is_setting
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.tensors_of_lists import list_of_numbers, tensor_of_list

SILENT_READERS = ("numpy", "tolist", "__array__", "allclose")


class ReaderMode(TorchFunctionMode):
    """A mode in which reading the values of recorded tensors, with `numpy` or `tolist`, raises an error.

    In this mode, functions of PyTorch also accept a `Position` in place of a number, and `torch.tensor` accepts a list
    with recorded numbers.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Return the result of a function of PyTorch.

        In an explored function, `item` returns the recorded number itself, the text of a recorded number is a
        placeholder, and a condition that depends on parameters alone becomes a guard.

        Raises:
            CompileError: The function reads values of a tensor that depends on a parameter, a state or the sound.
        """
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        numbers = None if self.recorder.is_paused else list_of_numbers(name, args, kwargs, self.recorder.is_tracked)
        if numbers is not None:
            return tensor_of_list(name, numbers, args, kwargs)
        if holds_position(args) or holds_position(kwargs):
            return with_tensors(func, args, kwargs)
        if name in SILENT_READERS and not self.recorder.is_paused and self.recorder.is_tracked(*args[:2]):
            self.recorder.refuse_reading(name, [value for value in args[:2] if isinstance(value, Tensor)])
        if (
            self.recorder.is_function
            and not self.recorder.is_paused
            and self.recorder.is_tracked(args[0] if args else 0)
        ):
            if name == "item":
                return args[0].reshape(())
            if name == "__format__" and args[0].numel() == 1:
                return format_later(self.recorder, args[0], args[1])
            if name == "__bool__" and is_setting(self.recorder, args[0]):
                return self.recorder.guard(args[0])
        return func(*args, **kwargs)
