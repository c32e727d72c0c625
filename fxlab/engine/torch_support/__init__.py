"""Support code for PyTorch that all folders of the engine share.

- `custom_ops`: custom operators for `torch.compile` and `torch.export`
- `tracing`: whether PyTorch is tracing or transforming the code; `known_values`: reading values where that is possible
- `precision`: the device for float64 values, and contexts without autocast
- `buffer_pool`: reused memory for long outputs
- `shapes` and `tensor_checks`: broadcasting, and checks of arguments
"""
