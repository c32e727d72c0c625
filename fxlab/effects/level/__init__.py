"""Effects that change the level, the polarity or the constant part of a sound."""
