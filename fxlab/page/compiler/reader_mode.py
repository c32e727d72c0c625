"""`ReaderMode`: the mode that intercepts functions of PyTorch which do not pass through its dispatcher."""

from __future__ import annotations

from typing import Any

from torch.overrides import TorchFunctionMode

from fxlab.page.compiler.clock import holds_position, with_tensors
from fxlab.page.compiler.recorder import Recorder

SILENT_READERS = ("numpy", "tolist", "__array__")


class ReaderMode(TorchFunctionMode):
    """A mode in which reading the values of recorded tensors, with `numpy` or `tolist`, raises an error."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run a function, unless it reads values."""
        kwargs = kwargs or {}
        if holds_position(args) or holds_position(kwargs):
            return with_tensors(func, args, kwargs)
        name = getattr(func, "__name__", "")
        if name in SILENT_READERS and not self.recorder.is_paused and self.recorder.is_tracked(args[0]):
            self.recorder.refuse_reading(name, [args[0]])
        return func(*args, **kwargs)
