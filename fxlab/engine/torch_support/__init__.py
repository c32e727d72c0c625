"""What the engine needs of PyTorch: custom operators, a buffer pool and shape arithmetic."""
