"""Readings other than the curve at x: errors on x, bins of a histogram."""
