"""Tests of the Python code that builds a module again."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.panel.editing.codegen import generate_code


class Crackle(fx.Module):
    amount = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        return x * (1 + self.amount)


@pytest.mark.parametrize(
    "module",
    [
        fx.LowPass(cutoff=1 / 3) | fx.Peak(gain_db=6.0),
        fx.Chain(fx.LowPass(), fx.Mix(fx.Butterworth((300.0, 900.0), kind="bandpass"), mix=0.25), bypassed=[0]),
        fx.LowPass(q=torch.tensor([0.5, 2.0])) + fx.FIR(torch.arange(100.0).tolist()),
        fx.ParametricEQ(fx.Peak(300.0, -3.0), fx.HighShelf()) | Crackle(amount=0.2),
        fx.Chain(),
    ],
    ids=repr,
)
def test_code_builds_an_equal_module(module, noise):
    scope: dict = {}
    text = generate_code(module)
    exec(text, scope)
    assert repr(scope["module"]) == repr(module)
    torch.testing.assert_close(scope["module"](noise).samples, module(noise).samples)


def waveshaper(x: torch.Tensor, gain: float, kind: str = "soft", bias: float = 0.0) -> torch.Tensor:
    return (torch.tanh(gain * x) if kind == "soft" else (gain * x).clamp(-1, 1)) + bias


def test_code_wraps_callables_again(noise):
    """Callables are imported if possible; any other gets a name, which a comment describes."""
    network, other = torch.nn.Conv1d(2, 2, 1), lambda x: x.abs()
    kinds = fx.Choice("soft", ["soft", "hard"])
    drive = fx.wrap(waveshaper, gain=fx.Param(2.0, low=1.0, high=20.0, scale="log", unit="x"), kind=kinds, bias=0.1)
    module = fx.LowPass() | torch.tanh | drive | (lambda x: -x) | other | fx.wrap(network)
    module[2].gain, module[2].kind = 5.0, "hard"
    text = generate_code(module)
    assert (
        "fx.wrap(torch.tanh) | fx.wrap(waveshaper, gain=fx.Param(2.0, low=1.0, high=20.0, unit='x', scale='log'" in text
    )
    assert f"from {__name__} import waveshaper\n" in text
    assert [line.split()[1] for line in text.splitlines() if "has to be in scope" in line] == [
        "function",
        "function_2",
        "conv1d",
    ]
    scope: dict = {"function": lambda x: -x, "function_2": other, "conv1d": network}
    exec(text, scope)
    assert repr(scope["module"]) == repr(module)
    torch.testing.assert_close(scope["module"](noise).samples, module(noise).samples)
    single = fx.wrap(waveshaper, gain=fx.Param(2.0, low=1.0, high=20.0))
    single.gain = 3.0
    exec(generate_code(single), scope)
    assert float(scope["module"].gain) == 3.0
    assert scope["module"].declarations["gain"].default == 2.0


def test_code_names_what_has_to_be_in_scope():
    class Local(fx.Module):
        def forward(self, x, sample_rate):
            return x

    assert "# Local has to be in scope: a class of your own." in generate_code(Local())
    with pytest.raises(fx.ParameterError, match=r"FIR has 5000 numbers in taps, .* torch.save"):
        generate_code(fx.FIR([0.1] * 5000))
