"""Formulas in a line of text, as models: parsed against an allow-list, never run as code."""
