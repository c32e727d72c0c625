"""Convolution of complete signals and of streams with finite impulse responses.

Entry points: `convolve.py` for a complete signal, with gradients, and `streaming_convolver.py` for blocks.

- `convolve` calls the operators of `convolve_autograd`, which add derivatives, `vmap` and `torch.compile` support to
  `overlap_save` and `overlap_save_correlate`. `frame_plan` determines their frame length, `frames` divides signals and
  kernels into frames and partitions, and `row_parts` divides the leading dimensions of a batch.
- `row_transforms` has Fourier transforms whose rounding, on the CPU, does not depend on the number of rows.
- `short_blocks` convolves the short blocks of a stream with few calls.
- `StreamingConvolver` runs one or two stages of `partition_stage`.
"""
