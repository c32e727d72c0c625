"""Keys pressed in a panel: the front end's shortcuts work, except single keys and the keys that the panel uses."""

from __future__ import annotations

import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

SHOW = "runs = globals().get('runs', 0) + 1\npanel = fx.LowPass(cutoff=1000.0).panel(x)\npanel"

IS_DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"

SOURCES = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  return content.widgets.map(cell => cell.model.sharedModel.getSource());
}"""

ADD_COMMENT = """text => {
  const source = window.jupyterapp.shell.currentWidget.content.widgets[0].model.sharedModel;
  source.setSource(`${source.getSource()}\\n# ${text}`);
}"""

EDIT_ACTIVE_CELL = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.mode = 'edit';
  content.activeCell.editor.focus();
}"""


@pytest.mark.parametrize("app", ["lab", pytest.param("notebooks", marks=pytest.mark.own_page)])
def test_shortcuts_of_the_front_end_work_in_a_panel(lab: NotebookPage, app: str) -> None:
    """Saving, running the cell and undoing in the cell, in JupyterLab and Notebook 7; single keys do nothing."""
    name = lab.open(noise_cell(2.0), SHOW, app=app)
    path = lab.jupyter.root / name
    keyboard = lab.page.keyboard
    lab.play()
    assert "image/png" not in path.read_text()

    # Play has the focus, then a slider, then a text field.
    keyboard.press("Control+s")
    wait_until(lambda: "image/png" in path.read_text(), "the notebook to be saved")
    wait_until(lambda: lab.page.evaluate(IS_DIRTY) is False, "the notebook to be unchanged since")
    for text, control in (("slider", lab.slider("cutoff")), ("field", lab.field("cutoff"))):
        lab.page.evaluate(ADD_COMMENT, text)
        control.focus()

        def is_saved(text: str = text) -> bool:
            # JupyterLab ignores the key until it has made the checkpoint of the last save.
            keyboard.press("Control+s")
            return f"# {text}" in path.read_text()

        wait_until(is_saved, "the notebook to be saved again")

    # A key that JupyterLab would use in command mode, and the arrows, which move the selection there.
    lab.select(1)
    sources = lab.page.evaluate(SOURCES)
    cutoff = lab.value("cutoff")
    lab.slider("cutoff").focus()
    for key in ("a", "d", "d", "i", "i", "0", "0", "z", "Shift+m", "ArrowUp"):
        keyboard.press(key)
    lab.wait_for_value("cutoff", cutoff * 2 ** (1 / 12), rel=1e-3)
    lab.settle()
    assert lab.page.evaluate(SOURCES) == sources

    # Undo belongs to the panel while it has something to undo.
    lab.page.evaluate(EDIT_ACTIVE_CELL)
    keyboard.type("# ")
    edited = lab.page.evaluate(SOURCES)
    assert edited != sources
    lab.slider("cutoff").focus()
    keyboard.press("Control+z")
    lab.wait_for_value("cutoff", cutoff)
    lab.settle()
    assert lab.page.evaluate(SOURCES) == edited
    keyboard.press("Control+z")
    wait_until(lambda: lab.page.evaluate(SOURCES) == sources, "the cell to be as before")
    # Redo has a step in the panel.
    keyboard.press("Control+Shift+z")
    lab.wait_for_value("cutoff", cutoff * 2 ** (1 / 12), rel=1e-3)
    lab.settle()
    assert lab.page.evaluate(SOURCES) == sources
    # A text field has its own undo.
    lab.field("cutoff").focus()
    keyboard.type("77")
    keyboard.press("Control+z")
    wait_until(lambda: lab.field("cutoff").input_value() != "77", "the browser to undo in the text field")
    keyboard.press("Escape")
    lab.wait_for_value("cutoff", cutoff * 2 ** (1 / 12), rel=1e-3)
    assert lab.page.evaluate(SOURCES) == sources

    lab.slider("cutoff").focus()
    assert lab.evaluate("runs") == 1
    keyboard.press("Shift+Enter")
    wait_until(lambda: lab.evaluate("runs") == 2, "the cell to run")
    lab.panel()
    assert lab.page_errors == []
