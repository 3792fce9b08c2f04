"""Random problems of the kinds that make people tinker with starting values."""
