"""What the engine needs of PyTorch: custom operators, tracing, precision, a buffer pool, shapes and tensor checks."""
