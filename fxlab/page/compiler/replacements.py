"""Functions that traced code calls in place of fxlab's caches and checks of values."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder

ROUNDED_SLIDER = 1.001
"""The factor by which a value may lie beyond the end of its slider, because the position of the slider is rounded."""


def uncached_functions(recorder: Recorder, *, assume: bool = False) -> dict[tuple[str, str], Replacement]:
    """Return the replacements of caches and of functions that read values; see `interception.replaced`.

    Four of the functions are those of `fxlab.engine.torch_support.known_values`. For recorded values, `any_true`
    returns the current result of a condition that depends on parameters alone, and adds a `Guard` to the graph. It
    returns False for a condition that depends on the sound, because such conditions are checks. `scalar_value` and
    `numpy_values` return None and `all_true` returns False, so that the code takes the path that is valid for all
    values.

    With `assume`, `any_true` and `all_true` also return False for values that are not recorded, so that the code takes
    the same path as in the trace.

    The checks of the values of a module become guards too.
    """
    cache, known = "fxlab.module.parameters.design_cache", "fxlab.engine.torch_support.known_values"

    def scalar_value(original: Any, x: Tensor) -> Any:
        if not recorder.is_tracked(x):
            return original(x)
        recorder.withheld.append(x)
        return None

    def any_true(original: Any, condition: Tensor) -> bool:
        if recorder.is_tracked(condition):
            return recorder.guard(condition)
        return False if assume else bool(original(condition))

    def all_true(original: Any, condition: Tensor) -> bool:
        if recorder.is_tracked(condition):
            recorder.withheld.append(condition)
            return False
        return False if assume else bool(original(condition))

    checked: set[int] = set()

    def check_once(_original: Any, module: Any, rate: float, check: Callable[[float], None], **_options: Any) -> None:
        """Record the check of a module's values, once in a trace, so that the program refuses the same values."""
        if recorder.graph.parameters and id(module) not in checked:
            checked.add(id(module))
            _record_check(recorder, type(module).__name__, partial(check, rate))

    designs: dict[tuple[int, Hashable], tuple[Any, Tensor]] = {}

    def cached_design(_original: Any, module: Any, key: Hashable, design: Callable[[], Tensor]) -> Tensor:
        """Return the design for `key`, computed once in a trace."""
        place = (id(module), key)
        if place not in designs:
            designs[place] = module, design()  # with the module, so that no later one has its id
        return designs[place][1]

    return {
        (cache, "cached_design"): cached_design,
        (cache, "derive"): lambda _original, _owner, _key, _designs, make: make(),
        # Fast paths for known values: they are not recorded, so that their results would be constants.
        ("fxlab.module.lti.kept_sections", "kept_sections"): lambda *_args, **_kwargs: None,
        ("fxlab.filters.classical.digital_section", "_section_values"): lambda *_args: None,
        (cache, "check_once"): check_once,
        # The page checks each number by itself.
        ("fxlab.module.parameters.continuous", "Continuous.check"): lambda *_args, **_kwargs: None,
        (cache, "checked_design"): lambda *_args, **_kwargs: None,
        ("fxlab.effects.common.ringing", "Ringing._largest"): partial(_largest, recorder),
        ("fxlab.effects.space.delay", "Delay._slowest_tempo"): partial(_slowest_tempo, recorder),
        (known, "scalar_value"): scalar_value,
        (known, "numpy_values"): scalar_value,
        (known, "any_true"): any_true,
        (known, "all_true"): all_true,
        ("fxlab.module.checks", "check_audio"): lambda *_args, **_kwargs: None,
    }


def _record_check(recorder: Recorder, name: str, check: Callable[[], None]) -> None:
    """Record a check of values of the class `name` as guards of the program.

    If the check fails, for example because it reads values that are recorded, there are no guards.
    """
    guards, withheld = len(recorder.graph.guards), len(recorder.withheld)
    recorder.checked = name
    try:
        check()
    except (FxlabError, TypeError, ValueError, RuntimeError):
        del recorder.graph.guards[guards:]
    finally:
        recorder.checked = ""
        del recorder.withheld[withheld:]


def _largest(recorder: Recorder, original: Any, module: Any, name: str) -> float:
    """Return the largest magnitude of the parameter `name` on its slider, or the current one if this is larger."""
    declaration = module.declarations[name]
    low, high = declaration.span()
    now = float(recorder.run(original, module, name))
    return float(max(abs(low), abs(high), now))


def _slowest_tempo(recorder: Recorder, original: Any, module: Any) -> float:
    """Return the slowest tempo in bpm on the slider, or the current tempo if this is slower."""
    low, _ = module.declarations["tempo_bpm"].span()
    return float(min(low, recorder.run(original, module)))
