"""Effects that change the sound periodically."""
