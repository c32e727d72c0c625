"""Features of one or a few numbers per frame: the shape of the spectrum, level, zero crossings, onsets and pitch."""
