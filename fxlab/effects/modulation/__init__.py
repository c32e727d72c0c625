"""Effects whose parameters move periodically."""
