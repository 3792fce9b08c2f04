"""Where to start and when to stop: no starting values needed."""
