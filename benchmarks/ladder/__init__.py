"""Studies of the ladder of `surefit.explain`: does it choose too large a model, what is spent."""
