"""Tests of `Clients`: the open pages and their newest request."""

from __future__ import annotations

import pytest

from fxlab.panel.clients import Clients
from fxlab.panel.rendering.request import RenderRequest


@pytest.fixture
def clients():
    return Clients(RenderRequest(0, None, 0.0, "cpu", ("magnitude",), options={"magnitude": {"scale": "log"}}))


def params(seq: int, **fields):
    return {"seq": seq, "client": "one", "values": {"q": 1.0 + seq}, "position": 0.5, **fields}


def test_request_has_an_audience_unless_its_page_was_closed_and_no_other_is_open(clients):
    request = clients.accept(params(1))
    assert not clients.any_open
    assert clients.has_audience(request), "a page may send values before it is ready"
    clients.open("one")
    clients.open("two")
    clients.close("one")
    assert clients.any_open
    assert clients.has_audience(request), "the other page plays it"
    clients.close("two")
    assert not clients.has_audience(request)


def test_accepted_params_keep_what_they_do_not_say(clients):
    request = clients.accept(params(3, loop=[1, 2], playing=True, revision=7))
    assert (request.seq, request.values, request.client, request.revision) == (3, {"q": 4.0}, "one", 7)
    assert (request.position, request.loop, request.playing) == (0.5, (1.0, 2.0), True)
    assert (request.device, request.views, request.options) == ("cpu", ("magnitude",), {"magnitude": {"scale": "log"}})
    assert clients.request is request


def test_command_never_lowers_the_sequence_number(clients):
    clients.accept(params(5))
    assert clients.accept_command({"seq": 6, "position": 2.0}) == 6
    assert clients.request.position == 2.0
    assert clients.accept_command({"seq": 4, "position": 1.0}) == 6
    assert clients.request.values == {"q": 6.0}, "its values are still to be set"


def test_values_are_taken_unless_a_newer_request_has_come(clients):
    old = clients.accept(params(1))
    new = clients.accept(params(2))
    clients.take_values(old)
    assert clients.request is new
    clients.take_values(new)
    assert clients.request.values is None
    assert clients.request.seq == 2
