"""Filter banks and crossovers."""
