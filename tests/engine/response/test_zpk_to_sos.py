"""Sections from roots: SciPy's response, conjugates, gradients, and the gain between the sections."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from fxlab.engine import frequency_response, zpk_to_sos
from fxlab.errors import EngineError

TURNS = torch.linspace(0.0, 0.5, 201, dtype=torch.float64)
COMPLEX = st.builds(lambda r, w: r * np.exp(1j * w), st.floats(0.01, 0.97), st.floats(0.05, 3.0))
REAL = st.floats(-0.97, 0.97).map(complex)


def all_roots(pairs: list[complex], real: list[complex]) -> np.ndarray:
    return np.array([*pairs, *np.conj(pairs), *real], complex)


@given(
    poles=st.tuples(st.lists(COMPLEX, max_size=3), st.lists(REAL, max_size=3)),
    zeros=st.tuples(st.lists(COMPLEX, max_size=3), st.lists(REAL, max_size=3)),
    seed=st.integers(0, 99),
)
def test_sections_have_the_response_of_the_roots(poles, zeros, seed):
    draw = np.random.default_rng(seed)
    p, z = draw.permutation(all_roots(*poles)), draw.permutation(1.5 * all_roots(*zeros))
    if len(z) > len(p):
        with pytest.raises(EngineError, match=f"{len(z)} zeros and {len(p)} poles"):
            zpk_to_sos(torch.from_numpy(z), torch.from_numpy(p), torch.tensor(2.0))
        return
    sos = zpk_to_sos(torch.from_numpy(z), torch.from_numpy(p), torch.tensor(2.0))
    assert len(sos) == max(1, -(-len(p) // 2))
    _, expected = signal.freqz_zpk(z, p, 2.0, worN=2 * np.pi * TURNS.numpy())
    size = np.abs(expected).max()
    np.testing.assert_allclose(frequency_response(sos, TURNS, 1.0).numpy(), expected, rtol=1e-9, atol=1e-9 * size)


@pytest.mark.parametrize("kind", ["lowpass", "bandpass", "bandstop"])
@pytest.mark.parametrize("order", [3, 8, 11])
def test_gain_between_sections_is_close_to_scipys(kind, order):
    z, p, k = signal.ellip(order, 1.0, 60.0, 0.3 if kind == "lowpass" else [0.2, 0.3], kind, output="zpk")

    def largest_gain(sos: np.ndarray) -> float:
        parts = [signal.sosfreqz(sos[: n + 1], 4096)[1] for n in range(len(sos))]
        return max(np.abs(part).max() for part in parts)

    ours = zpk_to_sos(torch.from_numpy(z), torch.from_numpy(p), torch.tensor(k, dtype=torch.float64)).numpy()
    assert largest_gain(ours) < 4 * largest_gain(signal.zpk2sos(z, p, k))
    radius = [np.sqrt(abs(row[5])) for row in ours]
    assert radius[-1] == max(radius)


@pytest.mark.parametrize(
    ("roots", "message"),
    [
        ([0.5 + 0.1j], "0.5\\+0.1j has no conjugate"),
        ([0.5 - 0.1j, 0.5 - 0.1j, 0.5 + 0.1j], "0.5-0.1j has no conjugate"),
    ],
)
def test_root_without_its_conjugate_raises(roots, message):
    with pytest.raises(EngineError, match=message):
        zpk_to_sos(torch.tensor([]).to(torch.complex128), torch.tensor(roots), torch.tensor(1.0))


def test_gradients_to_roots_and_gain():
    def run(radius, angle, real, gain):
        pole = torch.polar(radius, angle)
        zero = torch.polar(1.2 * radius, angle / 2)
        poles = torch.stack([pole, pole.conj(), torch.complex(real, torch.zeros_like(real))])
        return zpk_to_sos(torch.stack([zero.conj(), zero]).resolve_conj(), poles.resolve_conj(), gain)

    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.9, 0.7, 0.4, 1.3)]
    assert torch.autograd.gradcheck(run, values)
