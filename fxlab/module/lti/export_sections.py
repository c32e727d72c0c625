"""Second-order sections as source code for other tools and languages."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable

from torch import Tensor

from fxlab.errors import ParameterError

PROGRAM_FORMATS = ("c-program", "worklet")
"""The formats in which a module is exported as a program, not as coefficients."""

_KEYWORDS = """
    alignas alignof asm auto bool break case catch char class classdef const constexpr continue default do double
    else elseif end enum extern false float for function global goto if inline int long namespace new nullptr
    otherwise parfor persistent private public register restrict return short signed sizeof spmd static
    static_assert struct switch template this thread_local true try typedef typeof typeof_unqual union unsigned
    using virtual void volatile while
"""
RESERVED = frozenset([*_KEYWORDS.split(), *keyword.kwlist])
"""Keywords of C, MATLAB and Python, and some of C++, which `check_export` does not accept as names."""

Rows = list[list[float]]


def format_sections(sos: Tensor, rate: float, format: str, name: str, title: str) -> str:
    """Return the sections `(sections, 6)` as source code; see `LinearAnalysis.export`.

    Args:
        sos: The sections.
        rate: The sample rate in Hz, for the comment.
        format: A key of `FORMATS`.
        name: The name of the array in the code, or the start of its name.
        title: A description of the filter, for the comment and the errors.

    Raises:
        ParameterError: The format or the name is not valid, or the sections have batch dimensions.
    """
    check_export(format, name, title)
    if sos.ndim > 2:
        raise batch_error(title, sos.shape[:-2])
    return FORMATS[format](sos.detach().double().cpu().tolist(), rate, name, title)


def check_export(format: str, name: str, title: str) -> None:
    """Raise a `ParameterError` if the format is unknown or the name is not valid in C, MATLAB and Python."""
    if format not in FORMATS:
        known = ", ".join(map(repr, (*FORMATS, *PROGRAM_FORMATS)))
        raise ParameterError(f"{title}: format is {format!r}; it must be one of {known}.")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in RESERVED:
        raise ParameterError(
            f"{title}: name is {name!r}; it must be a name in C, MATLAB and Python, such as 'lowpass': a letter, then "
            "letters, digits and underscores, and no keyword of these languages."
        )


def batch_error(title: str, batch: tuple[int, ...]) -> ParameterError:
    """Return the error for the export of a filter whose parameters have the batch dimensions `batch`."""
    return ParameterError(f"{title}: its parameters differ by example, {tuple(batch)} of them; export one at a time.")


def single_literal(value: float) -> str:
    """Return a number as a C literal of single precision.

    >>> single_literal(1.0), single_literal(1e-9)
    ('1.0f', '1e-09f')
    """
    text = f"{value:.9g}"  # C requires a point or an exponent before the `f`
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _c(rows: Rows, rate: float, name: str, title: str) -> str:
    lines = ",\n".join(f"    {{ {', '.join(map(repr, row))} }}" for row in rows)
    guard = f"{name.upper()}_H"
    return (
        f"/* {title} at {rate:g} Hz. A row of b0 b1 b2 a0 a1 a2 is\n"
        "   y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]. */\n"
        f"#ifndef {guard}\n#define {guard}\n\n#define {name.upper()}_SECTIONS {len(rows)}\n\n"
        f"static const double {name}_sos[{len(rows)}][6] = {{\n{lines}\n}};\n\n#endif\n"
    )


def _cmsis(rows: Rows, rate: float, name: str, title: str) -> str:
    """Return C code with `b0 b1 b2 -a1 -a2` of each section, since `arm_biquad_cascade_df2T_f32` adds the feedback."""
    stages = ([b0, b1, b2, -a1, -a2] for b0, b1, b2, _, a1, a2 in rows)
    lines = ",\n".join(f"    {', '.join(map(single_literal, stage))}" for stage in stages)
    return (
        f"/* {title} at {rate:g} Hz, for arm_biquad_cascade_df2T_init_f32 of CMSIS-DSP: b0 b1 b2 -a1 -a2. */\n"
        f"#define {name.upper()}_STAGES {len(rows)}\n\n"
        f"static const float {name}_coefficients[{5 * len(rows)}] = {{\n{lines}\n}};\n"
    )


def _matlab(rows: Rows, rate: float, name: str, title: str) -> str:
    lines = "\n".join("    " + " ".join(map(repr, row)) + ";" for row in rows)
    return f"% {title} at {rate:g} Hz; y = sosfilt({name}, x)\n{name} = [\n{lines}\n];\n"


def _json(rows: Rows, rate: float, name: str, title: str) -> str:
    return json.dumps({"name": name, "filter": title, "sample_rate": rate, "sos": rows}, indent=2) + "\n"


def _numpy(rows: Rows, rate: float, name: str, title: str) -> str:
    lines = "\n".join(f"    [{', '.join(map(repr, row))}]," for row in rows)
    return f"# {title} at {rate:g} Hz; y = scipy.signal.sosfilt({name}, x)\n{name} = np.array([\n{lines}\n])\n"


FORMATS: dict[str, Callable[[Rows, float, str, str], str]] = {
    "c": _c,
    "cmsis": _cmsis,
    "matlab": _matlab,
    "json": _json,
    "numpy": _numpy,
}
