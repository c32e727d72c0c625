"""Filters that change with time and run as banded systems of equations: rows of 8192 samples and more on the CPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import sosfilt_varying, ssfilt_varying
from fxlab.engine.recursion.varying import banded_solver, section_bands
from fxlab.engine.recursion.varying.section_bands import MIN_TIME, run_sections_in_bands
from fxlab.engine.recursion.varying.system_sections import sections_of_systems
from fxlab.engine.recursion.varying.varying_lanes import run_varying_sections
from fxlab.filters.virtual_analog.state_variable import state_variable_system

TIMES = [(16, MIN_TIME + 5), (1, MIN_TIME), (1000, 2 * MIN_TIME), (MIN_TIME + 3, 3 * MIN_TIME)]


def butterworths(count: int) -> torch.Tensor:
    """Return `(count, 2, 6)`: low-passes of order 4 from 20 Hz to 15 kHz, in random order."""
    corners = np.random.default_rng(count).permutation(np.geomspace(20.0, 15_000.0, count))
    return torch.from_numpy(np.stack([signal.butter(4, corner, fs=44_100, output="sos") for corner in corners]))


@pytest.mark.parametrize("tile", [section_bands.TILE, 1000], ids=["whole", "tiles"])
@pytest.mark.parametrize(("hop", "time"), TIMES[:1] + TIMES[2:])
def test_sections_equal_scipy_from_hop_to_hop(hop, time, tile, monkeypatch):
    monkeypatch.setattr(section_bands, "TILE", tile)
    torch.manual_seed(0)
    sos = butterworths(-(-time // hop))
    x, state = torch.randn(2, time, dtype=torch.float64), torch.randn(2, 2, 2, dtype=torch.float64)
    given = x.clone()
    y, after = sosfilt_varying(x, sos, hop, state)
    zi, expected = state.movedim(-2, 0).numpy(), []
    for number, sections in enumerate(sos.numpy()):
        part, zi = signal.sosfilt(sections, x[:, number * hop : (number + 1) * hop].numpy(), zi=zi)
        expected.append(part)
    reference = np.concatenate(expected, -1)
    np.testing.assert_allclose(y.numpy(), reference, rtol=0, atol=1e-10 * abs(reference).max())
    np.testing.assert_allclose(after.movedim(-2, 0).numpy(), zi, rtol=0, atol=1e-10 * abs(zi).max())
    assert torch.equal(x, given)


def test_sections_equal_chunks_side_by_side():
    torch.manual_seed(0)
    sos = torch.stack([butterworths(MIN_TIME // 16), butterworths(MIN_TIME // 16).flip(0)])
    x, state = torch.randn(2, MIN_TIME), torch.randn(2, 2, 2, dtype=torch.float64)
    for ours, other in zip(
        run_sections_in_bands(x, sos, 16, state), run_varying_sections(x, sos, 16, state), strict=True
    ):
        torch.testing.assert_close(ours, other, rtol=1e-6, atol=1e-6 * float(other.abs().max()))


@pytest.mark.parametrize("states", [1, 2, 4])
@pytest.mark.parametrize("filters", [1, 2])
@pytest.mark.parametrize(("hop", "time"), TIMES)
def test_systems_equal_a_loop_over_the_samples(hop, time, filters, states):
    torch.manual_seed(0)
    systems = torch.randn(filters, -(-time // hop), states + 1, states + 1, dtype=torch.float64)
    A = systems[..., :states, :states]
    A *= 0.98 / torch.linalg.matrix_norm(A, 2)[..., None, None]
    x, state = torch.randn(2, time, dtype=torch.float64), torch.randn(2, states, dtype=torch.float64)
    given = x.clone()
    y, after = ssfilt_varying(x, systems if filters > 1 else systems[0], state, hop_length=hop)
    assert torch.equal(x, given)
    for row in range(2):
        s, matrices = state[row].tolist(), systems[row % filters].tolist()
        expected = []
        for n, sample in enumerate(x[row].tolist()):
            values = [*s, sample]
            *s, out = (sum(map(float.__mul__, line, values)) for line in matrices[n // hop])
            expected.append(out)
        np.testing.assert_allclose(y[row].numpy(), expected, rtol=0, atol=1e-12 * max(map(abs, expected)))
        np.testing.assert_allclose(after[row].numpy(), s, rtol=1e-9, atol=1e-12)


SECTION_CASES = [(16, MIN_TIME + 5, kind) for kind in ("lowpass", "highpass", "bandpass", "notch", "allpass")]


@pytest.mark.parametrize(
    ("hop", "time", "kind"), [*SECTION_CASES, (2, MIN_TIME + 1, "lowpass"), (3000, 2 * MIN_TIME, "highpass")]
)
def test_state_variable_filters_run_as_sections_whose_state_continues(hop, time, kind):
    rng = np.random.default_rng(0)
    steps = -(-time // hop)
    g = torch.from_numpy(np.tan(np.pi * rng.permutation(np.geomspace(50.0, 15_000.0, steps)) / 44_100))
    systems = state_variable_system(kind, g, torch.from_numpy(rng.uniform(0.1, 1.9, steps)))
    assert sections_of_systems(systems[None]) is not None
    x, state = torch.randn(2, time, dtype=torch.float64), torch.randn(2, 2, dtype=torch.float64)
    y, after = ssfilt_varying(x, systems, state, hop_length=hop)
    for row in range(2):
        s, expected = state[row].numpy(), []
        for number, system in enumerate(systems.numpy()):
            part = x[row, number * hop : (number + 1) * hop].numpy()
            for sample in part:
                expected.append(system[2] @ (*s, sample))
                s = system[:2] @ (*s, sample)
        np.testing.assert_allclose(y[row].numpy(), expected, rtol=0, atol=1e-9 * np.abs(expected).max())
        np.testing.assert_allclose(after[row].numpy(), s, rtol=0, atol=1e-9 * np.abs(s).max() + 1e-12)


def test_systems_whose_output_does_not_show_their_state_do_not_run_as_sections():
    peak_without_resonance = state_variable_system(
        "peak", torch.full((4,), 0.1).double(), torch.full((4,), 2.0).double()
    )
    assert sections_of_systems(peak_without_resonance[None]) is None  # a zero cancels a pole
    integrators = torch.eye(3, dtype=torch.float64).repeat(4, 1, 1)
    assert sections_of_systems(integrators[None]) is None


def test_equal_rows_are_equal_whatever_else_is_in_the_batch():
    row, sos = torch.randn(MIN_TIME + 3), butterworths(MIN_TIME // 16 + 1)
    batch = torch.stack([row, torch.randn_like(row), row])
    y = sosfilt_varying(batch, sos, 16)[0]
    assert torch.equal(y[0], y[2])
    assert torch.equal(y[0], sosfilt_varying(row, sos, 16)[0])


def test_scipys_own_function_replaces_a_blas_with_other_integers(monkeypatch):
    x, sos = torch.randn(MIN_TIME), butterworths(MIN_TIME // 16)
    expected = sosfilt_varying(x, sos, 16)[0]
    monkeypatch.setattr(banded_solver, "SIGNATURE", b"another")
    monkeypatch.setattr(banded_solver, "_solver", banded_solver._solver.__wrapped__)
    assert torch.equal(sosfilt_varying(x, sos, 16)[0], expected)


@pytest.mark.parametrize("states", [2, 3], ids=["as sections", "as a system"])
def test_systems_and_states_that_pytorch_marks_as_negative(states):
    system = 0.1 * torch.ones(MIN_TIME // 16, states + 1, states + 1, dtype=torch.float64)
    system[:, 0, 1] = -0.8
    x, state = torch.randn(2, MIN_TIME), torch.randn(2, states, dtype=torch.float64)
    marked_system, marked_state = (torch.complex(each, -each).conj().imag for each in (system, state))
    y, after = ssfilt_varying(x, marked_system, marked_state, hop_length=16)
    expected, last = ssfilt_varying(x, system, state, hop_length=16)
    assert torch.equal(y, expected)
    assert torch.equal(after, last)
