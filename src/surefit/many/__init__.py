"""Many separate fits of one model, each to its own data, as rows of one batch."""
