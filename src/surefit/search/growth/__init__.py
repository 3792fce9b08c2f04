"""Grow sums of units without starting values: dictionary, exchange, descent, evidence."""
