"""Where new points will lie: their own error beside that of the curve."""

from typing import Any

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float
from surefit.data.arrays import as_float_array
from surefit.data.noise import Noise
from surefit.exceptions import InvalidErrors, InvalidOption, ShapeMismatch

# Share of the variance of a count that the mean's error has to add to be told from none.
NEGLIGIBLE = 1e-6


def total_error(
    curve: Float[np.ndarray, "n m"], point: Float[np.ndarray, "n m"]
) -> Float[np.ndarray, "n m"]:
    """One standard deviation of y − f(x) for a new y, which is independent of the data's.

    Seber and Lee 2003, *Linear Regression Analysis*, section 5.3.1.

    Args:
        curve: That of the curve.
        point: That of the new point.
    """
    return np.hypot(curve, point)


def count_interval(
    mean: Float[np.ndarray, "n m"], error: Float[np.ndarray, "n m"], level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Central interval of a new count whose mean is known with an error.

    A count of a mean that is distributed as Γ is negative binomial (Greenwood and Yule 1920; as a
    predictive distribution Gelman et al. 2013, *Bayesian Data Analysis*, section 2.6).

    Args:
        mean: The curve.
        error: One standard deviation of it.
        level: Coverage, between 0 and 1; being whole numbers, counts have at least that.

    Returns:
        Lower and upper end, whole numbers that belong to the interval; NaN where the mean is
        not positive.

    Example:
        >>> low, high = count_interval(np.array([[100.0]]), np.array([[10.0]]), 0.6827)
        >>> low.item(), high.item()
        (86.0, 114.0)
    """
    usable = np.isfinite(mean) & (mean > 0) & np.isfinite(error)
    mean, variance = np.where(usable, mean, 1.0), np.where(usable, error, 0.0) ** 2
    is_known = variance <= NEGLIGIBLE * mean
    shape = mean**2 / np.where(is_known, 1.0, variance)
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        plain = scipy.stats.poisson.ppf(tail, mean)
        mixed = scipy.stats.nbinom.ppf(tail, shape, shape / (shape + mean))
        ends.append(np.where(usable, np.where(is_known, plain, mixed), np.nan))
    return ends[0], ends[1]


def new_error(noise: Noise, scale: float, x: np.ndarray, yerr: Any) -> np.ndarray:
    """One standard deviation of new points at x, shape (n, m).

    Args:
        noise: The errors of the data.
        scale: Factor on them.
        x: Where the new points are, checked.
        yerr: What the user says of their errors: a scalar, (n,), (n, m), a function of x, or None
            for that of the data, where all have the same.

    Raises:
        InvalidOption: None was said, and the data's own errors vary or are correlated.
        InvalidErrors: An error is not positive.
        ShapeMismatch: Their shape does not belong to x.
    """
    sigma = noise.sigma
    shape = (len(x), sigma.shape[1])
    if yerr is None:
        if noise.covariance is not None:
            raise InvalidOption(
                "The errors of the data are correlated, so it is not known what error a new point "
                "has; pass yerr, one standard deviation of each new point."
            )
        if (np.ptp(sigma, axis=0) > 1e-12 * sigma.max(axis=0)).any():
            raise InvalidOption(
                f"The errors of the data range from {sigma.min():.4g} to {sigma.max():.4g}, so it "
                "is not known what error a new point has; pass yerr, one standard deviation of "
                "each new point, or a function of x that gives it."
            )
        return np.broadcast_to(sigma[:1] * scale, shape)
    given, _ = as_float_array(yerr(x) if callable(yerr) else yerr, "yerr")
    if given.shape not in ((), shape[:1], (shape[0], 1), shape):
        raise ShapeMismatch(
            f"yerr has shape {given.shape}, but there are {shape[0]} new points; pass a scalar, "
            f"({shape[0]},) or {shape}."
        )
    if not (np.isfinite(given).all() and (given > 0).all()):
        raise InvalidErrors("yerr must be positive and finite: one standard deviation of new y.")
    return np.broadcast_to(given[:, None] if given.ndim == 1 else given, shape)
