"""What a model is; lines and planes; a Python function as a model; tracing; structure."""
