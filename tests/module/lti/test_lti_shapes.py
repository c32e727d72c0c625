"""The shapes of the analysis of linear time-invariant modules: single frequencies, batches and their alignment."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0


def polynomials(sos: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    return signal.sos2tf(sos.detach().numpy())


@pytest.mark.parametrize("name", ["response", "group_delay", "phase_delay", "phase"])
def test_a_single_frequency_gives_a_single_value(name):
    ask = getattr(fx.LowPass(sample_rate=RATE), name)
    assert ask(100.0).shape == ask(100).shape == ask(torch.tensor(100.0)).shape == ()
    assert ask([100.0]).shape == (1,)
    assert ask(np.array([100.0, 200.0], dtype=np.float32)).shape == (2,)
    assert ask([]).shape == (0,)
    assert ask([100.0, 200.0])[1] == ask(200.0)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(3,), (3, 2), (1, 2)])
def test_results_have_the_batch_dimensions_of_the_parameters(shape):
    cutoff = 200 + 3000 * torch.rand(shape, dtype=torch.float64)
    kinds = {
        "one": lambda c: fx.LowPass(c, 2.0),
        "chain": lambda c: fx.LowPass(c) | fx.HighPass(50.0),
        "sum": lambda c: fx.LowPass(c) + fx.HighPass(4000.0),
        "mix": lambda c: fx.Mix(fx.LowPass(c), 0.3),
        "weights": lambda c: fx.Mix(fx.LowPass(700.0), c / 4000),
    }
    f = torch.tensor([0.0, 10.0, 1000.0, 20_000.0])
    for name, make in kinds.items():
        made = make(cutoff)
        for ask in ("response", "group_delay", "phase_delay", "phase"):
            assert getattr(made, ask)(f, RATE).shape == (*shape, 4), (name, ask)
            assert getattr(made, ask)(50.0, RATE).shape == shape
        assert made.sos(RATE).shape[:-2] == shape
        assert made.impulse_response(RATE, duration=0.001).shape == (*shape, 48)
        assert made.is_stable(RATE)
        for place in list(np.ndindex(shape))[::2]:
            alone = make(cutoff[place].item())
            for ask in ("response", "group_delay", "phase_delay", "phase"):
                torch.testing.assert_close(
                    getattr(made, ask)(f, RATE)[place], getattr(alone, ask)(f, RATE), rtol=1e-8, atol=1e-10
                )
            for ask in ("poles", "zeros"):
                found, expected = (
                    np.sort_complex(getattr(m, ask)(RATE).numpy()[p]) for m, p in ((made, place), (alone, ()))
                )
                np.testing.assert_allclose(found, expected, atol=1e-6)
            h = alone.impulse_response(RATE, duration=0.001)
            torch.testing.assert_close(made.impulse_response(RATE, duration=0.001)[place], h)
            b, a = polynomials(made.sos(RATE)[place])
            np.testing.assert_allclose(signal.lfilter(b, a, np.eye(1, 48)[0]), h.numpy(), atol=1e-9)


def test_batches_of_different_rank_align_from_the_first_dimension():
    """(batch,) with (batch, channels), also where the two sizes are equal."""
    one, two = torch.tensor([200.0, 900.0]), torch.tensor([[300.0, 400.0], [500.0, 600.0]])
    f = [50.0, 700.0]
    joins = [
        lambda a, b: fx.LowPass(a) + fx.HighPass(b),
        lambda a, b: fx.LowPass(a) | fx.HighPass(b),
        lambda a, b: fx.Mix(fx.LowPass(a), b / 1000),
        lambda a, b: fx.Mix(fx.LowPass(b), a / 1000),
    ]
    x = torch.randn(2, 2, 50, dtype=torch.float64)
    for join in joins:
        made = join(one, two)
        y = made(x, sample_rate=RATE)
        for batch, channel in np.ndindex(2, 2):
            alone = join(one[batch], two[batch, channel])
            for ask in ("response", "group_delay", "phase"):
                torch.testing.assert_close(
                    getattr(made, ask)(f, RATE)[batch, channel], getattr(alone, ask)(f, RATE), rtol=1e-8, atol=1e-9
                )
            torch.testing.assert_close(
                y[batch, channel], alone(x[batch, channel], sample_rate=RATE), rtol=1e-6, atol=1e-7
            )
