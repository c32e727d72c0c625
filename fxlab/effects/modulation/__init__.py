"""Effects whose parameters change periodically."""
