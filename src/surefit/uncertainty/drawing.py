"""Data as they would be measured if the fitted curve and the errors were right."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.exceptions import NotAvailable
from surefit.uncertainty.fit_record import FitRecord


def draw_outputs(fit: FitRecord, n: int, rng: np.random.Generator) -> Float[np.ndarray, "k n m"]:
    """Outputs drawn from the fitted curve with the errors of the fit, correlated as they are.

    Args:
        fit: A `Fit`.
        n: How many data sets.
        rng: Source of randomness.

    Raises:
        NotAvailable: The size of the errors is not known.
    """
    if not (np.isfinite(fit.error_scale) and fit.error_scale > 0):
        raise NotAvailable("The errors on y are not known, so no data can be drawn.")
    data, where = fit.data, (fit.model, fit.working, fit.data.x)
    with np.errstate(all="ignore"):
        curve = np.asarray(data.reading.expected(*where, data.extent))
    if data.noise.covariance is None:
        # Errors on x are drawn as errors on y, which is right to first order.
        sigma = data.reading.carried_over(*where, data.noise.sigma, data.extent)
        noise = dataclasses.replace(data.noise, sigma=np.asarray(sigma) * fit.error_scale)
        weight = fit.loss.weight(data.y, noise)
        return fit.loss.draw(rng, curve, weight, (n, *data.y.shape))
    lower = np.linalg.cholesky(data.noise.covariance)
    return curve + (rng.standard_normal((n, data.n_points)) @ lower.T)[:, :, None]
