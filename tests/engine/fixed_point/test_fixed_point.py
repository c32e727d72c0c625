"""Fixed-point arithmetic against exact fractions, and against a textbook's examples with four bits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from fxlab.engine.fixed_point import fixed_point as engine
from fxlab.engine.fixed_point.compile_graph import max_accumulator
from fxlab.engine.fixed_point.fixed_point import fixed_point, zero_input_cycle
from fxlab.engine.fixed_point.flow_graph import FlowGraph, Node, Term, graph_state_space
from fxlab.engine.fixed_point.word_format import OVERFLOWS, PRODUCTS, ROUNDINGS, WordFormat
from fxlab.errors import EngineError


def one_pole(factor: int, fraction: int) -> FlowGraph:
    return FlowGraph((Node("y", (Term("x", 1), Term("d", factor, fraction))),), (("d", "y"),), "y")


def round_fraction(value: Fraction, word: WordFormat) -> int:
    floor = math.floor(value)
    if word.rounding == "truncate":
        return floor
    size = math.floor(abs(value) + (Fraction(1, 2) if word.rounding == "nearest" else 0))
    return size if value >= 0 else -size


def store(value: Fraction, word: WordFormat) -> int:
    integer, half = round_fraction(value, word), 2 ** (word.bits - 1)
    if word.overflow == "saturate":
        return max(-half, min(half - 1, integer))
    return (integer + half) % (2 * half) - half


def run_fractions(x: list[int], graph: FlowGraph, word: WordFormat, state: list[int]) -> tuple[list[int], list[int]]:
    """Run the graph as its docstring describes it, with fractions only."""
    outputs = []
    for sample in x:
        values = dict(zip([name for name, _ in graph.delays], state, strict=True)) | {"x": sample}
        for name, terms in graph.nodes:
            parts = [Fraction(factor) / Fraction(2) ** fraction * values[source] for source, factor, fraction in terms]
            if word.products == "rounded":
                parts = [Fraction(round_fraction(part, word)) for part in parts]
            values[name] = store(sum(parts, Fraction(0)), word)
        state = [values[source] for _, source in graph.delays]
        outputs.append(values[graph.output])
    return outputs, state


words = st.builds(
    WordFormat, st.integers(2, 60), st.sampled_from(OVERFLOWS), st.sampled_from(ROUNDINGS), st.sampled_from(PRODUCTS)
)


@st.composite
def graphs(draw: st.DrawFn) -> FlowGraph:
    states = [f"s{k}" for k in range(draw(st.integers(0, 3)))]
    known, nodes = ["x", *states], []
    for number in range(draw(st.integers(1, 4))):
        term = st.builds(Term, st.sampled_from(known), st.integers(-(2**20), 2**20), st.integers(-2, 24))
        nodes.append(Node(f"n{number}", tuple(draw(st.lists(term, max_size=4)))))
        known.append(f"n{number}")
    return FlowGraph(tuple(nodes), tuple((name, draw(st.sampled_from(known))) for name in states), known[-1])


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(graph=graphs(), word=words, seed=st.integers(0, 2**32), cut=st.integers(0, 12), many=st.booleans())
def test_any_graph_in_any_word_equals_fractions(graph, word, seed, cut, many):
    draw = np.random.default_rng(seed)
    rows = 30 if many else 2
    x = torch.from_numpy(draw.integers(word.min_value, word.max_value + 1, (rows, 12)))
    start = torch.from_numpy(draw.integers(word.min_value, word.max_value + 1, (rows, len(graph.delays))))
    y, after = fixed_point(x, graph, word, start)
    for row in (0, rows - 1):
        expected, last = run_fractions(x[row].tolist(), graph, word, start[row].tolist())
        assert y[row].tolist() == expected
        assert after[row].tolist() == last
    first, middle = fixed_point(x[:, :cut], graph, word, start)
    second, end = fixed_point(x[:, cut:], graph, word, middle)
    assert torch.equal(torch.cat([first, second], -1), y)
    assert torch.equal(end, after)


def test_numpy_rows_equal_python_integers(monkeypatch):
    graph = one_pole(-27_001, 15)
    x = torch.randint(-(2**20), 2**20, (4, 7, 300))
    for rounding in ROUNDINGS:
        for overflow in OVERFLOWS:
            word = WordFormat(22, overflow, rounding)
            found = []
            for rows in (1, 10_000):
                monkeypatch.setattr(engine, "MIN_NUMPY_ROWS", rows)
                found.append(fixed_point(x, graph, word))
            assert torch.equal(found[0][0], found[1][0])
            assert torch.equal(found[0][1], found[1][1])
            assert found[0][0].shape == x.shape
            assert found[0][1].shape == (4, 7, 1)


def test_accumulators_beyond_64_bits_use_python_integers():
    graph = one_pole(2**46 - 1, 46)
    word = WordFormat(48)
    assert max_accumulator(graph, word) > 2**62
    x = torch.randint(word.min_value, word.max_value, (40, 6))
    y, _ = fixed_point(x, graph, word)
    assert y[39].tolist() == run_fractions(x[39].tolist(), graph, word, [0])[0]


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("nearest", [-3, -2, -1, -1, 0, 1, 1, 2, 3]),
        ("truncate", [-3, -2, -1, -1, 0, 0, 0, 1, 2]),
        ("toward_zero", [-2, -1, 0, 0, 0, 0, 0, 1, 2]),
    ],
)
def test_roundings(rounding, expected):
    quarter = FlowGraph((Node("y", (Term("x", 1, 2),)),), (), "y")
    x = torch.tensor([-10, -6, -3, -2, 0, 2, 3, 6, 10])  # -2.5 -1.5 -0.75 -0.5 0 0.5 0.75 1.5 2.5
    assert fixed_point(x, quarter, WordFormat(8, rounding=rounding))[0].tolist() == expected


@pytest.mark.parametrize(("overflow", "expected"), [("saturate", [127, -128, 127]), ("wrap", [-128, 126, -2])])
def test_overflows(overflow, expected):
    double = FlowGraph((Node("y", (Term("x", 2),)),), (), "y")
    assert fixed_point(torch.tensor([64, -65, 127]), double, WordFormat(8, overflow))[0].tolist() == expected


@pytest.mark.parametrize(
    ("factor", "decay", "cycle"), [(1, [7, 4, 2, 1, 1, 1], [1]), (-1, [7, -4, 2, -1, 1, -1], [-1, 1])]
)
def test_textbook_limit_cycle_of_a_first_order_section(factor, decay, cycle):
    """Compare with Oppenheim and Schafer, section 6.10: 7/8 in four bits, a = 1/2 and a = -1/2."""
    x = torch.tensor([7, 0, 0, 0, 0, 0])
    y, state = fixed_point(x, one_pole(factor, 1), WordFormat(4))
    assert y.tolist() == decay
    assert sorted(zero_input_cycle(one_pole(factor, 1), WordFormat(4), state, 100).tolist()) == cycle
    _, state = fixed_point(x, one_pole(factor, 1), WordFormat(4, rounding="toward_zero"))
    assert zero_input_cycle(one_pole(factor, 1), WordFormat(4, rounding="toward_zero"), state, 100).tolist() == [0]


def test_cycle_longer_than_the_limit_is_none():
    count = FlowGraph((Node("y", (Term("d", 1), Term("one", 1))), Node("one'", (Term("one", 1),))), (), "y")
    count = count._replace(delays=(("d", "y"), ("one", "one'")))  # counts up, and wraps after 2^12
    assert len(zero_input_cycle(count, WordFormat(12, "wrap"), torch.tensor([0, 1]), 100_000)) == 4096
    assert zero_input_cycle(count, WordFormat(40, "wrap"), torch.tensor([0, 1]), 10_000) is None


def test_graph_state_space_equals_scipy():
    b, a = [0.5, 0.25, -0.125], [1.0, -1.25, 0.625]
    graph = FlowGraph(
        (
            Node("w", (Term("x", 1), Term("w1", 5, 2), Term("w2", -5, 3))),
            Node("y", (Term("w", 1, 1), Term("w1", 1, 2), Term("w2", -1, 3))),
        ),
        (("w1", "w"), ("w2", "w1")),
        "y",
    )
    for ours, theirs in zip(graph_state_space(graph), signal.tf2ss(b, a), strict=True):
        np.testing.assert_allclose(ours.reshape(theirs.shape), theirs, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("x", "state", "message"),
    [
        (torch.zeros(2, 4), None, "x is torch.float32 of shape (2, 4)"),
        (torch.zeros(2, 4).long(), torch.zeros(2, 1), "state is torch.float32"),
        (torch.zeros(2, 4).long(), torch.zeros(2, 2).long(), "state is torch.int64 of shape (2, 2)"),
    ],
)
def test_invalid_arguments_raise(x, state, message):
    with pytest.raises(EngineError) as caught:
        fixed_point(x, one_pole(1, 1), WordFormat(8), state)
    assert message in str(caught.value)


def test_no_rows_and_no_samples():
    for shape in [(0, 5), (3, 0), (0,), (40, 0)]:
        y, state = fixed_point(torch.zeros(shape).long(), one_pole(1, 1), WordFormat(8))
        assert y.shape == shape
        assert state.shape == (*shape[:-1], 1)
