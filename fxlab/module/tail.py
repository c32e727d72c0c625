"""`tail_samples`: the number of samples by which the output of a module continues after the input."""

from __future__ import annotations

from typing import Any

from fxlab.module.module import Module


def tail_samples(module: Module | None, sample_rate: float) -> int:
    """Return the number of samples by which the output of `module` continues after the input.

    A class whose output may continue, such as a reverb with `tail="ring"`, has a method `tail_samples(sample_rate)`;
    for other modules, and for None, the result is 0.
    """
    method: Any = getattr(module, "tail_samples", None)
    return 0 if method is None else int(method(sample_rate))
