"""Second-order sections as other tools and languages take them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from torch import Tensor

from fxlab.errors import ParameterError

Rows = list[list[float]]


def written(sos: Tensor, rate: float, form: str, name: str, what: str) -> str:
    """The sections `(sections, 6)` as text; see `LinearAnalysis.export`."""
    check(form, name, what)
    if sos.ndim > 2:
        raise ParameterError(
            f"{what}: its parameters differ by example, {tuple(sos.shape[:-2])} of them; export one at a time."
        )
    return FORMS[form](sos.detach().double().cpu().tolist(), rate, name, what)


def _c(rows: Rows, rate: float, name: str, what: str) -> str:
    lines = ",\n".join(f"    {{ {', '.join(map(repr, row))} }}" for row in rows)
    guard = f"{name.upper()}_H"
    return (
        f"/* {what} at {rate:g} Hz. A row of b0 b1 b2 a0 a1 a2 is\n"
        "   y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]. */\n"
        f"#ifndef {guard}\n#define {guard}\n\n#define {name.upper()}_SECTIONS {len(rows)}\n\n"
        f"static const double {name}_sos[{len(rows)}][6] = {{\n{lines}\n}};\n\n#endif\n"
    )


def _cmsis(rows: Rows, rate: float, name: str, what: str) -> str:
    """`b0 b1 b2 -a1 -a2`, as `arm_biquad_cascade_df1_init_f32` and its kin take them: feedback is added there."""
    stages = ([b0, b1, b2, -a1, -a2] for b0, b1, b2, _, a1, a2 in rows)
    lines = ",\n".join(f"    {', '.join(map(single, stage))}" for stage in stages)
    return (
        f"/* {what} at {rate:g} Hz, for arm_biquad_cascade_df2T_init_f32 of CMSIS-DSP: b0 b1 b2 -a1 -a2. */\n"
        f"#define {name.upper()}_STAGES {len(rows)}\n\n"
        f"static const float {name}_coefficients[{5 * len(rows)}] = {{\n{lines}\n}};\n"
    )


def single(value: float) -> str:
    """A constant of single precision, which C knows by its point or exponent."""
    text = f"{value:.9g}"
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _matlab(rows: Rows, rate: float, name: str, what: str) -> str:
    lines = "\n".join("    " + " ".join(map(repr, row)) + ";" for row in rows)
    return f"% {what} at {rate:g} Hz; y = sosfilt({name}, x)\n{name} = [\n{lines}\n];\n"


def _json(rows: Rows, rate: float, name: str, what: str) -> str:
    return json.dumps({"name": name, "filter": what, "sample_rate": rate, "sos": rows}, indent=2) + "\n"


def _numpy(rows: Rows, rate: float, name: str, what: str) -> str:
    lines = "\n".join(f"    [{', '.join(map(repr, row))}]," for row in rows)
    return f"# {what} at {rate:g} Hz; y = scipy.signal.sosfilt({name}, x)\n{name} = np.array([\n{lines}\n])\n"


def check(form: str, name: str, what: str) -> None:
    """Refuse a form that is not known, and a name that is none in C or MATLAB."""
    if form not in FORMS:
        raise ParameterError(f"{what}: form is {form!r}; allowed is one of {', '.join(map(repr, FORMS))}.")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ParameterError(f"{what}: name is {name!r}; it must be a name in C and MATLAB, such as 'lowpass'.")


FORMS: dict[str, Callable[[Rows, float, str, str], str]] = {
    "c": _c,
    "cmsis": _cmsis,
    "matlab": _matlab,
    "json": _json,
    "numpy": _numpy,
}
