"""Modules made of modules: Chain, Sum and Mix."""
