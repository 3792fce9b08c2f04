"""Plain NumPy functions, traced by JAX as they are written: exact derivatives, steps recorded."""
