"""Tests of the pole-zero view: the roots are those of SciPy, and conjugate pairs are moved together."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from scipy import signal as scipy_signal

import fxlab as fx
from fxlab.panel.controls import spec
from fxlab.panel.controls.control_binding import control_bindings, control_values
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.renderer import Renderer
from tests.panel.conftest import RATE


def draw_plane(module: fx.Module, signal: fx.Signal) -> dict[str, Any]:
    fields, vectors = Renderer(module, signal, "cpu").draw_view("plane")
    assert vectors == {}
    return json.loads(json.dumps(fields))


def all_roots(fields: dict[str, Any], kind: str) -> np.ndarray:
    """Return all roots of a kind, including the conjugates."""
    found = []
    for root in fields["roots"]:
        if root["kind"] == kind:
            value = complex(root["re"], root["im"])
            found += [value, value.conjugate()] if root["pair"] else [value]
    return np.sort_complex(np.array(found))


@pytest.mark.parametrize("module", [fx.Peak(700.0, 9.0, 3.0), fx.Notch(1500.0), fx.LowShelf(400.0, -6.0)])
def test_roots_agree_with_scipy_and_frequency_and_q_move_a_pair(module: fx.Module, noise: fx.Signal) -> None:
    fields = draw_plane(module, noise)
    (row,) = module.sos(RATE).numpy()
    zeros, poles, _ = scipy_signal.tf2zpk(row[:3], row[3:])
    np.testing.assert_allclose(all_roots(fields, "pole"), np.sort_complex(poles), atol=1e-9)
    np.testing.assert_allclose(all_roots(fields, "zero"), np.sort_complex(zeros), atol=1e-9)
    assert fields["stable"] is True
    frequency = "frequency" if hasattr(module, "frequency") else "cutoff"
    moves = [(root["frequency"], root["q"]) for root in fields["roots"] if root["pair"]]
    assert set(moves) == {(frequency, "q")}
    assert all("frequency" not in root for root in fields["roots"] if not root["pair"])


def test_roots_of_a_chain_belong_to_stages_and_those_of_a_design_cannot_be_moved(noise: fx.Signal) -> None:
    chain = fx.LowPass(900.0) | fx.Butterworth(2000.0, order=5) | fx.ZPK(poles=[0.5, -0.5])
    fields = draw_plane(chain, noise)
    np.testing.assert_allclose(
        np.sort(np.abs(all_roots(fields, "pole"))), np.sort(chain.poles(RATE).abs().numpy()), atol=1e-9
    )
    by_stage = {name: [r for r in fields["roots"] if r["stage"] == name] for name in ("1 LowPass", "2 Butterworth")}
    assert by_stage["1 LowPass"][0]["frequency"] == "0.cutoff"
    assert all("frequency" not in root and "path" not in root for root in by_stage["2 Butterworth"])
    assert [root["path"] for root in fields["roots"] if root["stage"] == "3 ZPK"] == ["2.p.0", "2.p.1"]


def test_stored_roots_have_paths_and_no_further_controls(noise: fx.Signal) -> None:
    module = fx.ZPK(zeros=[1j, -1j, -1.0, -1.0], poles=[0.5, 0.3 - 0.6j, 0.3 + 0.6j, -0.2])
    fields = draw_plane(module, noise)
    assert [(r["path"], r["pair"]) for r in fields["roots"]] == [
        *(("z.0", True), ("z.2", True)),  # two equal real zeros: a pair on the axis
        *(("p.0", False), ("p.1", True), ("p.3", False)),
    ]
    assert [(r["re"], r["im"]) for r in fields["roots"] if r["pair"]] == [(0.0, 1.0), (-1.0, 0.0), (0.3, 0.6)]
    held = {path: slot.value for path, slot in control_bindings(module) if path.startswith("p.")}
    assert held == {"p.0.re": 0.5, "p.1.re": 0.3, "p.1.im": -0.6, "p.3.re": -0.2}
    (stage,) = spec.describe(module, noise, "cpu")["stages"]
    kinds = {p["path"]: p["kind"] for p in stage["params"]}
    assert kinds["p"] == "fixed"
    assert {kind for path, kind in kinds.items() if path.startswith(("p.", "z."))} == {"coordinate"}
    assert set(control_values(module)) == set(kinds) - {"p", "z"}


def test_pair_moves_onto_the_real_axis_and_off_again(noise: fx.Signal) -> None:
    module = fx.ZPK(zeros=[-1.0, -1.0], poles=[0.3 + 0.6j, 0.3 - 0.6j], gain=0.1)
    before = module.p
    renderer = Renderer(module, noise, "cpu")
    values = control_values(module)
    renderer.apply_values(values := {**values, "p.0.re": 0.2, "p.0.im": 0.7})
    torch.testing.assert_close(module.p, torch.tensor([0.2 + 0.7j, 0.2 - 0.7j], dtype=torch.complex128))
    assert before.tolist() == [0.3 + 0.6j, 0.3 - 0.6j], (
        "the tensor is replaced, because another thread may be reading it"
    )
    expected = scipy_signal.lfilter([0.1, 0.2, 0.1], np.poly(module.p.numpy()).real, noise.samples.double().numpy())
    np.testing.assert_allclose(renderer.render_full().numpy(), expected, atol=1e-5)
    renderer.apply_values(values := {**values, "p.0.im": 0.0})
    assert module.p.tolist() == [0.2, 0.2]
    renderer.apply_values({**values, "p.0.im": 0.1})
    assert module.p.tolist() == [0.2 + 0.1j, 0.2 - 0.1j]


def test_learned_roots_stay_the_same_object(noise: fx.Signal) -> None:
    learned = torch.nn.Parameter(torch.tensor([0.5j, -0.5j]))
    module = fx.ZPK(poles=learned)
    Renderer(module, noise, "cpu").apply_values({"p.0.re": 0.25})
    assert module.p is learned
    assert learned.tolist() == [0.25 + 0.5j, 0.25 - 0.5j]


def test_pole_outside_the_unit_circle_is_marked_and_not_played(noise: fx.Signal) -> None:
    module = fx.ZPK(poles=[0.9j, -0.9j])
    renderer = Renderer(module, noise, "cpu")
    renderer.apply_values({"p.0.re": 0.0, "p.0.im": 1.1})
    assert renderer.draw_view("plane")[0]["stable"] is False
    with pytest.raises(RenderError, match="unstable"):
        renderer.render_full()
    assert module.p.tolist() == [0.9j, -0.9j]


def test_too_many_roots_are_an_error(noise: fx.Signal) -> None:
    assert "roots are computed up to order 256" in draw_plane(fx.FIR(torch.ones(800)), noise)["error"]
    assert draw_plane(fx.FIR(torch.ones(9)), noise)["roots"][0]["kind"] in ("pole", "zero")
