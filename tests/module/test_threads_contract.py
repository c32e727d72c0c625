"""What a call promises when several threads use one module, held for every public processor."""

from __future__ import annotations

import itertools
import threading

import pytest
import torch
from torch import Tensor, nn

from tests.support.specimens import (
    RATE,
    all_params,
    mark_slow,
    params_of,
    public_classes,
    specimens,
    value_at,
)

CLASSES = public_classes()
SPECIMENS = specimens()


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.slow
@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_threads_with_other_shapes_and_rates_do_not_meet(name):
    made = SPECIMENS[name]()
    shapes = [(64,), (2, 90), (3, 2, 40), (2, 2, 2, 33)]
    jobs = [(noise(*shape), RATE * (1 + k)) for k, shape in enumerate(shapes)]
    answers = [made(x, sample_rate=rate) for x, rate in jobs]
    wrong: list[object] = []
    start = threading.Barrier(len(jobs))

    def work(number: int) -> None:
        x, rate = jobs[number]
        start.wait()
        try:
            for _ in range(8):
                y = made(x, sample_rate=rate)
                if not torch.equal(y, answers[number]):
                    wrong.append((number, y))
                if any(type(getattr(made, param)) is not float for param in params_of(made)):
                    wrong.append((number, "read a tensor outside a call"))
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("name", mark_slow(SPECIMENS))
def test_outputs_have_the_same_bits_for_any_number_of_threads(name):
    made, threads = SPECIMENS[name](), torch.get_num_threads()
    jobs = [(noise(2, 2, 2, 33), 4 * RATE), (noise(2, 3000), RATE)]
    try:
        outputs = []
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            outputs.append([made(x, sample_rate=rate) for x, rate in jobs])
    finally:
        torch.set_num_threads(threads)
    for other in outputs[1:]:
        assert all(torch.equal(a, b) for a, b in zip(outputs[0], other, strict=True))


@pytest.mark.parametrize(("name", "param"), mark_slow(all_params()))
def test_a_value_set_while_another_thread_plays_is_heard_whole_or_not_at_all(name, param):
    made, x = SPECIMENS[name](), noise(2, 64)
    values = [value_at(CLASSES[name].declarations[param], place) for place in (0.3, 0.7)]
    answers = [SPECIMENS[name](**{param: value})(x, sample_rate=RATE) for value in values]
    setattr(made, param, values[0])
    done = threading.Event()
    wrong: list[object] = []
    turns = 0

    def turn() -> None:
        nonlocal turns
        for number in itertools.count():
            turns = number
            if done.wait(1e-4):  # a loop without a pause would keep Python's lock from the other thread
                return
            value = values[number % 2]
            setattr(made, param, nn.Parameter(torch.tensor(value, dtype=torch.float64)) if number % 3 == 0 else value)

    turner = threading.Thread(target=turn)
    turner.start()
    try:
        while turns < 6 and turner.is_alive():
            with torch.no_grad():
                y = made(x, sample_rate=RATE)
            if not any(torch.equal(y, answer) for answer in answers):
                wrong.append(y)
    finally:
        done.set()
        turner.join()
    assert turns >= 6
    assert not wrong
