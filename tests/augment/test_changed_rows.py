"""A draw for a part of a batch changes the rows that it is for, and no others."""

from __future__ import annotations

import pytest
import torch

from fxlab import augment
from fxlab.effects import Gain
from fxlab.errors import SignalError
from tests.augment.test_row_arrays import CASES, WRITERS

RATE = 8000
MODES = ["per_batch", "per_example", "per_channel"]
EXAMPLES, CHANNELS, SAMPLES = 6, 2, 1000


def sounds(dtype=torch.float32):
    """Return a batch that is not contiguous."""
    made = 0.2 * torch.randn(SAMPLES, CHANNELS, EXAMPLES, generator=torch.Generator().manual_seed(1), dtype=dtype)
    return made.permute(2, 1, 0)


def rows_of(x, *augmentations):
    """Return the rows of a batch, each a batch of its own: its channels if a mode is per_channel, or its examples."""
    modes = {mode for one in augmentations for mode in (one.mode, one.p_mode)}
    rows = x.flatten(0, 1)[:, None] if "per_channel" in modes else x
    return [row[None] for row in rows]


def draw_of_row(draw, row, rows):
    """Return the record of what `draw`, for a batch of `rows` rows, is for one of them."""

    def unit(values, number):
        return values[number * len(values) // rows]

    made = {**draw, "applied": [unit(draw["applied"], row)]}
    if "values" in draw:
        made["values"] = {name: [unit(value, row)] for name, value in draw["values"].items()}
    if "plan" not in draw:
        return made
    made |= {"plan": [unit(draw["plan"], row)], "parts": {}}
    for key, part in draw.get("parts", {}).items():
        step, index = map(int, key.split("."))
        members = [n for n in range(rows) if unit(draw["applied"], n) and unit(draw["plan"], n)[step] == index]
        if row in members:
            made["parts"][key] = draw_of_row(part, members.index(row), len(members))
    return made


def check_each_row(augmentation, x, tolerance):
    """Check the output for a batch against those for its rows, and that the batch is left alone."""
    before = x.clone()
    y = augmentation(x, RATE)
    draw = augmentation.last_draw
    assert torch.equal(x, before)
    rows, outputs = rows_of(x, augmentation), rows_of(y, augmentation)
    applied = []
    for number, (row, output) in enumerate(zip(rows, outputs, strict=True)):
        own = draw_of_row(draw, number, len(rows))
        applied += own["applied"]
        alone = augmentation.replay(own)(row, RATE)
        torch.testing.assert_close(output, alone, atol=tolerance, rtol=0)
        if not own["applied"][0]:
            assert torch.equal(output, row)
    if not torch.equal(y, x):
        assert y.untyped_storage().data_ptr() != x.untyped_storage().data_ptr()
    augmentation.unfreeze_parameters()
    return applied


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("p_mode", MODES)
@pytest.mark.parametrize("case", CASES)
def test_some_rows_are_changed_as_each_of_them_alone(case, p_mode, mode):
    kind, options = CASES[case]
    augmentation = kind(p=0.5, mode=mode, p_mode=p_mode, seed=3, **options)
    found = []
    for dtype in (torch.float32, torch.float64):
        for x in (sounds(dtype), sounds(dtype).contiguous()):
            found += check_each_row(augmentation, x, 1e-6 if dtype is torch.float32 else 1e-12)
    assert len(set(found)) == 2  # some were changed, and others were not


def containers(mode, p_mode):
    """Return containers of augmentations that write over their input, that do not, and that select their rows."""
    kinds = (augment.Gain, augment.Shift, augment.TimeMask, augment.RepeatPart, augment.LowPass, augment.Padding)
    options = [{}, {"fade_ms": 20.0}, {}, {"part_s": 0.01}, {"cutoff": (200.0, 2000.0)}, {"padding": "wrap"}]
    parts = [kind(p=0.7, **more) for kind, more in zip(kinds, options, strict=True)]
    parts += [Gain(-3.0), augment.Compose([augment.PolarityInversion(p=0.5), augment.Shift(p=0.5)])]
    shared = {"mode": mode, "p_mode": p_mode, "p": 0.8}
    return [
        augment.OneOf(parts, seed=1, **shared),
        augment.SomeOf(3, parts, seed=2, **shared),
        augment.SomeOf((0, 8), parts, shuffle=True, seed=3, **shared),
        augment.Compose(parts, seed=4, **shared),
        augment.Compose(parts, shuffle=True, seed=5, **shared),
        augment.Compose([augment.OneOf(parts), augment.SomeOf(2, parts)], seed=6, **shared),
    ]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("p_mode", MODES)
def test_a_container_changes_each_row_by_its_own_plan(p_mode, mode):
    for container in containers(mode, p_mode):
        check_each_row(container, sounds(torch.float32), 1e-5)
        for _ in range(3):
            check_each_row(container, sounds(torch.float64), 1e-11)


@pytest.mark.parametrize("mode", ["per_example", "per_channel"])
def test_targets_and_derivatives_are_those_of_the_changed_rows(mode):
    x, targets = sounds(torch.float64), torch.rand(EXAMPLES, CHANNELS, 100, dtype=torch.float64)
    for container in containers(mode, mode):
        plain = container(x, RATE)
        container.freeze_parameters()
        with_targets, moved = container(x, RATE, targets=targets)
        followed = x.clone().requires_grad_()
        traced = container(followed, RATE)
        for y in (with_targets, traced):
            torch.testing.assert_close(y, plain, atol=1e-11, rtol=0)
        assert moved.shape == targets.shape
        (derivative,) = torch.autograd.grad(traced.sum(), followed)
        draw, rows = container.last_draw, rows_of(x, container)
        for number, (row, labels) in enumerate(zip(rows, rows_of(targets, container), strict=True)):
            own = draw_of_row(draw, number, len(rows))
            given = row.clone().requires_grad_()
            alone, alone_moved = container.replay(own)(given, RATE, targets=labels)
            assert torch.equal(rows_of(moved, container)[number], alone_moved)
            (expected,) = torch.autograd.grad(alone.sum(), given)
            found = rows_of(derivative, container)[number]
            torch.testing.assert_close(found, expected, atol=1e-11, rtol=0)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("position", range(3))
def test_a_wrong_sample_in_a_row_that_is_not_changed_is_found(name, position):
    kind = getattr(augment, name)
    choices = [kind(p=1.0), augment.Gain(p=1.0), augment.Identity(p=1.0)]
    containers = [
        augment.OneOf(choices, weights=[float(n == position) for n in range(3)], seed=1),
        augment.OneOf(choices, seed=1),
        augment.SomeOf(1, choices, seed=1),
        augment.SomeOf(0, choices),
        augment.OneOf([augment.OneOf(choices).eval(), Gain(1.0)], seed=1),
        augment.OneOf([kind(p=0.0, seed=1) for kind in (augment.TimeInversion, augment.Trim, augment.Fade)], seed=1),
        augment.Compose([augment.Gain(p=0.5), *choices], seed=1),
        kind(p=0.5, seed=1),
    ]
    for row in range(EXAMPLES):
        wrong = sounds().contiguous()
        wrong[row, 1, 500] = float("nan")
        for container in containers[:1] if "Duration" in name or "Crop" in name else containers:
            with pytest.raises(SignalError, match=f"1 of {wrong.numel()} samples are NaN"):
                container(wrong, RATE)


def test_an_intermediate_result_is_changed_in_place_and_the_input_is_not():
    x = sounds().contiguous()
    before, version = x.clone(), x._version
    parts = [augment.Gain(p=1.0), augment.Shift(p=1.0), augment.TimeMask(p=1.0)]
    outputs = [augment.SomeOf(3, parts, seed=1)(x, RATE), augment.Compose(parts, seed=1)(x, RATE)]
    outputs += [augment.Compose([augment.Identity(p=1.0), *parts], seed=1)(x, RATE)]
    assert torch.equal(x, before)
    assert x._version == version
    assert len({y.data_ptr() for y in [x, *outputs]}) == 4
