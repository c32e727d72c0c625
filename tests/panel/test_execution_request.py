"""A panel in a notebook that a program executes: what the output contains depends on the request for the cell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import fxlab as fx
from fxlab.panel import execution_request
from fxlab.panel.panel import WIDGET_VIEW


@pytest.mark.parametrize(
    ("request_content", "environment", "widget"),
    [
        ({"allow_stdin": True}, {}, True),
        ({"allow_stdin": False}, {}, False),
        ({"allow_stdin": False}, {"VOILA_BASE_URL": "/"}, True),
        ({}, {}, True),
    ],
    ids=["JupyterLab", "nbconvert", "Voila", "a front end that does not say"],
)
def test_only_a_front_end_with_a_page_is_sent_the_widget(
    monkeypatch: pytest.MonkeyPatch, request_content: dict[str, Any], environment: dict[str, str], widget: bool
) -> None:
    """The picture, the HTML and the text are there in every case."""
    shell = SimpleNamespace(get_parent=lambda: {"header": {}, "content": request_content})
    monkeypatch.setattr(execution_request, "get_ipython", lambda: shell)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    panel = fx.LowPass(1000.0).panel(fx.sine(440.0, 0.1))
    data, _ = panel._repr_mimebundle_()
    panel.close()
    assert (WIDGET_VIEW in data) is widget
    assert set(data) - {WIDGET_VIEW} == {"text/plain", "text/html", "image/png"}


@pytest.mark.parametrize("shell", [None, object()], ids=["no IPython", "IPython in a terminal"])
def test_without_a_kernel_the_widget_is_returned(monkeypatch: pytest.MonkeyPatch, shell: object) -> None:
    """There is no request then: marimo, a script, or a terminal."""
    monkeypatch.setattr(execution_request, "get_ipython", lambda: shell)
    assert execution_request.can_show_widgets()
