"""Losses per event in units of −2 ln L, so that Δ = 1 is one standard deviation."""
