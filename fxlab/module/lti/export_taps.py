"""The taps of a finite impulse response as source code for other tools and languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from torch import Tensor

from fxlab.module.lti.export_sections import batch_error, check_export, single_literal


def format_taps(taps: Tensor, rate: float, format: str, name: str, title: str) -> str:
    """Return the taps `(taps,)` as source code; see `format_sections` for the arguments.

    Raises:
        ParameterError: The format or the name is not valid, or the taps have batch dimensions.
    """
    check_export(format, name, title)
    if taps.ndim > 1:
        raise batch_error(title, taps.shape[:-1])
    return FORMATS[format](taps.detach().double().cpu().tolist(), f"{title} at {rate:g} Hz", name)


def _c(taps: list[float], title: str, name: str) -> str:
    size, guard = f"{name.upper()}_TAPS", f"{name.upper()}_H"
    return (
        f"/* {title}. y[n] = sum over k of taps[k] x[n-k] */\n#ifndef {guard}\n#define {guard}\n\n"
        f"#define {size} {len(taps)}\n\n"
        f"static const double {name}_taps[{len(taps)}] = {{\n{_lines(map(repr, taps))}\n}};\n\n#endif\n"
    )


def _cmsis(taps: list[float], title: str, name: str) -> str:
    """Return C code with the taps in reverse order, as `arm_fir_init_f32` expects them."""
    return (
        f"/* {title}, for arm_fir_init_f32 of CMSIS-DSP: the last tap first. */\n"
        f"#define {name.upper()}_TAPS {len(taps)}\n\n"
        f"static const float {name}_coefficients[{len(taps)}] = "
        f"{{\n{_lines(map(single_literal, reversed(taps)))}\n}};\n"
    )


def _matlab(taps: list[float], title: str, name: str) -> str:
    return f"% {title}; y = filter({name}, 1, x)\n{name} = [\n{_lines(map(repr, taps))}\n];\n"


def _json(taps: list[float], title: str, name: str) -> str:
    return json.dumps({"name": name, "filter": title, "taps": taps}, indent=2) + "\n"


def _numpy(taps: list[float], title: str, name: str) -> str:
    return f"# {title}; y = scipy.signal.lfilter({name}, 1, x)\n{name} = np.array([\n{_lines(map(repr, taps))}\n])\n"


def _lines(values: Iterable[str]) -> str:
    return ",\n".join(f"    {value}" for value in values)


FORMATS: dict[str, Callable[[list[float], str, str], str]] = {
    "c": _c,
    "cmsis": _cmsis,
    "matlab": _matlab,
    "json": _json,
    "numpy": _numpy,
}
