"""Effects that change the level."""
