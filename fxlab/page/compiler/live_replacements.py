"""Replacements for block-by-block processing: methods of modules that look ahead or need the end of the sound."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.level.fade import FadeState
from fxlab.errors import CompileError
from fxlab.module import Module
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.look_ahead import look_ahead_replacements
from fxlab.page.compiler.recorder import Recorder


def live_replacements(recorder: Recorder, module: Module, total: int | None) -> dict[tuple[str, str], Replacement]:
    """Return the replacements for a module that runs block by block; see `interception.replaced`.

    `total` is the length of the sound in samples, or None if it is not known.
    """
    return {
        **look_ahead_replacements(recorder, module),
        ("fxlab.effects.level.fade", "Fade.forward_block"): partial(_fade_at_position, total),
    }


def _fade_at_position(
    total: int | None, _original: Any, fade: Any, x: Tensor, state: Any, rate: float
) -> tuple[Tensor, FadeState]:
    """Return a block with the fades at its position in a sound of `total` samples, and the next state.

    Unlike the original method, this one does not hold back the last samples.

    Raises:
        CompileError: `total` is None, since a fade-out needs the end of the sound.
    """
    if total is None:
        raise CompileError(f"{fade!r} fades out at the end of the sound, which a program that plays on does not know.")
    position = 0 if state is None else state.position
    index = torch.arange(x.shape[-1]) + position
    left = (total - 1 - index).clamp(min=0)
    gain = fade._gain("in_s", index.double(), x, rate) * fade._gain("out_s", left.double(), x, rate)
    return x * gain.to(x.dtype), FadeState(position + x.shape[-1], x[..., :0])
