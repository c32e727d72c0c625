"""Filter design from a mask: the filter of least order that meets a specification."""
