"""Changes to a panel's module as a whole: stages, settings, presets, undo and the Python code."""
