"""The cards of modules, signals, comparisons and measurements, and their MIME bundles."""
