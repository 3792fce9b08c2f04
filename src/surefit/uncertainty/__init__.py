"""How far to trust the numbers: covariance, bands, goodness of fit."""
