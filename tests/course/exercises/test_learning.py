"""The checks of notebook 16."""

from itertools import pairwise

import pytest
import torch

from fxlab.course import check
from tests.support.course_answers import rejects


def gradient(g, x, t):
    """Return the gradient of the loss by autograd."""
    g = torch.tensor(g, dtype=x.dtype, requires_grad=True)
    (slope,) = torch.autograd.grad((g * x - t).square().mean(), g)
    return slope


def adam(gradients, rate):
    """Return the steps of PyTorch's Adam."""
    parameter = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([parameter], lr=rate)
    places = [0.0]
    for each in gradients:
        parameter.grad = torch.tensor([each], dtype=torch.float64)
        optimizer.step()
        places.append(parameter.item())
    return [after - before for before, after in pairwise(places)]


def lms(w, x, d, step):
    return torch.stack([one + step * (d - torch.dot(w, x)) * each for one, each in zip(w, x, strict=True)])


def add_noise(x, noise, snr_db, *, decades=20):
    return x + noise * (x.norm() / noise.norm()) * 10 ** (-snr_db / decades)


def spoiling(w, x, d, step):
    w += step * (d - w @ x) * x
    return w


def test_right_answers():
    check.gain_gradient(gradient)
    check.adam(adam)
    check.lms(lms)
    check.noise_at_snr(add_noise)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("gain_gradient", lambda g, x, t: gradient(g, x, t) / 2, "Where is the 2"),
        ("gain_gradient", lambda g, x, t: gradient(g, x, t) * len(x), "sum over all samples"),
        ("gain_gradient", lambda g, x, t: -gradient(g, x, t), "right except for its sign"),
        ("gain_gradient", lambda g, x, t: (g * x - t).square().mean(), "the loss itself"),
        ("adam", lambda gradients, rate: [-each for each in adam(gradients, rate)], "uphill"),
        ("adam", lambda gradients, rate: [-rate * g / (abs(g) + 1e-8) for g in gradients], "step 3 is wrong"),
        ("adam", lambda gradients, rate: [-0.1 * rate * g / (0.001**0.5 * abs(g)) for g in gradients], "are missing"),
        ("adam", lambda gradients, rate: 0.1, "A list of 1 numbers"),
        ("lms", lambda w, x, d, step: 2 * lms(w, x, d, step) - w, "twice as long"),
        ("lms", lambda w, x, d, step: lms(w, x, d, -step), "wrong direction"),
        ("lms", lambda w, x, d, step: lms(w, x, d, step) - w, "is the change of the weights"),
        ("lms", lambda w, x, d, step: w + step * d * x, "is not subtracted"),
        ("lms", spoiling, "changes its argument"),
        ("noise_at_snr", lambda x, noise, snr_db: add_noise(x, noise, snr_db, decades=10), "is for powers"),
        ("noise_at_snr", lambda x, noise, snr_db: add_noise(x, noise, -snr_db), "is louder by as much"),
        ("noise_at_snr", lambda x, noise, snr_db: x + noise, "the ratio of the powers is"),
        ("noise_at_snr", lambda x, noise, snr_db: x, "no noise"),
        ("noise_at_snr", lambda x, noise, snr_db: 0.5 * add_noise(x, noise, snr_db), "is `x` itself scaled?"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
