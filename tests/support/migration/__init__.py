"""The rows of docs/migration.md: calls of other tools and what they are in fxlab."""
