"""Declared parameters: their kinds, storage, validation and observers."""
