"""The sliding maximum and mean equal loops over the windows, also where the windows differ between the rows."""

import pytest
import torch

from fxlab.engine import sliding_maximum, sliding_mean
from fxlab.errors import EngineError

X = torch.randn(3, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("window", [1, 2, 3, 4, 7, 8, 40])
def test_one_window(window):
    windows = X.unfold(-1, window, 1)
    assert torch.equal(sliding_maximum(X, window), windows.amax(-1))
    torch.testing.assert_close(sliding_mean(X, window), windows.mean(-1))


def test_windows_that_differ():
    sizes, largest = [1, 4, 9], 9
    window = torch.tensor(sizes)[:, None]
    for row, size in enumerate(sizes):
        first = sliding_maximum(X[row], size)[: 40 - largest + 1]
        assert torch.equal(sliding_maximum(X, window, largest)[row], first)
        torch.testing.assert_close(
            sliding_mean(X, window, largest)[row], sliding_mean(X[row], size)[-(40 - largest + 1) :]
        )


@pytest.mark.parametrize("window", [3, torch.tensor([[2], [3]])])
def test_gradients(window):
    x = X[:2, :9].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: sliding_maximum(x, window, 3), (x,))
    assert torch.autograd.gradcheck(lambda x: sliding_mean(x, window, 3), (x,))


@pytest.mark.parametrize("function", [sliding_maximum, sliding_mean])
def test_a_window_that_is_none_is_an_error(function):
    for window in (0, -1, 2.0, True):
        with pytest.raises(EngineError, match=rf"{function.__name__}: window is {window}; .* 1 or more"):
            function(X, window)
    with pytest.raises(EngineError, match="window is 42 samples and x has 40; it must be at most one sample longer"):
        function(X, 42)
    assert function(X, 41).shape == (3, 0)
