"""Combs, all-passes and networks by compiled functions equal those with derivatives, over several segments."""

import torch

from fxlab.engine.delay.all_pass_chain import all_pass_chain
from fxlab.engine.delay.comb_bank import comb_bank
from fxlab.engine.delay.delay_network import delay_network

TIME = 70_001  # three segments, the last one with a rest of a block


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(len(shape)))


def assert_same(run, x: torch.Tensor) -> None:
    with torch.no_grad():
        compiled = run(x)
    plain = run(x.clone().requires_grad_())
    torch.testing.assert_close(compiled, plain, rtol=0, atol=1e-11)


def test_combs_with_a_damping_of_their_own_in_each_row():
    gain, pole = noise(3, 4, 1).sigmoid(), torch.tensor([0.0, 0.3, 0.6]).double()[:, None, None]
    delays, weights = torch.tensor([[701, 813, 902, 1200]] * 3), noise(4, 1)
    lines = noise(3, 4, 3000)
    assert_same(lambda x: comb_bank(x, lines, delays, gain, pole, weights), noise(3, TIME))


def test_all_passes_of_short_and_long_delays():
    delays = [(3, 4), (225, 248), (40_000, 39_000)]
    lines = [noise(2, max(own)) for own in delays]

    def run(x):
        y, after = all_pass_chain(x, delays, 0.7, lines)
        # In the unused part of a line of a shorter delay there may be anything.
        return y, [line[row, -own[row] :] for line, own in zip(after, delays, strict=True) for row in range(2)]

    assert_same(run, noise(2, TIME))


def test_a_network_of_lines_with_filters():
    sections = torch.cat([0.1 * noise(2, 3, 3), torch.tensor([1.0, -1.2, 0.4]).expand(2, 3, 3)], -1).double()
    lossless, outputs = torch.linalg.qr(noise(3, 3)).Q, noise(2, 2, 3)
    lines, state = noise(2, 3, 1201), noise(2, 3, 2)
    delays = torch.tensor([701, 900, 1201])
    assert_same(lambda x: delay_network(x, lines, state, delays, sections, lossless, outputs), noise(2, 3, TIME))
