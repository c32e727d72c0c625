"""`export`: the source code is read back by the language it is written for, where that is installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
import torch

import fxlab as fx

MADE = fx.Elliptic((500.0, 4000.0), 3, "bandpass", 0.5, 60.0) | fx.Peak(1000.0, -6.0, 2.0)
SOS = MADE.sos(48_000).numpy()
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"


def test_numpy_code_evaluates_to_the_same_sections():
    names: dict[str, object] = {"np": np}
    exec(MADE.export("numpy", 48_000), names)
    np.testing.assert_array_equal(names["chain"], SOS)


def test_json_holds_every_digit():
    said = json.loads(MADE.export("json", 48_000, name="eq"))
    np.testing.assert_array_equal(said["sos"], SOS)
    assert (said["name"], said["sample_rate"]) == ("eq", 48_000)
    assert "Elliptic" in said["filter"]


def test_matlab_code_has_a_row_per_section():
    text = MADE.export("matlab", 48_000, name="eq")
    rows = text.partition("eq = [\n")[2].partition("];")[0].strip().splitlines()
    np.testing.assert_array_equal([[float(v) for v in row.strip(" ;").split()] for row in rows], SOS)


def test_cmsis_coefficients_have_the_sign_of_added_feedback():
    """`y = b0 x + d1, d1 = b1 x + a1 y + d2, d2 = b2 x + a2 y`, as CMSIS-DSP documents df2T."""
    text = MADE.export("cmsis", 48_000)
    values = [float(v) for v in re.findall(rf"({NUMBER})f", text.partition("= {")[2])]
    table = np.array(values).reshape(-1, 5)
    np.testing.assert_allclose(table, np.c_[SOS[:, :3], -SOS[:, 4:]], rtol=1e-8)
    x = y = np.random.default_rng(0).standard_normal(300)
    for b0, b1, b2, a1, a2 in table:
        d1 = d2 = 0.0
        out = []
        for v in y:
            out.append(b0 * v + d1)
            d1, d2 = b1 * v + a1 * out[-1] + d2, b2 * v + a2 * out[-1]
        y = np.array(out)
    expected = MADE(torch.from_numpy(x), sample_rate=48_000).numpy()
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler on this machine")
def test_the_c_header_compiles_and_filters(tmp_path):
    (tmp_path / "eq.h").write_text(MADE.export("c", 48_000, name="eq"))
    (tmp_path / "cmsis.h").write_text(MADE.export("cmsis", 48_000, name="other"))
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "eq.h"\n#include "cmsis.h"\n'
        "int main(void) { for (int i = 0; i < EQ_SECTIONS; i++) for (int j = 0; j < 6; j++)"
        ' printf("%.17g\\n", eq_sos[i][j]); return OTHER_STAGES == EQ_SECTIONS ? 0 : (int)other_coefficients[0]; }\n'
    )
    program = tmp_path / "program"
    subprocess.run(["cc", "-Wall", "-Werror", "-o", program, tmp_path / "main.c"], check=True)
    said = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    np.testing.assert_array_equal(np.array(said.split(), dtype=float).reshape(-1, 6), SOS)


def test_integers_are_written_as_c_floats():
    """`1f` is not valid in C, `1.0f` is."""
    body = fx.PreEmphasis(coefficient=0.5).export("cmsis", 8000).partition("= {")[2].partition("}")[0]
    assert [entry.strip() for entry in body.split(",")] == ["1.0f", "-0.5f", "0.0f", "-0.0f", "-0.0f"]


def test_invalid_arguments_raise():
    with pytest.raises(fx.ParameterError, match="format is 'fortran'; it must be one of 'c', 'cmsis'"):
        fx.LowPass().export("fortran", 48_000)
    with pytest.raises(fx.ParameterError, match="name is '1st'; it must be a name in C"):
        fx.LowPass().export("c", 48_000, name="1st")
    for name, format in (("_x", "matlab"), ("for", "c"), ("end", "matlab"), ("lambda", "numpy")):
        with pytest.raises(fx.ParameterError, match="no keyword"):
            fx.LowPass().export(format, 48_000, name=name)
    with pytest.raises(fx.ParameterError, match="differ by example"):
        fx.LowPass(torch.tensor([100.0, 200.0])).export("json", 48_000)
