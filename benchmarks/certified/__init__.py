"""Random problems of the kinds that NIST certifies, with references of an independent descent."""
