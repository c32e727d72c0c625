"""Fixed-point simulation of filter flow graphs.

Entry point: `fixed_point.py`, with `fixed_point` and `zero_input_cycle`. `flow_graph` describes a filter as data and
computes its state space and its peak gains, `word_format` describes the stored words, and `compile_graph` generates the
code that runs a graph.
"""
