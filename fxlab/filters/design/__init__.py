"""Filter design from a mask: the filter of lowest order that meets a specification."""
