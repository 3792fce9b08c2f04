"""Certified problems: how many digits of published results a fit reproduces."""
