"""The live page: a panel as one HTML file that runs its module without a kernel.

- `compiler`  prints the computation of a module as JavaScript or C
"""
