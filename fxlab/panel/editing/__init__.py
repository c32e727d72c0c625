"""The edits of a panel's module: stages, settings, presets, undo and Python code.

The entry point is `editor.py`: each panel has an `Editor`, which makes the changes on the render thread; see
`fxlab.panel.publisher.Publisher`.

- `stage_edits.py`     inserts a stage, and merges the stages and values of another module
- `movement_edits.py`  gives a parameter an LFO or an automation, and removes it
- `settings.py`, `presets.py`  the settings A to D, and the named presets
- `history.py`         the states for undo and redo; each contains a `Snapshot` from `snapshot.py`
- `module_catalog.py`  the modules that can be added, for `fxlab.panel.commands.stages`
- `codegen.py`         the Python code that `Panel.code` returns
"""
