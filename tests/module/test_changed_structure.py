"""A parameter that is changed between two blocks of a stream: the stream goes on, or refuses its state."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

import fxlab as fx
from fxlab.engine import one_pole
from tests.support.specimens import RATE, can_stream, mark_slow, specimens

SPECIMENS = specimens()
REFUSAL = re.compile("between two blocks of a stream .* so the state does not fit; start a new stream")
X = 0.3 * torch.randn(2, 400, generator=torch.Generator().manual_seed(1))


def other_values(declaration: Any, value: Any) -> list[Any]:
    """Return some other values of a discrete parameter, among them neighbors and both ends; none of another one."""
    if isinstance(declaration, fx.Switch):
        return [not value]
    if isinstance(declaration, fx.Count):
        step = declaration.multiple
        near = {declaration.low, declaration.high, value - step, value + step} - {value}
        return sorted(each for each in near if declaration.low <= each <= declaration.high)
    if isinstance(declaration, fx.Choice):
        place, count = declaration.choices.index(value), len(declaration.choices)
        near = {0, count - 1, (place + 1) % count, place - 1 if place else count - 1} - {place}
        return [declaration.choices[each] for each in sorted(near)]
    return []


def changes() -> list[tuple[str, str]]:
    found = []
    for name, make in SPECIMENS.items():
        made = make()
        if can_stream(made):
            found += [(name, each) for each, d in made.declarations.items() if other_values(d, getattr(made, each))]
    return found


def continues(name: str, param: str, before: Any, after: Any) -> bool:
    """Return whether a stream goes on after a change, and False if it refuses its state; other errors are raised."""
    module = SPECIMENS[name]()
    try:
        setattr(module, param, before)
        stream = module.stream(RATE)
        stream(X[:, :200])
        SPECIMENS[name](**{param: after}).stream(RATE)(X)
    except fx.ParameterError:
        return True  # one of the two values is not allowed with the other parameters
    setattr(module, param, after)
    try:
        y = torch.cat([stream(X[:, 200:]), stream.flush()], -1)
    except fx.SignalError as error:
        if not REFUSAL.search(str(error)):
            raise
        return False
    assert bool(y.isfinite().all())
    return True


@pytest.mark.parametrize(("name", "param"), mark_slow(changes()))
def test_a_stream_goes_on_after_a_change_or_refuses_its_state(name, param):
    value = getattr(SPECIMENS[name](), param)
    for other in other_values(SPECIMENS[name]().declarations[param], value):
        continues(name, param, value, other)
        continues(name, param, other, value)


LINKED = ("AutoWah", "Compressor", "DeEsser", "Expander", "Gate", "Limiter", "MultibandCompressor", "TransientShaper")


@pytest.mark.parametrize("name", LINKED)
def test_linked_channels_may_part_but_not_the_reverse(name):
    assert continues(name, "link", True, False)
    assert not continues(name, "link", False, True)


@pytest.mark.parametrize(
    ("made", "change", "says"),
    [
        (fx.Phaser(stages=4), {"stages": 6}, "Phaser: .* its stages changed from 4 to 6"),
        (fx.FeedbackDelayNetwork(lines="4"), {"lines": "8"}, "FeedbackDelayNetwork: .* its lines changed from 4 to 8"),
        (fx.Resample(44_100), {"rate": 8000}, "Resample: .* its rate changed"),
        (fx.Speed(1.5), {"rate": 2.0}, "Speed: .* its rate changed"),
        (fx.LowPass([300.0, 900.0]), {"cutoff": 300.0}, r"LowPass: .* changed from \(2, 1, 2\) to \(1, 1, 2\)"),
        (fx.Ladder([300.0, 900.0]), {"cutoff": 300.0}, r"Ladder: .* changed from \(2, 4\) to \(1, 4\)"),
        (fx.Compressor(link=False), {"link": True}, r"Compressor: .* its state changed from \(2, 1\) to \(1, 1\)"),
    ],
)
def test_the_message_names_what_changed(made, change, says):
    x, stream = X if "link" in change else X[:1], made.stream(RATE)
    stream(x)
    for name, value in change.items():
        setattr(made, name, value)
    with pytest.raises(fx.SignalError, match=says + ".*, so the state does not fit; start a new stream"):
        stream(x)


@pytest.mark.parametrize(
    ("made", "name", "value"),
    [
        (fx.Distortion([3.0, 6.0]), "drive_db", 3.0),
        (fx.Distortion(3.0) | fx.LowPass(), "0.drive_db", [3.0, 6.0]),
        (fx.Delay(feedback=[0.2, 0.3]), "feedback", 0.2),
        (fx.Limiter(-3.0), "ceiling_db", [-3.0, -6.0]),
    ],
)
def test_other_numbers_of_values_are_named(made, name, value):
    stream, stage = made.stream(RATE), made[0] if name[0] == "0" else made
    stream(X[:1])
    setattr(stage, name.rpartition(".")[2], value)
    with pytest.raises(fx.SignalError, match=rf"the shape of .*{name}.* changed from .*; start a new stream"):
        stream(X[:1])


def test_another_error_of_a_block_is_raised_unchanged():
    class Failing(fx.StatefulModule):
        def forward_block(self, x, state, sample_rate):
            return (x, 0) if state is None else (torch.cat([x, x[:1, :1]], -1), 0)

    stream = Failing().stream(RATE)
    stream(X)
    with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
        stream(X)


@pytest.mark.parametrize("count", [8, 200])
def test_stages_that_run_in_one_call_refuse_their_state(count):
    filters, cutoffs, others = fx.Butterworth(2000.0, order=2), fx.LowPass([300.0, 900.0]), fx.LowPass([300.0, 900.0])
    for chain, stage, name, value in (
        (filters | fx.LowPass(), filters, "order", 6),
        (filters | fx.Tremolo(), filters, "order", 2),
        (cutoffs | fx.Peak(), cutoffs, "cutoff", 300.0),
        (fx.Mix(others | fx.Peak()), others, "cutoff", 300.0),
    ):
        stream = chain.stream(RATE)
        stream(X[:1, :count])
        setattr(stage, name, value)
        with pytest.raises(fx.SignalError, match=REFUSAL):
            stream(X[:1, :count])


@pytest.mark.parametrize(
    ("made", "change"), [(fx.Limiter(link=False), {"link": True}), (fx.Resample(44_100), {"rate": 8000})]
)
def test_a_change_before_the_end_of_a_stream_is_refused_too(made, change):
    stream = made.stream(RATE)
    stream(X)
    for name, value in change.items():
        setattr(made, name, value)
    with pytest.raises(fx.SignalError, match="so the state does not fit; start a new stream"):
        stream.flush()


def test_a_state_of_a_wrong_shape_at_the_first_block_is_an_error_of_the_engine():
    class Wrong(fx.StatefulModule):
        def forward_block(self, x, state, sample_rate):
            return one_pole(x, 0.5, torch.zeros(7, 1))

    with pytest.raises(fx.EngineError, match="state has the shape"):
        Wrong().stream(RATE)(X)
