"""The edits of a panel's module: stages, settings, presets, undo and Python code.

The entry point is `editor.py`: an `Editor` belongs to each panel, and makes every change through
`fxlab.panel.publisher.Publisher.run_edit`.

- `stage_edits.py`     inserts a stage, and merges the values of another module
- `movement_edits.py`  gives a parameter an LFO or an automation, and removes it
- `settings.py`, `presets.py`  the settings A to D, and the named presets
- `history.py`         the states for undo and redo; each contains a `Snapshot` from `snapshot.py`
- `module_catalog.py`  the modules that can be added, for `fxlab.panel.commands.stages`
- `codegen.py`         the Python code that `Panel.code` returns
"""
