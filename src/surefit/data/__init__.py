"""Checked arrays, and reading them from files."""
