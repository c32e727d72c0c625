"""The taps of a finite impulse response as other tools and languages take them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.lti.export import check, single


def written_taps(taps: Tensor, rate: float, form: str, name: str, what: str) -> str:
    """The taps `(taps,)` as text; see `LinearAnalysis.export`."""
    check(form, name, what)
    if taps.ndim > 1:
        raise ParameterError(
            f"{what}: its parameters differ by example, {tuple(taps.shape[:-1])} of them; export one at a time."
        )
    return FORMS[form](taps.detach().double().cpu().tolist(), f"{what} at {rate:g} Hz", name)


def _c(taps: list[float], what: str, name: str) -> str:
    size, guard = f"{name.upper()}_TAPS", f"{name.upper()}_H"
    return (
        f"/* {what}. y[n] = sum over k of taps[k] x[n-k] */\n#ifndef {guard}\n#define {guard}\n\n"
        f"#define {size} {len(taps)}\n\n"
        f"static const double {name}_taps[{len(taps)}] = {{\n{_rows(map(repr, taps))}\n}};\n\n#endif\n"
    )


def _cmsis(taps: list[float], what: str, name: str) -> str:
    """In reverse, as `arm_fir_init_f32` takes them."""
    return (
        f"/* {what}, for arm_fir_init_f32 of CMSIS-DSP: the last tap first. */\n"
        f"#define {name.upper()}_TAPS {len(taps)}\n\n"
        f"static const float {name}_coefficients[{len(taps)}] = {{\n{_rows(map(single, reversed(taps)))}\n}};\n"
    )


def _matlab(taps: list[float], what: str, name: str) -> str:
    return f"% {what}; y = filter({name}, 1, x)\n{name} = [\n{_rows(map(repr, taps))}\n];\n"


def _json(taps: list[float], what: str, name: str) -> str:
    return json.dumps({"name": name, "filter": what, "taps": taps}, indent=2) + "\n"


def _numpy(taps: list[float], what: str, name: str) -> str:
    return f"# {what}; y = scipy.signal.lfilter({name}, 1, x)\n{name} = np.array([\n{_rows(map(repr, taps))}\n])\n"


def _rows(values: Iterable[str]) -> str:
    return ",\n".join(f"    {value}" for value in values)


FORMS: dict[str, Callable[[list[float], str, str], str]] = {
    "c": _c,
    "cmsis": _cmsis,
    "matlab": _matlab,
    "json": _json,
    "numpy": _numpy,
}
