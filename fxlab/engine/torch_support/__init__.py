"""Support code for PyTorch that the folders of the engine share.

- `custom_ops`: custom operators for `torch.compile` and `torch.export`; `gradients_with_graph`: gradients of gradients
- `tracing`: tests whether PyTorch records or transforms the code, and contexts outside of graphs and transforms;
  `known_values`: reading values where that is possible
- `precision`: the dtype and device of filter states, and contexts without autocast; `denormals`: removal of tiny values
- `buffer_pool`: reused memory for long outputs
- `worker_pool`: parts of a computation on several threads; `single_thread`: a context without PyTorch's own threads;
  `cpu_limits`: the number of available processors
- `script`: functions compiled with TorchScript; `time_tiles`: elementwise operations in tiles
- `shapes`, `row_windows`, `row_alignment` and `tensor_checks`: broadcasting, windows of rows, rows at equal alignments
  in memory, and checks of arguments; `state_shape`: the error for a state of the wrong shape
"""
