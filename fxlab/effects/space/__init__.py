"""Effects of space and time: echoes, reverberation, and the position of a sound."""
