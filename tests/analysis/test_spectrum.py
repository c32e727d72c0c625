"""`long_term_spectrum` names what it cannot measure."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.analysis import long_term_spectrum

FREQUENCIES = torch.tensor([1000.0])


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (fx.Signal(torch.zeros(1, 8), 8000), r"the input is Signal, not a tensor .* pass signal\.samples"),
        ([0.0, 1.0], "the input is list, not a tensor"),
        (torch.zeros(2, 0), r"a real tensor of shape \(2, 0\)"),
        (torch.tensor(1.0), r"a real tensor of shape \(\)"),
        (torch.zeros(8, dtype=torch.complex64), r"a complex tensor of shape \(8,\)"),
    ],
    ids=["signal", "list", "empty", "scalar", "complex"],
)
def test_it_refuses_what_is_not_a_real_tensor_of_samples(sound, words):
    """The error says what was given and what to write."""
    with pytest.raises(fx.SignalError, match=f"long_term_spectrum: .*{words}"):
        long_term_spectrum(sound, FREQUENCIES, 8000)


def test_it_refuses_frequencies_that_are_not_a_tensor():
    """The error names the argument."""
    with pytest.raises(fx.ParameterError, match=r"long_term_spectrum: frequencies is list, .* torch\.as_tensor"):
        long_term_spectrum(torch.zeros(8), [1000.0], 8000)
