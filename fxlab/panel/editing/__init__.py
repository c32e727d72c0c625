"""Editing: stages, settings, presets and undo of a panel's module, and its Python code."""
