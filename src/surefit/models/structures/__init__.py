"""How a function depends on its parameters, found by calling it: roles, jumps, symmetries."""
