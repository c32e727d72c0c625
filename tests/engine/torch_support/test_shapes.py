"""The first example of a batch."""

from __future__ import annotations

import torch

from fxlab.engine.torch_support.shapes import first_example


def test_the_first_example_of_a_batch():
    values = torch.arange(24.0).reshape(2, 3, 4)
    assert first_example(values).tolist() == [0.0, 1.0, 2.0, 3.0]
    assert torch.equal(first_example(values, 2), values[0])
    assert torch.equal(first_example(values[0, 0]), values[0, 0])
    assert first_example(torch.zeros(3, 0)).shape == (0,)
