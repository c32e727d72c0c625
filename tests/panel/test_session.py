"""Tests of how a session handles messages that it does not know, and of commands and queries in general."""

from __future__ import annotations

from fxlab.panel.commands import COMMANDS, QUERIES
from tests.support.panel_driver import PanelDriver


def test_unknown_messages_are_ignored_and_unknown_names_are_errors(panel):
    page = PanelDriver(panel)
    page.send(type="nothing", client="page")
    page.send(client="page")
    page.command("code")
    assert page.errors == [f"Panel: there is no command 'code'; there are {', '.join(sorted(COMMANDS))}."]
    page.query("undo", request="1")
    answers = lambda: [c for c, _ in page.received if c["type"] == "answer"]  # noqa: E731
    page.wait_until(answers, "the answer")
    assert answers() == [
        {
            "type": "answer",
            "request": "1",
            "error": f"Panel: there is no query 'undo'; there are {', '.join(sorted(QUERIES))}.",
        }
    ]


def test_query_renders_nothing_and_command_renders_once(panel):
    page = PanelDriver(panel)
    renders = panel._worker.renders
    for number, name in enumerate(("module_catalog", "code")):
        page.query(name, request=str(number))
    page.query("save_preset", request="2", preset="warm")
    page.wait_until(lambda: sum(c["type"] == "answer" for c, _ in page.received) == 3, "three answers")
    assert page.editor["presets"] == ["warm"]
    page.command("select_settings", letter="B")
    page.wait_for_render(page.seq)
    assert panel._worker.renders == renders + 1
