"""The cards of modules, signals, comparisons and measurements, as MIME bundles."""
