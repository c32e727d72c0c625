"""Parts of a computation on several threads: results, exceptions, PyTorch's thread counts, forks and interruptions."""

import multiprocessing
import os
import signal
import threading
from contextvars import ContextVar

import pytest
import torch

from fxlab.engine.torch_support import worker_pool
from fxlab.engine.torch_support.single_thread import SingleThread, thread_counts
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts, without_openmp

needs_thread_counts = pytest.mark.skipif(
    thread_counts() is None, reason="this build of PyTorch has no thread count for a single thread"
)


@pytest.fixture
def three_threads(monkeypatch):
    """Let the caller have three threads, on a machine with any number of processors."""
    threads = torch.get_num_threads()
    monkeypatch.setattr(worker_pool, "available_cpus", lambda: 3)
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(threads)


class Meeting:
    """Parts that return only once `count` of them have begun, so that each must run on a thread of its own."""

    def __init__(self, count: int) -> None:
        self.barrier = threading.Barrier(count)

    def __call__(self, part: int) -> tuple[int, int]:
        self.barrier.wait(timeout=60)
        return part, threading.get_ident()


def test_results_are_in_the_order_of_the_parts():
    assert run_parts(lambda part: part**2, list(range(50)), 4) == [part**2 for part in range(50)]
    assert run_parts(lambda part: part**2, [3], 4) == [9]
    assert run_parts(lambda part: part**2, [], 4) == []


def test_parts_run_on_different_threads_and_one_of_them_is_the_callers():
    results = run_parts(Meeting(3), [0, 1, 2], 3)
    assert [part for part, _ in results] == [0, 1, 2]
    threads = {thread for _, thread in results}
    assert len(threads) == 3
    assert threading.get_ident() in threads


@needs_thread_counts
def test_every_part_has_one_thread_and_the_callers_number_is_unchanged(three_threads):
    def part(_: int) -> int:
        barrier.wait(timeout=60)
        return torch.get_num_threads()

    barrier = threading.Barrier(3)
    assert run_parts(part, [0, 1, 2], 3) == [1, 1, 1]
    assert torch.get_num_threads() == 3
    found = []
    other = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    other.start()
    other.join()
    assert found == [3]


@needs_thread_counts
def test_single_thread_restores_the_number(three_threads):
    with SingleThread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3
    with pytest.raises(ZeroDivisionError), SingleThread():
        raise ZeroDivisionError
    assert torch.get_num_threads() == 3


@needs_thread_counts
def test_limits_of_the_number_of_workers(three_threads, monkeypatch):
    assert max_workers() == 3
    monkeypatch.setattr(worker_pool, "available_cpus", lambda: 2)
    assert max_workers() == 2
    assert run_parts(lambda _: max_workers(), [0, 1], 2) == [1, 1]  # a part starts no parts on other threads
    counts = without_openmp(
        lambda: (torch.get_num_threads(), max_workers(), run_parts(lambda _: max_workers(), [0, 1], 2))
    )
    assert counts() == (1, 2, [1, 1])
    assert (torch.get_num_threads(), max_workers()) == (3, 2)
    torch.set_num_threads(1)
    assert max_workers() == 1


def test_without_thread_counts_there_is_one_worker(three_threads, monkeypatch):
    monkeypatch.setattr(worker_pool, "thread_counts", lambda: None)
    assert max_workers() == 1


@pytest.mark.parametrize("workers", [1, 3])
def test_an_exception_reaches_the_caller_and_no_further_part_begins(workers):
    begun = []

    def part(number: int) -> int:
        begun.append(number)
        raise ValueError(f"part {number}")

    with pytest.raises(ValueError, match="part"):
        run_parts(part, list(range(100)), workers)
    assert len(begun) <= workers
    assert run_parts(lambda number: number, [1, 2, 3], workers) == [1, 2, 3]


def test_an_exception_of_a_worker_reaches_the_caller():
    caller = threading.get_ident()
    barrier = threading.Barrier(2)

    def part(_: int) -> None:
        barrier.wait(timeout=60)
        if threading.get_ident() != caller:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_parts(part, [0, 1], 2)


def test_several_threads_call_at_once_and_parts_call_again():
    def outer(part: int) -> int:
        return sum(run_parts(lambda inner: 10 * part + inner, [1, 2, 3], 3))

    results: dict[int, list[int]] = {}

    def call(number: int) -> None:
        results[number] = [value for _ in range(20) for value in run_parts(outer, [number, number + 1], 2)]

    callers = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=120)
    assert results == {number: [30 * number + 6, 30 * number + 36] * 20 for number in range(4)}


@pytest.mark.parametrize("workers", [1, 3])
def test_parts_record_no_gradients_and_share_inference_mode(workers):
    meeting = Meeting(workers)

    def part(_: int) -> tuple[bool, bool]:
        meeting(0)
        return torch.is_grad_enabled(), torch.is_inference_mode_enabled()

    assert run_parts(part, list(range(workers)), workers) == [(False, False)] * workers
    assert torch.is_grad_enabled()
    meeting = Meeting(workers)
    with torch.inference_mode():
        assert run_parts(part, list(range(workers)), workers) == [(False, True)] * workers


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 and newer warn about threads
def test_a_forked_process_has_workers_of_its_own():
    run_parts(Meeting(3), [0, 1, 2], 3)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        threads = {thread for _, thread in run_parts(Meeting(3), [0, 1, 2], 3)}
        os.write(write, str(len(threads)).encode())
        os._exit(0)
    os.close(write)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert os.read(read, 10) == b"3"
    os.close(read)


def test_parts_read_the_context_variables_of_the_caller():
    variable = ContextVar("variable", default="unset")
    barrier = threading.Barrier(2)

    def part(_: int) -> str:
        barrier.wait(timeout=60)
        return variable.get()

    token = variable.set("set by the caller")
    try:
        assert run_parts(part, [1, 2], 2) == ["set by the caller"] * 2
    finally:
        variable.reset(token)


def test_an_interrupt_ends_the_call_after_the_running_parts():
    finished = []
    barrier = threading.Barrier(2)
    caller = threading.get_ident()

    def part(number: int) -> None:
        if number < 2:
            barrier.wait(timeout=60)
        if threading.get_ident() == caller:
            raise KeyboardInterrupt
        finished.append(number)

    with pytest.raises(KeyboardInterrupt):
        run_parts(part, list(range(1000)), 2)
    assert len(finished) < 1000
    count = len(finished)
    assert run_parts(lambda number: number, [1, 2], 2) == [1, 2]
    assert len(finished) == count
