"""Goodness of fit: what the residuals say of the model and of the errors."""
