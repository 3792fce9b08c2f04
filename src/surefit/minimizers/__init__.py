"""Go downhill from a batch of points."""
